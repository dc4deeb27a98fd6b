# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a delivery, operators included, held against a model of a page: whatever is done in whatever order, the
journal is where the model says, no forbidden transition happens, and what is final stays as it is.

``GOVHUB_MODEL_EXAMPLES`` sets the number of runs of :data:`STEPS` steps each: a few in the ordinary suite, thousands in a
long night.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hub.ports.journal import (
    Acceptance,
    Act,
    Acted,
    Claim,
    DeadEntry,
    Decision,
    Ending,
    Finish,
    JournalDown,
    MessageView,
    Named,
    NotClaimable,
    Pace,
    Release,
    Settled,
    Stale,
    State,
    Stop,
)
from tests.support.journals import QUEUES, Bench, bench

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True, scope="session")

EXAMPLES = int(os.environ.get("GOVHUB_MODEL_EXAMPLES", "6"))
STEPS = 40
FINAL = {State.DELIVERED, State.SKIPPED, State.EXPIRED, State.WITHDRAWN}
PLACES = {"strict": (True, False), "notices": (True, True), "free": (False, True)}
"""Whether a destination orders, and whether its dead let their lanes go on."""

T = TypeVar("T")


@dataclass(slots=True)
class Delivery:
    """What the model knows of one."""

    id: UUID
    acceptance: Acceptance
    destination: str
    ordered: bool
    state: State = State.WAITING
    attempt: int = 0
    yields: bool = False
    late: bool = False
    claim: Claim | None = None
    doubted: Claim | None = None
    """In doubt by a takeover: whoever made this claim may still tell."""

    @property
    def lane(self) -> tuple[str, str]:
        return self.destination, self.acceptance.case


@dataclass(slots=True)
class Item:
    """A delivery in a replay's hand, as it was at the click."""

    delivery: Delivery
    attempt: int
    state: str = "pending"


@dataclass(slots=True)
class Replay:
    id: UUID
    items: list[Item]
    state: str = "running"


@dataclass(slots=True)
class World:
    """One database and one loop for all runs; each run has cases of its own."""

    loop: asyncio.Runner
    desk: Bench
    runs: int = 0
    finals: dict[UUID, State] = field(default_factory=dict)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)


class Life(RuleBasedStateMachine):
    """Senders, workers, a hub that dies, and two impatient operators."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.desk = world.desk
        world.runs += 1
        self.cases = [f"run-{world.runs}-{n}" for n in range(2)]
        self.deliveries: list[Delivery] = []
        self.replays: list[Replay] = []
        self.old_claims: list[Claim] = []
        self.seen: list[DeadEntry] = []

    def act(self, kind: str) -> Act:
        one = self.desk.ids.new()
        return Act(
            id=one, request=str(one), digest=b"", kind=kind, actor="keeper", via="api", reason="x", subject="",
            acted_at=self.desk.clock.now(),
        )  # fmt: skip

    def pick(self, data: st.DataObject, *states: State) -> Delivery:
        return data.draw(st.sampled_from([one for one in self.deliveries if one.state in states]))

    def having(self, *states: State) -> bool:
        return any(one.state in states for one in self.deliveries)

    @rule(case=st.integers(0, 1), destination=st.sampled_from(sorted(PLACES)))
    def accept(self, case: int, destination: str) -> None:
        ordered, _ = PLACES[destination]
        message = self.desk.acceptance(case=self.cases[case], to=(destination,), ordered=ordered)
        self.world.run(self.desk.journal.acceptances.accept(message))
        self.deliveries.append(Delivery(message.deliveries[0].id, message, destination, ordered))

    @precondition(lambda self: self.having(*State))
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        one = self.pick(data, *State)
        claimed = self.world.run(self.desk.journal.deliveries.claim(one.id, alone=True))
        if one.state is State.WAITING and (not one.ordered or self.is_head(one)):
            assert isinstance(claimed, Claim), (one, claimed)
            assert claimed.late == one.late
            one.state, one.claim, one.attempt, one.doubted = State.SENDING, claimed, one.attempt + 1, None
        else:
            assert claimed == NotClaimable(), (one, claimed)

    def is_head(self, one: Delivery) -> bool:
        ahead = self.deliveries[: self.deliveries.index(one)]
        return not any(
            other.lane == one.lane and other.ordered and not other.yields and other.state not in FINAL
            for other in ahead
        )

    @precondition(lambda self: self.having(State.SENDING))
    @rule(
        data=st.data(),
        state=st.sampled_from([State.DELIVERED, State.DEAD, State.DEAD, State.IN_DOUBT, State.WAITING, State.ACCEPTED]),
    )
    def settle(self, data: st.DataObject, state: State) -> None:
        one = self.pick(data, State.SENDING)
        assert one.claim is not None
        yields = state is State.ACCEPTED or (state is State.DEAD and PLACES[one.destination][1])
        due = self.desk.clock.now() if state is State.WAITING else None
        settlement = self.desk.settlement(one.claim, state, yields=yields, due_at=due)
        assert self.world.run(self.desk.journal.deliveries.settle(settlement)) == Settled()
        self.old_claims.append(one.claim)
        one.state, one.yields, one.claim = state, yields, None

    @precondition(lambda self: self.old_claims)
    @rule(data=st.data(), state=st.sampled_from([State.DELIVERED, State.DEAD]))
    def settle_late(self, data: st.DataObject, state: State) -> None:
        """It holds only where a takeover put that very sending in doubt, and only once."""
        old = data.draw(st.sampled_from(self.old_claims))
        (one,) = [one for one in self.deliveries if one.id == old.delivery_id]
        yields = state is State.DEAD and PLACES[one.destination][1]
        told = self.world.run(self.desk.journal.deliveries.settle(self.desk.settlement(old, state, yields=yields)))
        stands = one.state is State.IN_DOUBT and one.doubted is old
        assert told == (Settled() if stands else Stale()), (one, old)
        if stands:
            one.state, one.yields, one.doubted = state, yields, None

    @precondition(lambda self: self.having(State.SENDING))
    @rule()
    def hub_dies(self) -> None:
        self.world.run(self.desk.journal.ownerships.recover(QUEUES[1], set()))
        for one in self.deliveries:
            if one.state is State.SENDING:
                assert one.claim is not None
                self.old_claims.append(one.claim)
                one.state, one.doubted, one.claim = State.IN_DOUBT, one.claim, None

    @precondition(lambda self: self.having(State.DEAD, State.IN_DOUBT))
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        one = self.pick(data, State.DEAD, State.IN_DOUBT)
        found = self.world.run(self.desk.journal.dead_letters.chosen([one.id]))
        assert not isinstance(found, JournalDown)
        (entry,) = found
        assert (entry.state, entry.attempt, entry.late) == (one.state, one.attempt, one.late)
        self.seen.append(entry)

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), state=st.sampled_from([State.SKIPPED, State.DELIVERED]))
    def end_by_word(self, data: st.DataObject, state: State) -> None:
        """On what was seen, perhaps long ago."""
        entry = data.draw(st.sampled_from(self.seen))
        ending = Ending(entry, state, "X", "", "", self.desk.leaf("x"))
        done = self.world.run(self.desk.journal.dead_letters.end(self.act("discard"), [ending]))
        (one,) = [one for one in self.deliveries if one.id == entry.delivery]
        stands = (one.state, one.attempt) == (entry.state, entry.attempt)
        assert isinstance(done, Acted)
        assert done.applied == stands, (one, entry)
        if stands:
            one.state = state

    @precondition(lambda self: self.having(State.DEAD, State.IN_DOUBT))
    @rule(data=st.data(), doubtful=st.booleans())
    def click_resend(self, data: st.DataObject, doubtful: bool) -> None:  # noqa: FBT001  # because a rule draws it
        chosen = data.draw(st.lists(st.sampled_from(self.deliveries), min_size=1, unique_by=lambda one: one.id))
        wanted = Named(tuple(one.id for one in chosen), doubtful)
        done = self.world.run(
            self.desk.journal.replays.start(self.act("replay"), wanted, Pace(rate=10_000), list(PLACES))
        )
        taken = {State.DEAD, State.IN_DOUBT} if doubtful else {State.DEAD}
        free = [one for one in chosen if one.state in taken and not self.in_hand(one)]
        assert isinstance(done, Acted)
        assert done.applied == len(free)
        free.sort(key=lambda one: (one.acceptance.message_id, one.destination))
        self.replays.append(Replay(done.id, [Item(one, one.attempt) for one in free], "running" if free else "over"))

    def in_hand(self, one: Delivery) -> bool:
        return any(
            item.delivery is one and item.state in {"pending", "released"}
            for replay in self.replays
            for item in replay.items
        )

    @precondition(lambda self: any(replay.state == "running" for replay in self.replays))
    @rule(data=st.data(), count=st.integers(1, 3), then=st.sampled_from(["release", "release", "stop", "finish"]))
    def carry_on(self, data: st.DataObject, count: int, then: str) -> None:
        replay = data.draw(st.sampled_from([replay for replay in self.replays if replay.state == "running"]))
        decision: Decision = Release(count, 1, 1) if then == "release" else Stop("X", "")
        if then == "finish" and not any(item.state == "pending" for item in replay.items):
            decision = Finish()  # as the ramp does: only what is empty
        done = None
        while done is None:  # its pace may ask for a moment's patience
            done = self.world.run(
                self.desk.journal.replays.advance(
                    replay.id,
                    lambda _: decision,
                    lambda _item, _view: self.desk.leaf("replayed"),
                    self.desk.clock.now(),
                )
            )
        assert done == decision
        for item in replay.items:
            if item.state == "released" and item.delivery.state not in {State.WAITING, State.SENDING}:
                item.state = "ended"
        waiting = [item for item in replay.items if item.state == "pending"]
        if isinstance(decision, Release):
            for item in waiting[:count]:
                self.send_again(item)
        else:
            replay.state = "stopped" if isinstance(decision, Stop) else "over"
            for item in waiting:
                item.state = "held"

    def send_again(self, item: Item) -> None:
        one = item.delivery
        if one.state in {State.DEAD, State.IN_DOUBT} and one.attempt == item.attempt:
            one.late = one.late or (one.ordered and one.yields)
            one.state, one.ordered, one.yields = State.WAITING, one.ordered and not one.yields, False
            item.state = "released"
        else:
            item.state = "gone"

    @precondition(lambda self: any(replay.state == "stopped" for replay in self.replays))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        replay = data.draw(st.sampled_from([replay for replay in self.replays if replay.state == "stopped"]))
        done = self.world.run(self.desk.journal.replays.resume(self.act("resume"), replay.id))
        assert isinstance(done, Acted)
        assert done.applied == 1
        replay.state = "running"
        for item in replay.items:
            if item.state == "held":
                item.state = "gone" if self.in_hand(item.delivery) else "pending"

    @invariant()
    def the_journal_is_where_the_model_is(self) -> None:
        for one in self.deliveries:
            found = self.world.run(self.desk.journal.lookups.message(one.acceptance.message_id))
            assert isinstance(found, MessageView)
            state = found.deliveries[0].state
            assert (State.WAITING if state is State.OFFERED else state) is one.state, one
            if state in FINAL:
                assert self.world.finals.setdefault(one.id, state) is state, "what is final stays as it is"


async def _open(stack: AsyncExitStack, dsn: str) -> Bench:
    desk = await stack.enter_async_context(bench(dsn))
    await desk.journal.ownerships.beat(QUEUES, 86_400.0)  # nobody beats while the model thinks
    return desk


@pytest.mark.timeout(120 + 10 * EXAMPLES)
def test_whatever_happens_the_journal_follows_the_model(journal_dsn: str) -> None:
    stack = AsyncExitStack()
    with asyncio.Runner() as loop:
        world = World(loop, loop.run(_open(stack, journal_dsn)))
        try:
            run_state_machine_as_test(
                lambda: Life(world),  # type: ignore[arg-type]  # it takes whatever makes one
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            answers = loop.run(_double_answers(journal_dsn))
        finally:
            loop.run(stack.aclose())
    assert answers == 0
    assert world.finals, "some deliveries came to an end"


async def _double_answers(dsn: str) -> int:
    """Deliveries with two final answers."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(
            await connection.fetchval(
                "select count(*) from (select from settlement group by message_id, destination having count(*) > 1) twice"
            )
        )
    finally:
        await connection.close()
