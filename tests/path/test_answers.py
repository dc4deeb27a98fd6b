# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer that comes later: applied once, whenever and wherever it comes, and never against what is final."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from connectors.sdk import (
    Accepted,
    Answer,
    Delivered,
    Heard,
    Idempotency,
    InDoubt,
    NotSeen,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)
from hub.acting import Order
from hub.api.dead import acting_of
from hub.observing.exposition import Exposition
from hub.ports.journal import Acted, DeliveryView, JournalDown, Named, Pace, Purged, Settled, State
from hub.stages.judge import judge
from hub.workers.asking import ask
from hub.workers.forgetting import forget_once
from hub.workers.watching import Watcher, look_at_backlog
from tests.support.hubs import POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.sinks import Gate, ScriptedSink, Step

AT = datetime(2026, 11, 28, 9, tzinfo=UTC)


def accepting(cases: int = 1, **changes: object) -> Destination:
    """A far side that accepts, under references of its own making: R-case."""

    async def accept(parcel: Parcel) -> Outcome:
        return Accepted(f"R-{parcel.attributes['subject']}")

    sink = ScriptedSink({f"case-{n}": [accept] * 9 for n in range(1, cases + 1)})
    return Destination(sink=sink, policy=replace(POLICY, **changes))  # type: ignore[arg-type]


@asynccontextmanager
async def working(dsn: str, destination: Destination, **more: object) -> AsyncIterator[Rig]:
    async with hub_on(dsn, {"seal": destination}, **more) as rig, at_work(rig.hub):  # type: ignore[arg-type]
        yield rig


async def answered(rig: Rig, *answers: Answer) -> Sequence[Heard]:
    return await rig.hub.answers.of("seal").answered(answers)


async def delivery(rig: Rig, message: UUID) -> DeliveryView:
    (only,) = (await rig.view(message)).deliveries
    return only


async def rows(dsn: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
        return found
    finally:
        await connection.close()


class TestOnTime:
    async def test_delivered_makes_it_delivered_with_proof_attempt_and_evidence(self, dsn: str) -> None:
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)

            heard = await answered(rig, Answer("R-case-1", Delivered("sealed-7"), AT))

            found = await delivery(rig, message)
        assert heard == [Heard.RECORDED]
        assert (found.state, found.code, found.reference) == (State.DELIVERED, "DELIVERED", "sealed-7")
        assert [(one.attempt, one.state) for one in found.attempts] == [(1, State.ACCEPTED), (2, State.DELIVERED)]
        (leaf,) = await rows(dsn, "select statement from leaf where message_id = $1 and destination = 'seal'", message)
        assert b"sealed-7" in leaf["statement"]
        assert await rows(dsn, "select from delivery_open") == []

    async def test_a_lane_that_has_gone_on_is_not_stopped_by_what_is_rejected_later(self, dsn: str) -> None:
        destination = accepting()
        async with working(dsn, destination) as rig:
            first = await rig.accept(event("case-1", "a"))
            await rig.until_state(State.ACCEPTED)
            await rig.accept(event("case-1", "b"))
            await rig.until_state(State.IN_DOUBT)  # the same reference twice
            assert await answered(rig, Answer("R-case-1", Rejected("NO"))) == [Heard.RECORDED]

            found = await delivery(rig, first)
        assert found.state is State.DEAD
        (row,) = await rows(dsn, "select yields from delivery_open where state = 'dead'")
        assert row["yields"]

    async def test_where_there_is_no_proof_the_reference_is(self, dsn: str) -> None:
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            await answered(rig, Answer("R-case-1", Delivered()))

            assert (await delivery(rig, message)).reference == "R-case-1"

    async def test_rejected_makes_it_a_dead_letter(self, dsn: str) -> None:
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)

            heard = await answered(rig, Answer("R-case-1", Rejected("NO_SEAL", "expired", ("renew it",))))

            found = await delivery(rig, message)
            groups = await rig.hub.journal.dead_letters.groups(0, 10)
        assert heard == [Heard.RECORDED]
        assert (found.state, found.code, found.detail) == (State.DEAD, "NO_SEAL", "expired; renew it")
        assert not isinstance(groups, JournalDown)
        assert [(group.destination, group.code, group.count) for group in groups] == [("seal", "NO_SEAL", 1)]

    @pytest.mark.parametrize("outcome", [Delivered("yes"), Rejected("NO")])
    async def test_where_completion_is_ordered_the_next_waits_for_it(
        self, dsn: str, outcome: Delivered | Rejected
    ) -> None:
        destination = accepting(ordered_completion=True, dead_continues=True)
        async with working(dsn, destination) as rig:
            await rig.accept(event("case-1", "a"))
            await rig.until_state(State.ACCEPTED)
            await rig.accept(event("case-1", "b"))
            await rig.accept(event("case-2", "c"))
            await rig.until_state(State.DELIVERED)  # another case passes it
            before = list(rig.watched.settled)
            await answered(rig, Answer("R-case-1", outcome))
            await rig.until(lambda settled: sum(s.state is State.ACCEPTED for s in settled) == 0 or len(settled) > 2)

        assert [s.claim.case for s in before] == ["case-1", "case-2"]
        assert isinstance(destination.sink, ScriptedSink)
        assert destination.sink.of("case-1") == ["a", "b"]

    async def test_many_share_a_commit(self, dsn: str) -> None:
        async with working(dsn, accepting(60)) as rig:
            for n in range(1, 61):
                await rig.accept(event(f"case-{n}"))
            await rig.until_state(State.ACCEPTED, 60)

            heard = await answered(rig, *(Answer(f"R-case-{n}", Delivered()) for n in range(1, 61)))

            commits = rig.hub.journal.commits.rows["answer"]
        assert set(heard) == {Heard.RECORDED}
        assert sum(commits.counts) <= 3
        assert await rows(dsn, "select from delivery_open") == []


class TestAgain:
    async def test_a_repeat_is_known(self, dsn: str) -> None:
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            answer = Answer("R-case-1", Delivered("sealed-7"), AT)

            heard = [*await answered(rig, answer, answer), *await answered(rig, answer)]

            found = await delivery(rig, message)
        assert heard == [Heard.RECORDED, Heard.KNOWN, Heard.KNOWN]
        assert len(found.attempts) == 2
        assert all(one.told_late is None for one in found.attempts)

    @pytest.mark.parametrize(
        ("first", "second", "state"),
        [
            (Delivered("yes"), Rejected("NO", "after all"), State.DELIVERED),
            (Rejected("NO"), Delivered("yes"), State.DEAD),
        ],
    )
    async def test_the_opposite_is_told_beside_it_and_changes_nothing(
        self, dsn: str, first: Delivered | Rejected, second: Delivered | Rejected, state: State
    ) -> None:
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)

            heard = await answered(rig, Answer("R-case-1", first), *[Answer("R-case-1", second)] * 2)

            found = await delivery(rig, message)
            assert rig.logged("answer contradicted")
        late = found.attempts[-1].told_late
        assert heard == [Heard.RECORDED, Heard.CONTRADICTED, Heard.CONTRADICTED]
        assert found.state is state
        assert late is not None
        assert (late.state, late.code) == (
            (State.DEAD, "NO") if isinstance(second, Rejected) else (State.DELIVERED, "DELIVERED")
        )

    async def test_two_hubs_that_hear_opposites_agree_on_one(self, dsn: str) -> None:
        async with (
            hub_on(dsn, {"seal": accepting(20)}) as one,
            at_work(one.hub),
            hub_on(dsn, {"seal": accepting(20)}, name="hub-2") as other,
        ):
            for n in range(1, 21):
                await one.accept(event(f"case-{n}"))
            await one.until_state(State.ACCEPTED, 20)

            both = await asyncio.gather(
                *(answered(one, Answer(f"R-case-{n}", Delivered())) for n in range(1, 21)),
                *(answered(other, Answer(f"R-case-{n}", Rejected("NO"))) for n in range(20, 0, -1)),
            )
        heard = [told for (told,) in both]
        assert heard.count(Heard.RECORDED) == 20
        assert heard.count(Heard.CONTRADICTED) == 20
        finals = await rows(dsn, "select state from settlement union all select state from delivery_open")
        assert len(finals) == 20

    async def test_an_answer_that_comes_to_another_hub_frees_the_lane_here(self, dsn: str) -> None:
        destination = accepting(ordered_completion=True)
        async with working(dsn, destination) as rig, hub_on(dsn, {"seal": accepting()}, name="hub-2") as other:
            await rig.accept(event("case-1", "a"))
            await rig.accept(event("case-1", "b"))
            await rig.until_state(State.ACCEPTED)

            assert await answered(other, Answer("R-case-1", Delivered())) == [Heard.RECORDED]

            (behind,) = await rows(dsn, "select state, held from delivery_open")
        assert (behind["state"], behind["held"]) == ("offered", False)


class TestEarly:
    async def test_it_is_applied_by_the_commit_that_says_accepted(self, dsn: str) -> None:
        gate = Gate(Accepted("R-1"))
        async with working(dsn, Destination(sink=ScriptedSink({"case-1": [gate]}))) as rig:
            message = await rig.accept(event("case-1"))
            await rig.hub.outlets["seal"].sink.until_arrived(1)  # type: ignore[attr-defined]

            heard = await answered(rig, Answer("R-1", Delivered("sealed-7"), AT))
            gate.open()
            (settled,) = await rig.until_settled(1)

            found = await delivery(rig, message)
            again = await answered(rig, Answer("R-1", Delivered("sealed-7"), AT))
        assert heard == [Heard.EARLY]
        assert settled.state is State.DELIVERED
        assert (found.state, found.reference, len(found.attempts)) == (State.DELIVERED, "sealed-7", 1)
        assert again == [Heard.KNOWN]

    async def test_of_two_opposites_the_first_counts_and_the_other_is_told(self, dsn: str) -> None:
        gate = Gate(Accepted("R-1"))
        async with working(dsn, Destination(sink=ScriptedSink({"case-1": [gate]}))) as rig:
            message = await rig.accept(event("case-1"))

            heard = await answered(
                rig, Answer("R-1", Rejected("NO")), Answer("R-1", Delivered()), Answer("R-1", Rejected("NO"))
            )
            gate.open()
            await rig.until_settled(1)

            found = await delivery(rig, message)
        assert heard == [Heard.EARLY, Heard.CONTRADICTED, Heard.KNOWN]
        assert (found.state, found.code) == (State.DEAD, "NO")
        assert found.attempts[0].told_late is not None

    async def test_both_at_once_lose_nothing(self, dsn: str) -> None:
        """Whoever commits second sees what the first has written."""
        gates = {f"case-{n}": Gate(Accepted(f"R-{n}")) for n in range(40)}
        scripts: dict[str, Sequence[Step]] = {case: [gate] for case, gate in gates.items()}
        async with working(dsn, Destination(sink=ScriptedSink(scripts), slots=64)) as rig:
            for case in gates:
                await rig.accept(event(case))
            await rig.hub.outlets["seal"].sink.until_arrived(40)  # type: ignore[attr-defined]

            async def answer(n: int) -> Heard:
                (told,) = await answered(rig, Answer(f"R-{n}", Delivered()))
                return told

            for gate in gates.values():
                gate.open()
            heard = await asyncio.gather(*(answer(n) for n in range(40)))
            await rig.until_settled(40)
        assert set(heard) <= {Heard.EARLY, Heard.RECORDED}
        assert await rows(dsn, "select from delivery_open") == []

    async def test_they_are_bounded_and_forgotten_with_a_count(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting()}) as rig:
            rig.hub.journal.answers._most_early = 5  # type: ignore[attr-defined]  # because 10,000 take long

            heard = await answered(rig, *(Answer(f"R-{n}", Delivered()) for n in range(8)))
            repeated = await answered(rig, Answer("R-1", Delivered()))
            now = rig.clock.now()
            kept = await rig.hub.journal.answers.purge(now, now, 100)
            dropped = await rig.hub.journal.answers.purge(now + timedelta(seconds=1), now, 100)
            after = await answered(rig, Answer("R-1", Delivered()))
        assert heard == [Heard.EARLY] * 5 + [Heard.TOO_MANY] * 3
        assert repeated == [Heard.KNOWN]
        assert kept == Purged({}, 0)
        assert dropped == Purged({"seal": 5}, 0)
        assert after == [Heard.EARLY]

    async def test_known_ones_are_forgotten_with_their_deliveries_and_never_before(self, dsn: str) -> None:
        async with working(dsn, accepting(2)) as rig:
            await rig.accept(event("case-1"))
            await rig.accept(event("case-2"))
            await rig.until_state(State.ACCEPTED, 2)
            await answered(rig, Answer("R-case-1", Delivered()))
            late = rig.clock.now() + timedelta(days=1)

            assert await rig.hub.journal.answers.purge(late, late, 100) == Purged({}, 1)

            assert [r["reference"] for r in await rows(dsn, "select reference from answer")] == ["R-case-2"]
            assert await answered(rig, Answer("R-case-2", Delivered())) == [Heard.RECORDED]


class TestInDoubt:
    async def test_an_answer_under_the_key_itself_ends_a_doubt(self, dsn: str) -> None:
        destination = Destination(
            sink=ScriptedSink({"case-1": [InDoubt("TIMED_OUT")]}),
            policy=replace(POLICY, idempotency=Idempotency.NONE),
        )
        async with working(dsn, destination) as rig:
            message = await rig.accept(event("case-1"))
            (settled,) = await rig.until_state(State.IN_DOUBT)

            heard = await answered(rig, Answer(str(settled.claim.delivery_id), Delivered("report-1")))

            found = await delivery(rig, message)
        assert heard == [Heard.RECORDED]
        assert (found.state, found.reference) == (State.DELIVERED, "report-1")

    async def test_also_when_it_came_before_anybody_doubted(self, dsn: str) -> None:
        gate = Gate(InDoubt("TIMED_OUT"))
        sink = ScriptedSink({"case-1": [gate]})
        destination = Destination(sink=sink, policy=replace(POLICY, idempotency=Idempotency.NONE))
        async with working(dsn, destination) as rig:
            message = await rig.accept(event("case-1"))
            (parcel,) = await sink.until_arrived(1)

            heard = await answered(rig, Answer(parcel.idempotency_key, Delivered("report-1")))
            gate.open()
            await rig.until_settled(1)

            found = await delivery(rig, message)
        assert heard == [Heard.EARLY]
        assert (found.state, found.reference) == (State.DELIVERED, "report-1")
        assert (await rows(dsn, "select delivery_id from answer"))[0]["delivery_id"] == found.id

    async def test_a_doubt_leaves_no_row_behind(self, dsn: str) -> None:
        destination = Destination(
            sink=ScriptedSink({"case-1": [InDoubt("TIMED_OUT")]}),
            policy=replace(POLICY, idempotency=Idempotency.NONE),
        )
        async with working(dsn, destination) as rig:
            await rig.accept(event("case-1"))
            await rig.until_state(State.IN_DOUBT)

            assert await rows(dsn, "select from answer") == []


class TestReference:
    async def test_two_deliveries_under_one_reference_are_a_doubt(self, dsn: str) -> None:
        sink = ScriptedSink({"case-1": [Accepted("R-1")], "case-2": [Accepted("R-1")]})
        async with working(dsn, Destination(sink=sink)) as rig:
            first = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            second = await rig.accept(event("case-2"))
            await rig.until_state(State.IN_DOUBT)

            assert await answered(rig, Answer("R-1", Delivered())) == [Heard.RECORDED]

            assert await rig.state(first) is State.DELIVERED
            found = await delivery(rig, second)
        assert (found.state, found.code) == (State.IN_DOUBT, "REFERENCE_TAKEN")

    async def test_a_stale_accepted_binds_nothing(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting()}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("case-1"))
            (settled,) = await rig.until_state(State.ACCEPTED)
            claim = settled.claim
            stale = replace(claim, attempt=claim.attempt + 5, delivery_id=rig.hub.ids.new())
            settlement = judge(rig.hub.court, POLICY, stale, Accepted("R-other"), rig.clock.now())

            result = await rig.hub.journal.deliveries.settle(settlement)
            twice = await rig.hub.journal.deliveries.settle(settled)

            assert not isinstance(result, Settled)
            assert not isinstance(twice, Settled)
            assert [r["reference"] for r in await rows(dsn, "select reference from answer")] == ["R-case-1"]
            assert await answered(rig, Answer("R-case-1", Delivered())) == [Heard.RECORDED]
            assert await rig.state(message) is State.DELIVERED

    async def test_of_another_destination_it_is_another_one(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting(), "sms": accepting()}) as rig, at_work(rig.hub):
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED, 2)

            await rig.hub.answers.of("sms").answered([Answer("R-case-1", Delivered())])

            view = await rig.view(message)
        assert {one.destination: one.state for one in view.deliveries} == {
            "seal": State.ACCEPTED,
            "sms": State.DELIVERED,
        }

    async def test_a_destination_that_is_not_there_takes_none(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting()}) as rig:
            with pytest.raises(LookupError):
                await rig.hub.answers.of("elsewhere").answered([Answer("R-1", Delivered())])


class TestSentAgain:
    async def test_what_was_rejected_and_sent_again_awaits_a_new_answer(self, dsn: str) -> None:
        """The far side gives the same reference to the same key; the old answer, told once more, is the old answer."""
        async with working(dsn, accepting()) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            no = Answer("R-case-1", Rejected("NO"), AT)
            await answered(rig, no)
            found = await delivery(rig, message)
            order = Order("keeper", "api", "r1", "mended")
            resent = await acting_of(rig.hub).resend(
                order, Named((found.id,), doubtful=False), Pace(rate=1000), replan=False
            )
            assert isinstance(resent, Acted), resent
            await rig.until_state(State.ACCEPTED, 2)

            heard = await answered(rig, no, Answer("R-case-1", Delivered(), AT + timedelta(hours=1)))

            assert await rig.state(message) is State.DELIVERED
        assert heard == [Heard.KNOWN, Heard.RECORDED]


class TestLate:
    async def test_who_can_be_asked_is_asked_and_its_word_counts(self, dsn: str) -> None:
        destination = accepting(
            idempotency=Idempotency.QUERYABLE, answer_within=60.0, ask_first=5.0, ordered_completion=True
        )
        sink = destination.sink
        assert isinstance(sink, ScriptedSink)
        answers: list[QueryOutcome] = [Unavailable("AWAY"), InDoubt("not yet"), Accepted("R-case-1"), Delivered("late")]
        sink.answers = answers
        async with working(dsn, destination) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            assert sink.asked == []
            for seconds in (61, 11, 21, 41):
                rig.clock.step(seconds=seconds)
                await rig.until_settled(len(rig.watched.settled) + 1)

            found = await delivery(rig, message)
        assert (found.state, found.reference) == (State.DELIVERED, "late")
        assert [one.state for one in found.attempts] == [*[State.ACCEPTED] * 4, State.DELIVERED]
        assert found.attempts[1].detail == "asked: AWAY"

    async def test_a_far_side_that_forgot_it_is_a_persons_business(self, dsn: str) -> None:
        destination = accepting(idempotency=Idempotency.QUERYABLE, answer_within=60.0)
        assert isinstance(destination.sink, ScriptedSink)
        destination.sink.answers = [NotSeen()]
        async with working(dsn, destination) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            rig.clock.step(seconds=61)
            await rig.until_state(State.IN_DOUBT)

            found = await delivery(rig, message)
            assert found.code == "ACCEPTED_NOT_SEEN"
            assert await answered(rig, Answer("R-case-1", Delivered())) == [Heard.RECORDED]
            assert await rig.state(message) is State.DELIVERED
        assert len(destination.sink.arrived) == 1

    async def test_an_answer_while_it_is_asked_counts_and_the_question_decides_nothing(self, dsn: str) -> None:
        destination = accepting(idempotency=Idempotency.QUERYABLE, answer_within=60.0)
        asked, told = asyncio.Event(), asyncio.Event()

        class Slow(ScriptedSink):
            async def query(self, idempotency_key: str) -> QueryOutcome:
                asked.set()
                await told.wait()
                return Rejected("NO")

        destination = replace(destination, sink=Slow({"case-1": [Accepted("R-case-1")]}))
        async with working(dsn, destination) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            rig.clock.step(seconds=61)
            await asked.wait()

            heard = await answered(rig, Answer("R-case-1", Delivered("yes")))
            told.set()

        assert heard == [Heard.RECORDED]
        async with hub_on(dsn, {"seal": destination}, name="hub-2") as after:
            assert await after.state(message) is State.DELIVERED


class TestOverdue:
    async def test_it_is_told_in_health_in_metrics_and_with_the_delivery(self, dsn: str) -> None:
        async with working(dsn, accepting(2, idempotency=Idempotency.NONE, answer_within=0.001)) as rig:
            message = await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            await answered(rig, Answer("R-case-9", Delivered()))
            await look_at_backlog(rig.hub)
            await Watcher(rig.hub).look()
            concerns = [one for one in rig.hub.health.concerns if one.what == "answers"]
            shown = Exposition(rig.hub).text().decode()
            found = await delivery(rig, message)
            await answered(rig, Answer("R-case-1", Delivered()))
            await look_at_backlog(rig.hub)
            await Watcher(rig.hub).look()

            assert not [one for one in rig.hub.health.concerns if one.what == "answers"]
            assert (await delivery(rig, message)).answer_due is None
        assert [(one.destination, one.reason) for one in concerns] == [("seal", "1 final answers are overdue")]
        assert found.answer_due is not None
        assert concerns[0].since == found.answer_due
        assert 'govhub_answers_overdue{destination="seal"} 1.0' in shown
        assert 'govhub_answers_total{destination="seal",heard="early"} 1.0' in shown

    async def test_who_can_be_asked_is_not_overdue_before_it_was_asked_in_vain(self, dsn: str) -> None:
        destination = accepting(idempotency=Idempotency.QUERYABLE, answer_within=0.001, ask_first=1000.0)
        assert isinstance(destination.sink, ScriptedSink)
        async with hub_on(dsn, {"seal": destination}) as rig, by_hand(rig.hub):
            await rig.accept(event("case-1"))
            await rig.until_state(State.ACCEPTED)
            await look_at_backlog(rig.hub)
            before = [one.overdue for one in rig.hub.health.standings]
            rig.clock.step(seconds=1)
            taken = await rig.hub.journal.doubts.take(["seal"], 10, rig.clock.now() + timedelta(hours=1))
            assert not isinstance(taken, JournalDown)
            await ask(rig.hub, rig.hub.outlets["seal"], taken[0])
            await look_at_backlog(rig.hub)
            after = [one.overdue for one in rig.hub.health.standings]
        assert taken[0].reference == "R-case-1"
        assert (before, after) == ([0], [1])

    async def test_what_nothing_was_accepted_for_is_dropped_with_a_count(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting()}) as rig:
            await answered(rig, Answer("R-9", Delivered()))
            await forget_once(rig.hub, every=0)
            kept = dict(rig.hub.answers.dropped)
            rig.clock.step(days=8)
            await forget_once(rig.hub, every=0)

            assert kept == {}
            assert rig.hub.answers.dropped == {"seal": 1}
            assert 'govhub_answers_dropped_total{destination="seal"} 1.0' in Exposition(rig.hub).text().decode()


class TestAway:
    async def test_while_the_journal_is_away_they_are_to_come_again(self, dsn: str) -> None:
        async with hub_on(dsn, {"seal": accepting()}) as rig:
            await rig.hub.journal.close()

            assert await answered(rig, Answer("R-1", Delivered())) == [Heard.TOO_MANY]
