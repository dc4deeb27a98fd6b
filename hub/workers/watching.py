# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Watching what is in the way, all the time, so that health and metrics say since when and asking them costs nothing."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Never, TypeVar

from contracts.families.fields import BEIJING
from hub.health import Condition
from hub.identities.standing import identity_conditions
from hub.observing.codes import speakable
from hub.ports.bus import BusDown
from hub.ports.journal import Breaker, JournalDown, Standing, State
from hub.running import Hub

T = TypeVar("T")

EVERY = 1.0
_PATIENCE = 2.0  # a journal that takes longer to say that it is there is not
_STANDINGS_EVERY = 5.0
_STANDINGS_SHARE = 20  # at most one part in so many of the time goes into looking at the backlog
_UNOWNED_GRACE = timedelta(seconds=4)  # hubs take each other's partitions over without anybody noticing
_MOST_CONCERNS = 50
_MOST_HANGING = 3
_WAITING = frozenset({"waiting", "offered", "sending"})


class Watcher:
    """One per hub; ``run`` until cancelled, or ``look`` once. ``first_look`` is set when one is over."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.first_look = asyncio.Event()
        self._unowned_since: datetime | None = None
        self._hanging: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Look every second."""
        while True:
            await self.look()
            self.first_look.set()
            await self._hub.clock.sleep(EVERY)

    async def look(self) -> None:
        """See to the journal, the bus and the partitions. Takes a few seconds at most, whatever does not answer."""
        hub = self._hub
        began = hub.clock.now()
        down = await self._journal()
        blocked = [] if down is None else [Condition("journal", down.reason, began)]
        if down is None:
            blocked += await self._partitions(began)
        blocked += [*self._bus(), *self._leases(), *self._contracts(began)]
        concerns = [*(await self._transactions()), *self._concerns()]
        hub.health.found(blocked, concerns[:_MOST_CONCERNS])
        hub.rates.sample(hub.clock.monotonic(), hub.observer.figures)

    async def _journal(self) -> JournalDown | None:
        """Whether it can be written: also when a commit failed lately, for a full disk still answers questions."""
        journal = self._hub.journal
        down = await self._asked(journal.lookups.ping())
        if down is None and journal.commits.trouble:
            down = await self._asked(journal.observations.try_write())
            if down is None:
                journal.commits.trouble.clear()
        return down

    async def _asked(self, question: Coroutine[Any, Any, T]) -> T | JournalDown:
        """The answer, if it comes in time.

        A network that swallows everything also swallows that we gave up: so a question that hangs is left to itself, and
        when a few do, no more are asked.
        """
        if len(self._hanging) >= _MOST_HANGING:
            question.close()
            await asyncio.wait(self._hanging, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            return JournalDown("slow")
        asked = asyncio.create_task(question, name="watch")
        try:
            await asyncio.wait({asked}, timeout=_PATIENCE)
        finally:
            if not asked.done():
                asked.cancel()
                self._hanging.add(asked)
                asked.add_done_callback(self._hanging.discard)
        return asked.result() if asked.done() else JournalDown("slow")

    async def _partitions(self, now: datetime) -> Sequence[Condition]:
        hub = self._hub
        unowned = await self._asked(hub.journal.observations.unowned(hub.queues))
        if isinstance(unowned, JournalDown):
            return ()  # the journal itself is told of at the next look
        self._hub.health.unowned = unowned.partitions
        if not unowned.partitions:
            self._unowned_since = None
            return ()
        self._unowned_since = min(self._unowned_since or now, unowned.since or now)
        if now - self._unowned_since < _UNOWNED_GRACE:
            return ()
        return (Condition("partitions", f"{unowned.partitions} owned by no hub", self._unowned_since),)

    async def _transactions(self) -> Sequence[Condition]:
        """Transactions that wait for a person."""
        if all(outlet.machine is None for outlet in self._hub.outlets.values()):
            return ()
        needing = await self._asked(self._hub.journal.transactions.needing())
        if isinstance(needing, JournalDown):
            return ()  # the journal itself is told of at the next look
        return [
            Condition("transactions", f"{one.count} transactions need a person", one.since, destination)
            for destination, one in needing.items()
        ]

    def _bus(self) -> Iterator[Condition]:
        state = self._hub.bus.state()
        if isinstance(state, BusDown):
            yield Condition("bus", state.reason, self._at(state.since))

    def _leases(self) -> Iterator[Condition]:
        now = self._hub.clock.monotonic()
        lost = [until for _, until in self._hub.leases.held.values() if until <= now]
        if lost:
            yield Condition("leases", f"{len(lost)} ran out", self._at(min(lost)))

    def _contracts(self, now: datetime) -> Iterator[Condition]:
        if self._hub.vocabulary.unspoken:
            yield Condition("contracts", ", ".join(self._hub.vocabulary.unspoken), now)

    def _routes(self) -> Iterator[Condition]:
        """The table in force is not the one that this hub goes by, or the one in the shadow cannot be tried."""
        if self._hub.routes.trouble:
            yield Condition("routes", self._hub.routes.trouble, self._hub.clock.now())

    def _concerns(self) -> Iterator[Condition]:
        yield from self._routes()
        yield from self._hub.pulse.conditions()
        yield from self._hub.clock_watch.conditions()
        yield from self._intake()
        yield from self._gates()
        yield from self._sources()
        yield from self._mailboxes()
        yield from self._answers()
        yield from self._hub.catalogue.conditions(self._hub.clock.now())
        yield from self._parking()
        yield from self._hub.evidence.conditions(self._hub.clock.now())
        yield from self._deadlines()
        yield from self._hub.reports.conditions()
        yield from identity_conditions(self._hub.identities, self._hub.clock.now())
        late = timedelta(seconds=self._hub.telemetry.backlog_seconds)
        now = self._hub.clock.now()
        for destination, oldest in sorted(_oldest(self._hub.health.standings).items()):
            if now - oldest > late:
                reason = f"the oldest waits since {oldest.isoformat(timespec='seconds')}"
                yield Condition("backlog", reason, oldest + late, destination)

    def _intake(self) -> Iterator[Condition]:
        """Senders are slowed down or turned away because too much waits; since it is first seen."""
        intake = self._hub.intake
        if intake.refusal() is not None or intake.pause:
            reason = "nothing is taken" if intake.refusal() is not None else "senders are slowed down"
            yield Condition("intake", f"{intake.waiting} deliveries wait: {reason}", self._hub.clock.now())

    def _sources(self) -> Iterator[Condition]:
        """Sources whose far side does not answer."""
        for name, inlet in sorted(self._hub.inlets.items()):
            if inlet.trouble is not None:
                yield Condition("source", inlet.trouble.code, inlet.trouble.since, source=name)

    def _mailboxes(self) -> Iterator[Condition]:
        """Mailboxes that nobody fetches from: what lies there is none of a hub's doing, and somebody should be told."""
        now = self._hub.clock.now()
        lying = {one.destination: one.oldest for one in self._hub.health.standings if one.state == State.ACCEPTED}
        for name, oldest in sorted(lying.items()):
            outlet = self._hub.outlets.get(name)
            if outlet is not None and outlet.fetching is not None and now - oldest > outlet.fetching.neglected:
                reason = f"nobody fetched since {oldest.isoformat(timespec='seconds')}"
                yield Condition("neglected", reason, oldest + outlet.fetching.neglected, name)

    def _answers(self) -> Iterator[Condition]:
        """Destinations that accepted something and do not say what became of it."""
        for one in self._hub.health.standings:
            if one.overdue and one.overdue_since is not None:
                yield Condition(
                    "answers", f"{one.overdue} final answers are overdue", one.overdue_since, one.destination
                )

    def _parking(self) -> Iterator[Condition]:
        """Messages that have waited for more than half of the time that they may."""
        late = [one for one in self._hub.parking.standing.values() if one.alarming]
        if late:
            rules = ", ".join(sorted(one.reason for one in late))
            count, following = sum(one.alarming for one in late), min(one.next for one in late)
            reason = f"{count} wait by {rules}; the next is passed on at {following.isoformat(timespec='seconds')}"
            yield Condition("parked", reason, min(one.oldest for one in late))

    def _deadlines(self) -> Iterator[Condition]:
        """Destinations that are shut, with cases whose periods end while they are."""
        for name, told in sorted(self._hub.health.outlooks.items()):
            if told.coming:
                by = told.by.astimezone(BEIJING)
                reason = f"{told.coming}{'+' if told.more else ''} cases breach by {by:%H:%M} if it stays down"
                yield Condition("deadlines", reason, self._hub.clock.now(), name)

    def _gates(self) -> Iterator[Condition]:
        """Destinations that are shut. Why a person paused one is for operators, and this is for anybody."""
        for name, gate in sorted(self._hub.breakers.known.items()):
            if gate.paused is not None:
                yield Condition("paused", "paused by an operator", gate.paused.at, name)
            if gate.breaker is not Breaker.CLOSED:
                code = speakable(gate.reason.partition(":")[0])
                yield Condition("breaker", f"{gate.breaker.value}: {code}", gate.since, name)

    def _at(self, monotonic: float) -> datetime:
        """A moment of the monotonic clock on the wall."""
        return self._hub.clock.now() - timedelta(seconds=self._hub.clock.monotonic() - monotonic)


async def watch_backlog(hub: Hub) -> Never:
    """Count what is open, every few seconds; a look that takes long is followed by a long pause. Runs until cancelled."""
    while True:
        took = await look_at_backlog(hub)
        await hub.clock.sleep(max(_STANDINGS_EVERY, took * _STANDINGS_SHARE))


async def look_at_backlog(hub: Hub) -> float:
    """One look. How long it took, in seconds."""
    began = hub.clock.monotonic()
    standings = await hub.journal.observations.standings()
    ended = hub.clock.monotonic()
    if not isinstance(standings, JournalDown):
        hub.health.standings, hub.health.standings_at = standings, ended
        hub.intake.waiting = sum(one.count for one in standings if one.state in _WAITING)
    return ended - began


def _oldest(standings: Sequence[Standing]) -> dict[str, datetime]:
    oldest: dict[str, datetime] = {}
    for one in standings:
        if one.state in _WAITING:
            oldest[one.destination] = min(one.oldest, oldest.get(one.destination, one.oldest))
    return oldest
