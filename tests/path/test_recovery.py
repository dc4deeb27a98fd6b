# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery policy on the path: retries, breakers, questions about what is in doubt, and poison."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from connectors.sdk import Delivered, Idempotency, InDoubt, NotSeen, Outcome, QueryOutcome, Rejected, Unavailable
from hub.breakers import BreakerPolicy
from hub.ports.journal import Act, Acted, AttemptView, Breaker, DeliveryView, JournalDown, State
from hub.workers.relaying import fill_once
from tests.support.hubs import POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.sinks import Gate, ScriptedSink, Step, raising

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

AWAY = Unavailable("HTTP_503: away")
BREAKER = BreakerPolicy(failures=5, first=10.0, longest=100.0)
PATIENT = replace(POLICY, first=60.0, longest=60.0)
QUERYABLE = replace(POLICY, idempotency=Idempotency.QUERYABLE, ask_first=5.0, ask_longest=60.0)


async def delivery(rig: Rig, message: UUID, destination: str) -> DeliveryView:
    view = await rig.view(message)
    return next(one for one in view.deliveries if one.destination == destination)


def ends(attempts: Sequence[AttemptView]) -> list[tuple[State, str]]:
    return [(one.state, one.code) for one in attempts]


class TestImmediate:
    async def test_the_first_failures_are_tried_again_at_once_and_in_order(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [AWAY, AWAY]})
        place = Destination(sink=sink, policy=replace(PATIENT, immediate=2))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            first = await rig.accept(event("a", "m0"))
            await rig.accept(event("a", "m1"))
            await rig.until_state(State.DELIVERED, 2)  # the clock stands still all the time
            tried = (await delivery(rig, first, "housing")).attempts
        assert sink.of("a") == ["m0", "m0", "m0", "m1"]
        assert [one.attempt for one in tried] == [1, 2, 3]

    async def test_then_come_pauses(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [AWAY] * 3})
        place = Destination(sink=sink, policy=replace(PATIENT, immediate=2))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            (*_, last) = await rig.until_state(State.WAITING, 3)
            assert last.due_at is not None
            assert (last.due_at - rig.clock.now()).total_seconds() >= 30
            rig.clock.step(seconds=60)
            await fill_once(rig.hub)
            await rig.until_state(State.DELIVERED)
        assert len(sink.arrived) == 4

    async def test_they_queue_behind_whoever_waits(self, dsn: str) -> None:
        gate = Gate(AWAY)
        sink = ScriptedSink({"a": [gate, AWAY]})
        place = Destination(sink=sink, slots=1, policy=replace(PATIENT, immediate=2))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            await sink.until_arrived(1)
            for case in ("b", "c", "d"):
                await rig.accept(event(case))
            await _until(rig, lambda: _waiting(rig, "housing") == 3)
            gate.open()
            await rig.until_state(State.DELIVERED, 4)
        assert [one.attributes["subject"] for one in sink.arrived] == ["a", "b", "c", "d", "a", "a"]

    async def test_a_far_side_that_names_a_time_is_not_tried_before(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Unavailable("HTTP_429", retry_after=40.0)]})
        place = Destination(sink=sink, policy=replace(POLICY, immediate=2))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            (settlement,) = await rig.until_settled(1)
        assert settlement.due_at is not None
        assert (settlement.due_at - settlement.ended_at).total_seconds() == 40


def _waiting(rig: Rig, destination: str) -> int:
    """How many wait for a turn at a destination."""
    return rig.hub.outlets[destination].slots.wanted


async def _until(rig: Rig, holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        await rig.hub.clock.sleep(0.01)
    raise AssertionError("it never came to hold")


class TestBreaker:
    async def test_it_opens_and_burns_no_attempt_of_those_that_wait(self, dsn: str) -> None:
        away, well = ScriptedSink({f"c{n}": [AWAY] * 50 for n in range(30)}), ScriptedSink()
        away.health = AWAY
        places = {
            "away": Destination(sink=away, slots=1, policy=PATIENT, breaker=BREAKER),
            "well": Destination(sink=well, breaker=BREAKER),
        }
        async with hub_on(dsn, places) as rig, at_work(rig.hub):
            messages = [await rig.accept(event(f"c{n}")) for n in range(30)]
            await rig.until_state(State.DELIVERED, 30)
            await _until(rig, lambda: _open(rig, "away"))
            rig.clock.step(seconds=10)
            await away.until_checked(1)
            assert len(well.arrived) == 30
            assert len(away.arrived) == BREAKER.failures
            tried = [len((await delivery(rig, one, "away")).attempts) for one in messages]
            assert sum(tried) == BREAKER.failures

            later = await rig.accept(event("later"))
            await rig.until_state(State.DELIVERED, 31)
            assert (await delivery(rig, later, "away")).state is State.WAITING
            pressures = await rig.hub.journal.offers.pressure(rig.hub.queues)
            assert not isinstance(pressures, JournalDown)
            assert all(one.offered == 0 for one in pressures.values()), "the windows are empty"

            away.health = Delivered()
            away._scripts.clear()
            rig.clock.step(seconds=1000)
            await rig.until_state(State.DELIVERED, 62)
        assert len(away.arrived) == 31 + BREAKER.failures

    async def test_what_is_in_the_window_of_another_hub_waits_too(self, dsn: str) -> None:
        away = ScriptedSink({f"c{n}": [AWAY] * 50 for n in range(20)})
        away.health = AWAY
        place = Destination(sink=away, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"away": place}) as rig, by_hand(rig.hub):
            for n in range(20):
                await rig.accept(event(f"c{n}"))
            await rig.until_state(State.WAITING, BREAKER.failures)
            await rig.hub.breakers.tell()
            gates = await rig.hub.journal.gates.states()
            assert not isinstance(gates, JournalDown)
            assert gates["away"].breaker is Breaker.OPEN
        other = ScriptedSink()
        async with hub_on(dsn, {"away": Destination(sink=other, breaker=BREAKER)}, name="hub-2") as rig:
            async with by_hand(rig.hub):
                await fill_once(rig.hub)
                await rig.accept(event("new"))
            assert other.arrived == []

    async def test_rejected_is_an_answer(self, dsn: str) -> None:
        script: dict[str, list[Step]] = {f"a{n}": [AWAY] for n in range(4)}
        script["b"] = [Rejected("NO")]
        script.update({f"c{n}": [AWAY] for n in range(4)})
        sink = ScriptedSink(script)
        place = Destination(sink=sink, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            for n, case in enumerate(script, 1):
                await rig.accept(event(case))
                await rig.until_settled(n)
                await rig.hub.breakers.tell()
            assert not rig.hub.breakers.shut("housing")

    async def test_a_far_side_that_never_answers_opens_it_too(self, dsn: str) -> None:
        sink = ScriptedSink({f"c{n}": [InDoubt("TIMED_OUT: no answer in time")] for n in range(5)})
        place = Destination(sink=sink, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            for n in range(5):
                await rig.accept(event(f"c{n}"))
            await rig.until_settled(5)
            assert rig.hub.breakers.shut("housing")

    async def test_a_connector_with_a_bug_is_no_far_side_that_is_away(self, dsn: str) -> None:
        sink = ScriptedSink({f"c{n}": [raising(RuntimeError())] for n in range(8)})
        place = Destination(sink=sink, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            for n in range(8):
                await rig.accept(event(f"c{n}"))
            await rig.until_settled(8)
            assert not rig.hub.breakers.shut("housing")

    async def test_switched_off_it_never_opens(self, dsn: str) -> None:
        sink = ScriptedSink({f"c{n}": [AWAY] for n in range(20)})
        async with hub_on(dsn, {"housing": Destination(sink=sink, policy=PATIENT)}) as rig, by_hand(rig.hub):
            for n in range(20):
                await rig.accept(event(f"c{n}"))
            await rig.until_settled(20)

    @pytest.mark.parametrize("health", [InDoubt("NO_CHECK: cannot tell"), Rejected("HTTP_401", "does not know us")])
    async def test_where_a_check_cannot_tell_one_delivery_does_and_burns_no_attempt(
        self, dsn: str, health: Outcome
    ) -> None:
        sink = ScriptedSink({f"c{n}": [AWAY] * 2 for n in range(6)})
        sink.health = health
        place = Destination(sink=sink, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, at_work(rig.hub):
            messages = [await rig.accept(event(f"c{n}")) for n in range(6)]
            await _until(rig, lambda: _open(rig, "housing"))
            rig.clock.step(seconds=10)
            await sink.until_arrived(6)
            tried = await rig.until_settled(6)
            assert (tried[-1].state, tried[-1].counted) == (State.WAITING, False)
            assert tried[-1].claim.case == "c5", "the one that was not tried yet"
            sink._scripts.clear()
            await _until(rig, partial(_opened_so_often, rig, "housing", 2))
            rig.clock.step(seconds=1000)
            await rig.until_state(State.DELIVERED, 6)
            failures = [len((await delivery(rig, one, "housing")).attempts) for one in messages]
        assert failures == [2] * 6

    async def test_a_check_that_said_yes_in_vain_is_not_believed_again(self, dsn: str) -> None:
        sink = ScriptedSink({f"c{n}": [AWAY] * 50 for n in range(40)})
        place = Destination(sink=sink, slots=1, policy=PATIENT, breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, at_work(rig.hub):
            for n in range(40):
                await rig.accept(event(f"c{n}"))
            await _until(rig, lambda: _open(rig, "housing"))
            rig.clock.step(seconds=10)
            await rig.until_settled(2 * BREAKER.failures)  # the check said yes: so many again
            await _until(rig, partial(_opened_so_often, rig, "housing", 2))
            for probes in (1, 2, 3):
                rig.clock.step(seconds=200)
                await rig.until_settled(2 * BREAKER.failures + probes)
                await _until(rig, partial(_opened_so_often, rig, "housing", 2 + probes))
        assert len(sink.arrived) == 2 * BREAKER.failures + 3, "one delivery per probe"


def _open(rig: Rig, destination: str) -> bool:
    """Whether the journal says so."""
    gate = rig.hub.breakers.known.get(destination)
    return gate is not None and gate.breaker is Breaker.OPEN


def _opened_so_often(rig: Rig, destination: str, times: int) -> bool:
    return _open(rig, destination) and _openings(rig, destination) == times


def _openings(rig: Rig, destination: str) -> int:
    gate = rig.hub.breakers.known.get(destination)
    return 0 if gate is None else gate.openings


class TestPause:
    async def test_a_paused_destination_waits_and_a_resumed_one_goes_on(self, dsn: str) -> None:
        paused, other = ScriptedSink(), ScriptedSink()
        places = {"other": Destination(sink=other), "paused": Destination(sink=paused)}
        async with hub_on(dsn, places) as rig, at_work(rig.hub):

            def act(kind: str) -> Act:
                return Act(
                    id=rig.hub.ids.new(), request=kind, digest=b"", kind=kind, actor="wang", via="cli", reason="moves",
                    subject="paused", acted_at=rig.clock.now(),
                )  # fmt: skip

            assert isinstance(await rig.hub.journal.gates.pause(act("pause")), Acted)
            for n in range(5):
                await rig.accept(event("a", f"m{n}"))
            await rig.until_state(State.DELIVERED, 5)
            assert paused.arrived == []
            assert isinstance(await rig.hub.journal.gates.resume(act("resume")), Acted)
            await rig.until_state(State.DELIVERED, 10)
        assert paused.of("a") == other.of("a") == [f"m{n}" for n in range(5)]


class TestDoubt:
    @pytest.mark.parametrize(
        ("answer", "state"), [(Delivered("R-9"), State.DELIVERED), (Rejected("NO_INK"), State.DEAD)]
    )
    async def test_the_far_sides_word_settles_it_and_nothing_is_sent_again(
        self, dsn: str, answer: QueryOutcome, state: State
    ) -> None:
        sink = ScriptedSink({"a": [InDoubt("TIMED_OUT: no answer")]}, [answer])
        async with hub_on(dsn, {"seals": Destination(sink=sink, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            message = await rig.accept(event("a", "a1"))
            await rig.until_state(State.IN_DOUBT)
            assert sink.asked == [], "the far side gets time to finish"
            rig.clock.step(seconds=5)
            await rig.until_state(state)
            settled = await delivery(rig, message, "seals")
        assert settled.state is state
        assert sink.asked == [str(settled.id)] == [sink.arrived[0].idempotency_key]
        assert sink.of("a") == ["a1"]

    async def test_what_was_never_seen_is_sent_again_once_under_the_same_key(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [InDoubt("NO_ANSWER: cut")]}, [NotSeen()])
        async with hub_on(dsn, {"seals": Destination(sink=sink, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            message = await rig.accept(event("a", "a1"))
            await rig.accept(event("a", "a2"))
            await rig.until_state(State.IN_DOUBT)
            rig.clock.step(seconds=5)
            await rig.until_state(State.DELIVERED, 2)
            tried = (await delivery(rig, message, "seals")).attempts
        assert sink.of("a") == ["a1", "a1", "a2"]
        assert sink.arrived[0].idempotency_key == sink.arrived[1].idempotency_key
        assert ends(tried) == [
            (State.IN_DOUBT, "IN_DOUBT"), (State.WAITING, "NOT_SEEN"), (State.DELIVERED, "DELIVERED"),
        ]  # fmt: skip

    async def test_who_cannot_be_asked_now_is_asked_less_and_less_often_and_then_a_person_is(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [InDoubt("cut")]}, [Unavailable("HTTP_503")])
        policy = replace(QUERYABLE, age=timedelta(minutes=10))
        async with hub_on(dsn, {"seals": Destination(sink=sink, policy=policy)}) as rig, at_work(rig.hub):
            message = await rig.accept(event("a"))
            await rig.until_state(State.IN_DOUBT)
            for asked, pause in enumerate((5, 10, 20, 40, 60, 60), 1):
                rig.clock.step(seconds=pause - 1)
                await rig.hub.clock.sleep(0.6)
                assert len(sink.asked) == asked - 1
                rig.clock.step(seconds=1)
                await rig.until_state(State.IN_DOUBT, asked + 1)
            while (await delivery(rig, message, "seals")).attempts[-1].code != "ASKED_IN_VAIN":
                before = len(sink.asked)
                rig.clock.step(seconds=60)
                await sink.until_asked(before + 1)
                await rig.until_settled(before + 2)
            rig.clock.step(days=1)
            assert await rig.state(message) is State.IN_DOUBT
        assert len(sink.arrived) == 1

    async def test_what_dies_in_mid_send_is_asked_about_by_the_next_hub(self, dsn: str) -> None:
        async with hub_on(dsn, {"seals": Destination(sink=ScriptedSink(), policy=QUERYABLE)}) as rig:
            message = await rig.accept(event("a", "a1"))
            await rig.hub.journal.ownerships.beat(rig.hub.queues, 10.0)
            (one,) = (await rig.view(message)).deliveries
            await rig.hub.journal.deliveries.claim(one.id)
        sink = ScriptedSink(answers=[Delivered("R-1")])
        async with hub_on(dsn, {"seals": Destination(sink=sink, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            await rig.until_state(State.DELIVERED)
            settled = await delivery(rig, message, "seals")
        assert (settled.state, settled.reference) == (State.DELIVERED, "R-1")
        assert sink.arrived == []
        assert sink.asked == [str(settled.id)]

    async def test_a_doubt_survives_a_restart(self, dsn: str) -> None:
        first = ScriptedSink({"a": [InDoubt("cut")]})
        async with hub_on(dsn, {"seals": Destination(sink=first, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            await rig.accept(event("a"))
            await rig.until_state(State.IN_DOUBT)
        sink = ScriptedSink(answers=[InDoubt("not yet"), NotSeen()])
        place = Destination(sink=sink, policy=QUERYABLE)
        async with hub_on(dsn, {"seals": place}, name="hub-2") as rig, at_work(rig.hub):
            rig.clock.step(seconds=60)
            await sink.until_asked(1)
            await rig.until_settled(1)
            rig.clock.step(seconds=60)
            await rig.until_state(State.DELIVERED)
        assert len(sink.arrived) == 1


class TestPoison:
    @pytest.mark.parametrize("attempts", [12, 3])
    async def test_what_breaks_the_connector_every_time_is_dead_after_exactly_so_many_sends(
        self, dsn: str, attempts: int
    ) -> None:
        sink = ScriptedSink({"a": [raising(ValueError(f"made-up {n}")) for n in range(50)]})
        place = Destination(sink=sink, policy=replace(POLICY, attempts=attempts, poison=5), breaker=BREAKER)
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a"))
            neighbours = [await rig.accept(event(f"b{n}")) for n in range(10)]
            for sends in range(1, 5):
                await rig.until_state(State.WAITING, sends)
                rig.clock.step(seconds=1)
                await fill_once(rig.hub)
            await rig.until_state(State.DEAD)
            dead = await delivery(rig, message, "housing")
            others = [(await delivery(rig, one, "housing")).attempts for one in neighbours]
        assert len(sink.of("a")) == 5
        assert dead.code == "POISON"
        assert re.fullmatch(r"CONNECTOR_RAISED: ValueError stack [0-9a-f]{16}; body sha256 [0-9a-f]{64}", dead.detail)
        assert [ends(one) for one in others] == [[(State.DELIVERED, "DELIVERED")]] * 10

    async def test_an_ordinary_end_in_between_begins_the_count_anew(self, dsn: str) -> None:
        broken: list[Step] = [raising(ValueError())] * 4
        sink = ScriptedSink({"a": [*broken, AWAY, *broken]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            for sends in range(1, 10):
                await rig.until_state(State.WAITING, sends)
                rig.clock.step(seconds=1)
                await fill_once(rig.hub)
            await rig.until_state(State.DELIVERED)
        assert len(sink.arrived) == 10
