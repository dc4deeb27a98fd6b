# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The relay at work: carries what commits offered to the bus, and fills the windows from the journal's backlog."""

import asyncio
from datetime import timedelta

from hub.path import relay
from hub.ports.bus import BusDown, BusUp, Frame, QueueName
from hub.ports.journal import JournalDown
from hub.running import Hub

WINDOW = 400
"""Deliveries of one partition on the bus at a time; the rest of a backlog waits in the journal."""

_PUBLISHES = 8
_TICK = 0.3
_ASTRAY_AFTER = timedelta(seconds=5)
_UNCLAIM_AFTER = timedelta(seconds=30)
_SWEEP_EVERY = 5.0


async def relay_offers(hub: Hub) -> None:
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
            publishes.create_task(one(list(frames)))


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
    hub.journal.offers.congested(frozenset(q for q, p in pressures.items() if p.offered >= WINDOW))
    for queue, pressure in pressures.items():
        if pressure.due and pressure.offered < WINDOW:
            await hub.journal.offers.offer_due(queue, WINDOW - pressure.offered)


class Sweep:
    """Finds what a bus swallowed and what a cut connection left claimed.

    Nothing is offered again by age alone: only once a frame made later has arrived, so that the window has moved past.
    In a quiet partition a marker frame makes it move.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._arrived: dict[QueueName, int] = {}
        self._identity = ""

    def arrived(self, frame: Frame) -> None:
        """Told of every frame that reaches this hub."""
        self._arrived[frame.queue] = max(self._arrived.get(frame.queue, 0), frame.id.int)

    async def run(self) -> None:
        """Sweep the owned partitions every few seconds. Runs until cancelled."""
        while True:
            await self._hub.clock.sleep(_SWEEP_EVERY)
            forgotten = self._has_forgotten()
            for queue in sorted(self._hub.leases.held):
                await self.once(queue, forgotten=forgotten)

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
        await hub.journal.offers.unclaim(queue, now - _UNCLAIM_AFTER, frozenset(hub.in_hand))
        astray = await hub.journal.offers.astray(queue, now if forgotten else now - _ASTRAY_AFTER)
        if isinstance(astray, JournalDown):
            return
        moved_past = self._arrived.get(queue, 0)
        outside = [(delivery, frame) for delivery, frame in astray if delivery not in hub.in_hand]
        lost = [delivery for delivery, frame in outside if forgotten or frame.int < moved_past]
        if lost:
            hub.log.warning("offered again", queue=str(queue), deliveries=len(lost))
            await hub.journal.offers.give_back(lost, now)
        if len(lost) < len(outside):
            await hub.bus.publish([Frame(hub.ids.new(), queue, ())])
