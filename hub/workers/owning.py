# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Owning partitions: renews the leases, takes and gives up partitions, and keeps one consumer on each that is owned."""

import asyncio

from connectors.sdk import Idempotency
from hub.ports.bus import BusDown, QueueName
from hub.ports.journal import JournalDown, Ownership, Unspoken
from hub.running import Hub
from hub.vocabulary import LIVING
from hub.workers.consuming import consume
from hub.workers.relaying import Sweep

TTL = LIVING
_RELEASES = 5
_BEAT = 2.0
DEAF = 15.0
"""Seconds without the bus after which another hub may have this one's partitions: longer than a broker takes to restart."""
_MARGIN = 2.0  # a lease counts as run out this long before the database thinks so


class Owner:
    """One per hub. ``run`` until cancelled; then ``drain`` gives everything back in order."""

    def __init__(self, hub: Hub, sweep: Sweep) -> None:
        self._hub = hub
        self._sweep = sweep
        self._consumers: dict[QueueName, asyncio.Task[None]] = {}
        self._leaving: dict[QueueName, asyncio.Task[None]] = {}
        self.first_beat = asyncio.Event()
        self._repeatable, self._askable = (
            frozenset(name for name, outlet in hub.outlets.items() if outlet.policy.idempotency is kind)
            for kind in (Idempotency.NATIVE, Idempotency.QUERYABLE)
        )

    async def run(self) -> None:
        """Beat every two seconds."""
        while True:
            await self.beat()
            self.first_beat.set()
            await self._hub.clock.sleep(_BEAT)

    async def beat(self) -> None:
        """Renew, take what is ours, let go of what is too much."""
        hub = self._hub
        asked_at = hub.clock.monotonic()
        ownership = await hub.journal.ownerships.beat(hub.queues, TTL, deaf=self._is_deaf(asked_at))
        match ownership:
            case JournalDown(reason):
                hub.log.warning("no beat", reason=reason)
                return  # the leases run out by themselves if this goes on
            case Unspoken(schemas):
                hub.log.error("contracts in use are unknown here", schemas=schemas)
                hub.vocabulary.unspoken = schemas
                await self._adopt(Ownership({}, frozenset()), asked_at)
            case Ownership():
                hub.vocabulary.unspoken = ()
                await self._adopt(ownership, asked_at + TTL - _MARGIN)

    def _is_deaf(self, now: float) -> bool:
        """Cut off for long; a broker that only takes no messages for the moment takes none from others either."""
        state = self._hub.bus.state()
        return isinstance(state, BusDown) and not state.blocked and now - state.since > DEAF

    async def drain(self) -> None:
        """Stop taking, finish what is in hand, release the leases."""
        for outlet in self._hub.outlets.values():
            outlet.slots.stop()
        await asyncio.gather(*(self._stop(queue) for queue in list(self._consumers)), *self._leaving.values())
        held = sorted(self._hub.leases.held)
        for _ in range(_RELEASES):  # connections that were cut unheard show it one by one
            if not isinstance(await self._hub.journal.ownerships.release(held), JournalDown):
                break
        self._hub.leases.held.clear()

    async def _adopt(self, ownership: Ownership, until: float) -> None:
        held = self._hub.leases.held
        for queue in set(held) - set(ownership.epochs):
            del held[queue]  # from now on nothing claimed under the old epoch is sent
            self._leave(queue)
        for queue, epoch in ownership.epochs.items():
            if queue in held and held[queue][0] == epoch:
                held[queue] = (epoch, until)
            elif queue not in self._leaving:
                await self._take(queue, epoch, until)
        for queue in ownership.surplus & set(held):
            self._leave(queue)
        self._revive()

    async def _take(self, queue: QueueName, epoch: int, until: float) -> None:
        """Recover what a dead owner left, then consume. What cannot be recovered now is tried at the next beat."""
        recovered = await self._hub.journal.ownerships.recover(
            queue, self._repeatable, self._askable, self._hub.in_hand.deliveries
        )
        if isinstance(recovered, JournalDown):
            return
        if recovered:
            self._hub.log.warning("recovered", queue=str(queue), sending=recovered)
        self._hub.leases.held[queue] = (epoch, until)
        self._start(queue)

    def _start(self, queue: QueueName) -> None:
        if queue not in self._consumers:
            self._consumers[queue] = asyncio.create_task(
                consume(self._hub, self._sweep, queue), name=f"consume {queue}"
            )

    def _revive(self) -> None:
        """A consumer never ends by itself; one that did met a bug, and its partition must not stand still for it."""
        for queue, task in list(self._consumers.items()):
            if task.done():  # one that is stopped on purpose is not in this list any more
                error = None if task.cancelled() else task.exception()
                self._hub.log.error("consumer ended", queue=str(queue), exc_info=error)
                del self._consumers[queue]
                self._start(queue)

    def _leave(self, queue: QueueName) -> None:
        """Let a partition go without holding up the beat."""
        if queue not in self._leaving:
            self._hub.leases.leaving.add(queue)
            task = asyncio.create_task(self._give_up(queue), name=f"leave {queue}")
            self._leaving[queue] = task
            task.add_done_callback(lambda _: self._left(queue))

    def _left(self, queue: QueueName) -> None:
        self._leaving.pop(queue, None)
        self._hub.leases.leaving.discard(queue)

    async def _give_up(self, queue: QueueName) -> None:
        await self._stop(queue)
        await self._hub.in_hand.until_none_of(queue)  # frames of other queues may have brought some
        if self._hub.leases.held.pop(queue, None) is not None:
            await self._hub.journal.ownerships.release([queue])

    async def _stop(self, queue: QueueName) -> None:
        task = self._consumers.pop(queue, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
