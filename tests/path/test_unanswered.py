# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a far side has accepted and does not answer: listed with how long it has waited, and decided by an operator."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Accepted, Answer, Awaited, AwaitedPage, Delivered, Heard, Idempotency, InDoubt, Rejected
from hub.acting import Order
from hub.api.answers import deciding_of
from hub.api.dead import acting_of
from hub.deciding import Answer as Told
from hub.deciding import Mute, Verdict
from hub.ports.journal import Acted, CaseView, Named, Pace, RequestTaken, State, Unanswered
from hub.timeline import What, entries
from tests.path.test_answers import accepting, answered, delivery, rows, working
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

NOBODY = UUID(int=0)


def order(request: str = "a", reason: str = "电话核实") -> Order:
    return Order("keeper", "api", request, reason)


async def decide(rig: Rig, verdict: Verdict, *deliveries: UUID, request: str = "a", reference: str = "") -> Told:
    return await deciding_of(rig.hub).decide(order(request), deliveries, verdict, reference)


async def unanswered(rig: Rig, *, overdue: bool = False, destination: str | None = None) -> Sequence[Unanswered]:
    due = rig.clock.now() if overdue else None
    found = await rig.hub.journal.unanswered.listed(("", NOBODY), 100, destination=destination, due_before=due)
    assert isinstance(found, tuple)
    return found


async def test_what_waits_is_listed_with_since_when_and_whether_it_is_overdue(dsn: str) -> None:
    async with working(dsn, accepting(3, answer_within=3600.0, ordered_completion=True)) as rig:
        for n in (1, 2, 3):
            await rig.accept(event(f"case-{n}"))
        await rig.accept(event("case-1", "behind"))
        await rig.until_state(State.ACCEPTED, 3)
        rig.clock.step(hours=2)

        found = {one.case: one for one in await unanswered(rig)}
        assert {case: (one.reference, one.behind, one.attempt) for case, one in found.items()} == {
            "case-1": ("R-case-1", 1, 1), "case-2": ("R-case-2", 0, 1), "case-3": ("R-case-3", 0, 1),
        }  # fmt: skip
        assert {rig.clock.now() - one.since for one in found.values()} == {timedelta(hours=2)}
        assert len(await unanswered(rig, overdue=True)) == 3
        assert await unanswered(rig, destination="another") == ()
        assert len(await unanswered(rig, destination="seal")) == 3
        pages: list[Unanswered] = []
        while True:
            after = (pages[-1].destination, pages[-1].delivery) if pages else ("", NOBODY)
            page = await rig.hub.journal.unanswered.listed(after, 2)
            assert isinstance(page, tuple)
            pages += page
            if len(page) < 2:
                break
        assert [one.delivery for one in pages] == sorted(one.delivery for one in found.values())


async def test_delivered_by_an_operators_word_frees_the_lane_and_is_proved(dsn: str) -> None:
    destination = accepting(ordered_completion=True)
    async with working(dsn, destination) as rig:
        message = await rig.accept(event("case-1", "a"))
        await rig.until_state(State.ACCEPTED)
        await rig.accept(event("case-2", "b"))
        await rig.until_state(State.DELIVERED)
        (waiting,) = await unanswered(rig)
        behind = await rig.accept(event("case-1", "behind"))

        done = await decide(rig, Verdict.DELIVERED, waiting.delivery, reference="letter 7")

        assert isinstance(done, Acted)
        assert (done.applied, done.again) == (1, False)
        again = await decide(rig, Verdict.DELIVERED, waiting.delivery, reference="letter 7")
        assert isinstance(again, Acted)
        assert (again.id, again.applied, again.again) == (done.id, 1, True)
        assert isinstance(await decide(rig, Verdict.REJECTED, waiting.delivery), RequestTaken)
        found = await delivery(rig, message)
        assert (found.state, found.code, found.reference) == (State.DELIVERED, "RESOLVED", "letter 7")
        await rig.until(lambda settled: any(s.claim.message_id == behind for s in settled))
        (leaf,) = await rows(dsn, "select statement from leaf where message_id = $1 and destination = 'seal'", message)
        told = orjson.loads(leaf["statement"])
        assert (told["by"], told["reason"], told["state"]) == ("keeper", "电话核实", "delivered")
        (act,) = await rows(dsn, "select kind, applied from act")
        assert (act["kind"], act["applied"]) == ("answer", 1)
        view = await rig.hub.case_files.view("case-1", 10)
        assert isinstance(view, CaseView)
        acts = [one for one in entries(view.messages) if one.what is What.ACT]
        assert [(one.by, one.reason, one.code) for one in acts] == [("keeper", "电话核实", "RESOLVED")]


@pytest.mark.parametrize(
    ("verdict", "late", "heard"),
    [
        (Verdict.DELIVERED, Delivered("after all"), Heard.KNOWN),
        (Verdict.DELIVERED, Rejected("NO", "never"), Heard.CONTRADICTED),
        (Verdict.REJECTED, Delivered("after all"), Heard.CONTRADICTED),
        (Verdict.REJECTED, Rejected("NO", "never"), Heard.KNOWN),
    ],
)
async def test_what_the_far_side_says_after_an_operator_is_kept_beside_it_and_changes_nothing(
    dsn: str, verdict: Verdict, late: Delivered | Rejected, heard: Heard
) -> None:
    async with working(dsn, accepting()) as rig:
        message = await rig.accept(event("case-1"))
        await rig.until_state(State.ACCEPTED)
        (waiting,) = await unanswered(rig)
        assert isinstance(await decide(rig, verdict, waiting.delivery), Acted)
        before = await delivery(rig, message)

        assert [*await answered(rig, Answer("R-case-1", late)), *await answered(rig, Answer("R-case-1", late))] == [
            heard, heard,
        ]  # fmt: skip

        after = await delivery(rig, message)
        assert (after.state, after.code) == (before.state, before.code)
        told = after.attempts[0].told_late
        assert told is not None
        assert told.state is (State.DELIVERED if isinstance(late, Delivered) else State.DEAD)
        assert await unanswered(rig) == ()


@pytest.mark.parametrize("continues", [True, False])
async def test_rejected_by_an_operators_word_is_a_dead_letter_as_if_the_far_side_had_said_so(
    dsn: str, *, continues: bool
) -> None:
    async with working(dsn, accepting(ordered_completion=True, dead_continues=continues)) as rig:
        message = await rig.accept(event("case-1", "a"))
        await rig.until_state(State.ACCEPTED)
        await rig.accept(event("case-1", "b"))
        (waiting,) = await unanswered(rig)
        assert isinstance(await decide(rig, Verdict.REJECTED, waiting.delivery), Acted)
        found = await delivery(rig, message)
        assert (found.state, found.code, found.detail) == (State.DEAD, "RESOLVED_REJECTED", "电话核实")
        (group,) = await rig.hub.journal.dead_letters.groups(0, 10)  # type: ignore[misc]  # because it is there
        assert (group.code, group.count) == ("RESOLVED_REJECTED", 1)
        if continues:
            await rig.until(
                lambda settled: any(s.claim.case == "case-1" and s.state is State.IN_DOUBT for s in settled)
            )
            return  # the second was accepted under the same reference
        done = await acting_of(rig.hub).resend(order("again"), Named((waiting.delivery,)), Pace(), replan=False)
        assert isinstance(done, Acted)
        await rig.until_state(State.ACCEPTED, 2)
        assert await answered(rig, Answer("R-case-1", Delivered("now"))) == [Heard.RECORDED]
        assert (await delivery(rig, message)).state is State.DELIVERED


async def test_a_far_side_that_can_be_asked_is_asked_now(dsn: str) -> None:
    sink = ScriptedSink({"case-1": [Accepted("R-1")]}, [Delivered("yes")])
    policy = replace(POLICY, idempotency=Idempotency.QUERYABLE)
    async with working(dsn, Destination(sink=sink, policy=policy)) as rig:
        message = await rig.accept(event("case-1"))
        await rig.until_state(State.ACCEPTED)
        (waiting,) = await unanswered(rig)
        assert waiting.ask_at is None, "no limit of time, so nobody would ask"
        done = await decide(rig, Verdict.ASK, waiting.delivery)
        assert isinstance(done, Acted)
        assert done.applied == 1
        await rig.until_state(State.DELIVERED)
        assert (await delivery(rig, message)).reference == "yes"


async def test_one_that_cannot_be_asked_is_not(dsn: str) -> None:
    async with working(dsn, accepting()) as rig:
        await rig.accept(event("case-1"))
        await rig.until_state(State.ACCEPTED)
        (waiting,) = await unanswered(rig)
        assert await decide(rig, Verdict.ASK, waiting.delivery) == Mute(("seal",))
        assert await rows(dsn, "select from act") == []


async def test_an_answer_and_two_operators_at_the_same_moment_come_to_one_end(dsn: str) -> None:
    async with (
        hub_on(dsn, {"seal": accepting(20)}) as one,
        at_work(one.hub),
        hub_on(dsn, {"seal": accepting(20)}, name="hub-2") as other,
    ):
        for n in range(1, 21):
            await one.accept(event(f"case-{n}"))
        await one.until_state(State.ACCEPTED, 20)
        ids = [waiting.delivery for waiting in await unanswered(one)]
        told = await asyncio.gather(
            *(decide(one, Verdict.DELIVERED, id_, request=f"one-{id_}") for id_ in ids),
            *(decide(other, Verdict.REJECTED, id_, request=f"other-{id_}") for id_ in reversed(ids)),
        )
        heard = await asyncio.gather(
            *(answered(rig, Answer(f"R-case-{n}", Delivered("yes"))) for n in range(1, 21) for rig in (one, other))
        )
        assert sum(done.applied for done in told if isinstance(done, Acted)) == 20
        assert Heard.RECORDED not in [said for (said,) in heard]
    assert len(await rows(dsn, "select from settlement union all select from delivery_open")) == 20
    assert len(await rows(dsn, "select from leaf where kind <> 'accepted'")) == 20
    assert len(await rows(dsn, "select from attempt where late_at is not null")) == 20
    ends = await rows(dsn, "select state from settlement union all select state from delivery_open")
    books = await rows(dsn, "select state from answer where not awaited")
    assert sorted(row["state"] for row in ends) == sorted(row["state"] for row in books)


async def test_answers_and_operators_race_over_the_same_deliveries(dsn: str) -> None:
    async with working(dsn, accepting(30)) as rig:
        for n in range(1, 31):
            await rig.accept(event(f"case-{n}"))
        await rig.until_state(State.ACCEPTED, 30)
        waiting = await unanswered(rig)
        results = await asyncio.gather(
            *(decide(rig, Verdict.DELIVERED, one.delivery, request=str(one.delivery)) for one in waiting),
            *(answered(rig, Answer(one.reference, Delivered("far"))) for one in reversed(waiting)),
        )
        decided = sum(one.applied for one in results if isinstance(one, Acted))
        recorded = sum(one == [Heard.RECORDED] for one in results)
        assert decided + recorded == 30
    assert len(await rows(dsn, "select from settlement")) == 30
    assert len(await rows(dsn, "select from leaf where kind <> 'accepted'")) == 30


async def test_what_a_department_has_in_hand_is_its_to_answer(dsn: str) -> None:
    sink = ScriptedSink({"case-1": [Accepted("")]})
    policy = replace(POLICY, answered_later=False)
    async with working(dsn, Destination(sink=sink, policy=policy)) as rig:
        message = await rig.accept(event("case-1"))
        await rig.until_state(State.ACCEPTED)
        lease = rig.hub.ids.new()
        lent = await rig.hub.journal.shelf.lease("seal", 10, rig.clock.now() + timedelta(minutes=5), lease)
        assert isinstance(lent, Sequence)
        (waiting,) = await unanswered(rig)
        assert waiting.lent_until == rig.clock.now() + timedelta(minutes=5)
        done = await decide(rig, Verdict.DELIVERED, waiting.delivery, request="too-soon")
        assert isinstance(done, Acted)
        assert done.applied == 0
        rig.clock.step(minutes=6)
        done = await decide(rig, Verdict.DELIVERED, waiting.delivery, request="later")
        assert isinstance(done, Acted)
        assert done.applied == 1
        assert (await delivery(rig, message)).state is State.DELIVERED
        assert await rows(dsn, "select from answer") == []


async def test_what_was_too_late_is_expired_in_both_books(dsn: str) -> None:
    too_late = Rejected("TOO_LATE", "not read in time")
    async with working(dsn, accepting(2, expiries=frozenset({"TOO_LATE"}))) as rig:
        early = await answered(rig, Answer("R-case-2", too_late))
        messages = [await rig.accept(event(f"case-{n}")) for n in (1, 2)]
        await rig.until_settled(2)
        heard = [*await answered(rig, Answer("R-case-1", too_late)), *await answered(rig, Answer("R-case-1", too_late))]
        states = {(await delivery(rig, message)).state for message in messages}
        other = await answered(rig, Answer("R-case-1", Delivered("read")))
    assert early == [Heard.EARLY]
    assert heard == [Heard.RECORDED, Heard.KNOWN]
    assert other == [Heard.CONTRADICTED]
    assert states == {State.EXPIRED}
    assert {row["state"] for row in await rows(dsn, "select state from answer")} == {"expired"}


async def test_nobody_is_asked_or_told_twice_about_what_is_in_doubt(dsn: str) -> None:
    sink = ScriptedSink({"case-1": [InDoubt("TIMED_OUT")]})
    policy = replace(POLICY, idempotency=Idempotency.NONE)
    async with working(dsn, Destination(sink=sink, policy=policy)) as rig:
        await rig.accept(event("case-1"))
        (settled,) = await rig.until_state(State.IN_DOUBT)
        assert await unanswered(rig) == ()
        done = await decide(rig, Verdict.DELIVERED, settled.claim.delivery_id)
        assert isinstance(done, Acted)
        assert done.applied == 0


async def test_a_sink_is_told_what_it_accepted_before_the_restart(dsn: str) -> None:
    async with working(dsn, accepting(3)) as rig:
        for n in (1, 2, 3):
            await rig.accept(event(f"case-{n}"))
        await rig.until_state(State.ACCEPTED, 3)
        await answered(rig, Answer("R-case-2", Delivered()))
    async with hub_on(dsn, {"seal": accepting(3), "other": accepting()}) as rig:
        hatch = rig.hub.answers.of("seal")
        assert isinstance(hatch, Awaited)
        first = await hatch.awaited("")
        assert first is not None
        assert sorted(first.references) == ["R-case-1", "R-case-3"]
        assert await hatch.awaited(first.after) == AwaitedPage((), first.after)
        other = rig.hub.answers.of("other")
        assert isinstance(other, Awaited)
        assert await other.awaited("") == AwaitedPage((), "")
