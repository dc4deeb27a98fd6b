# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The relay at work: carries what commits offered to the bus, and fills the windows from the journal's backlog."""

import asyncio
from datetime import timedelta
from itertools import count
from uuid import UUID

from hub.path import relay
from hub.ports.bus import BusDown, BusUp, Frame, QueueName
from hub.ports.journal import JournalDown
from hub.running import Hub
from hub.workers.bundling import Bundles

WINDOW = 120
"""Deliveries of one partition on the bus at a time; the rest of a backlog waits in the journal, where the urgent overtake it."""

SHARE = 60
"""Of those at most so many for one destination: one that is slow leaves room for the others."""

_PUBLISHES = 8
_TICK = 0.3
_ASTRAY_AFTER = timedelta(seconds=5)
_UNCLAIM_AFTER = timedelta(seconds=3)
_SWEEP_EVERY = 5.0
_SWEEP_SOON = 1.0
_UNSETTLED = 15.0
"""For so long after the bus or the journal came back, what they swallowed is looked for often."""
_MISSED_EVERY = 4


async def relay_offers(hub: Hub, bundles: Bundles) -> None:
    """Publish frames as commits produce them, a few publishes at a time. Runs until cancelled."""
    room = asyncio.Semaphore(_PUBLISHES)

    async def one(frames: list[Frame]) -> None:
        try:
            await relay(hub, frames)
        except Exception as bug:  # because one publish must not end all others; the sweep finds these offers again
            hub.log.error("bug in relay", frames=len(frames), exc_info=bug)
        finally:
            room.release()

    async with asyncio.TaskGroup() as publishes:
        async for frames in hub.journal.offers.offered():
            await room.acquire()
            publishes.create_task(one(bundles.of(frames)))


async def fill_windows(hub: Hub) -> None:
    """Offer what is due in the partitions this hub owns, as far as their windows have room. Runs until cancelled."""
    while True:
        await fill_once(hub)
        await hub.clock.sleep(_TICK)


async def fill_once(hub: Hub) -> None:
    """One look at every owned partition."""
    if isinstance(hub.bus.state(), BusDown):
        hub.journal.offers.congested(frozenset(hub.queues))
        return
    owned = sorted(hub.leases.held)
    pressures = await hub.journal.offers.pressure(owned) if owned else {}
    if isinstance(pressures, JournalDown):
        return
    hub.journal.offers.congested(
        frozenset(q for q, p in pressures.items() if p.offered >= WINDOW),
        frozenset((q, name) for q, p in pressures.items() for name, n in p.by_destination.items() if n >= SHARE),
    )
    for queue, pressure in pressures.items():
        if pressure.due and pressure.offered < WINDOW:
            rooms = {name: max(0, SHARE - n) for name, n in pressure.by_destination.items()}
            await hub.journal.offers.offer_due(queue, WINDOW - pressure.offered, SHARE, rooms)


class Sweep:
    """Finds what a bus swallowed and what a cut connection left claimed.

    Nothing is offered again by age alone: only once a frame made later has arrived, so that the window has moved past.
    In a quiet partition a marker frame makes it move.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.bundles = Bundles(hub.leases)
        self._arrived: dict[QueueName, int] = {}
        self._identity = ""
        self._troubled = False
        self._settled_at = -_UNSETTLED

    def arrived(self, frame: Frame) -> None:
        """Told of every frame that reaches this hub."""
        self._arrived[frame.queue] = max(self._arrived.get(frame.queue, 0), frame.id.int)
        self.bundles.arrived(frame)

    async def run(self) -> None:
        """Sweep the owned partitions every few seconds, and more often after a trouble. Runs until cancelled."""
        for turn in count():
            await self._pause()
            forgotten = self._has_forgotten()
            await self._hub.journal.deliveries.disown()
            owned = sorted(self._hub.leases.held)
            for queue in owned:
                await self.once(queue, forgotten=forgotten)
            if (
                owned and turn % _MISSED_EVERY == 0
            ):  # a partition at a time: this looks at everything that is held in it
                await self._hub.journal.offers.free_missed(owned[turn // _MISSED_EVERY % len(owned)])

    async def _pause(self) -> None:
        """Until the next sweep is due: at once when a trouble is over, soon while it is not long ago."""
        clock = self._hub.clock
        began = clock.monotonic()
        while True:
            was, self._troubled = self._troubled, self._in_trouble()
            if was and not self._troubled:
                self._settled_at = clock.monotonic()
                return
            lately = clock.monotonic() - self._settled_at < _UNSETTLED
            if clock.monotonic() - began >= (_SWEEP_SOON if lately else _SWEEP_EVERY):
                return
            await clock.sleep(_TICK)

    def _in_trouble(self) -> bool:
        return isinstance(self._hub.bus.state(), BusDown) or bool(self._hub.journal.commits.trouble)

    def _has_forgotten(self) -> bool:
        """Whether the bus is known to have lost what it held since the last look."""
        match self._hub.bus.state():
            case BusUp(identity):
                forgotten = self._identity not in {"", identity}
                self._identity = identity
                return forgotten
            case BusDown():
                return False

    async def once(self, queue: QueueName, *, forgotten: bool = False) -> None:
        """One sweep of one partition; ``forgotten``: nothing offered before is on the bus any more."""
        hub, now = self._hub, self._hub.clock.now()
        await hub.journal.offers.unclaim(queue, now - _UNCLAIM_AFTER, hub.in_hand.deliveries)
        astray = await hub.journal.offers.astray(queue, now if forgotten else now - _ASTRAY_AFTER)
        if isinstance(astray, JournalDown):
            return
        outside = [(delivery, frame) for delivery, frame in astray if delivery not in hub.in_hand.deliveries]
        lost = [(delivery, frame) for delivery, frame in outside if forgotten or self._moved_past(frame, queue)]
        if lost:
            hub.log.warning("offered again", queue=str(queue), deliveries=len(lost))
            await hub.journal.offers.give_back([delivery for delivery, _ in lost], now)
        quiet = {self.bundles.carrier(frame, queue) for _, frame in outside} if len(lost) < len(outside) else set()
        self.bundles.forget([frame for _, frame in lost], queue)
        await hub.bus.publish([Frame(hub.ids.new(), carrier, ()) for carrier in sorted(quiet)])

    def _moved_past(self, frame: UUID, queue: QueueName) -> bool:
        """Whether the queue by which the frame went has brought a later one, or brings us nothing any more."""
        carrier = self.bundles.carrier(frame, queue)
        return frame.int < self._arrived.get(carrier, 0) or (carrier != queue and carrier not in self._hub.leases.held)
