# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters and replays of the journal port, on PostgreSQL 15 and on the wheel's 18."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from hub.ports.journal import (
    Acceptance,
    Act,
    Acted,
    ActView,
    Claim,
    DeadEntry,
    DeadGroup,
    Decision,
    Ending,
    Finish,
    ItemKind,
    JournalDown,
    LateAnswer,
    MessageView,
    Named,
    NoSuch,
    NotClaimable,
    OfGroup,
    Pace,
    PlannedDelivery,
    Previewed,
    Progress,
    Release,
    Replanned,
    ReplayState,
    ReplayView,
    RequestTaken,
    Stale,
    State,
    Stop,
    Wait,
    Wish,
)
from tests.support.journals import QUEUES, Bench, Frames, bench

KNOWN = ("housing", "civil")


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


async def dead(
    desk: Bench, case: str = "case-1", *, state: State = State.DEAD, code: str = "HTTP_422", yields: bool = False,
    to: Sequence[str] = ("housing",),
) -> Acceptance:  # fmt: skip
    """A message whose deliveries are all set aside."""
    message = desk.acceptance(case=case, to=to)
    await desk.journal.acceptances.accept(message)
    for delivery in message.deliveries:
        claim = await desk.claim(delivery)
        await desk.journal.deliveries.settle(desk.settlement(claim, state, code=code, yields=yields))
    return message


def act(desk: Bench, request: str = "r1", kind: str = "replay", digest: bytes = b"d") -> Act:
    return Act(
        id=desk.ids.new(), request=request, digest=digest, kind=kind, actor="keeper", via="api", reason="mended",
        subject="s", acted_at=desk.clock.now(),
    )  # fmt: skip


async def groups(desk: Bench) -> Sequence[DeadGroup]:
    found = await desk.journal.dead_letters.groups(0, 100)
    assert not isinstance(found, JournalDown)
    return found


async def entries(desk: Bench, *messages: Acceptance) -> Sequence[DeadEntry]:
    found = await desk.journal.dead_letters.chosen([d.id for m in messages for d in m.deliveries])
    assert not isinstance(found, JournalDown)
    return found


def ending(desk: Bench, entry: DeadEntry, state: State = State.SKIPPED) -> Ending:
    return Ending(entry, state, "SKIPPED", "not wanted", "", desk.leaf("not_delivered"))


def named(*messages: Acceptance, doubtful: bool = False) -> Named:
    return Named(tuple(d.id for m in messages for d in m.deliveries), doubtful)


async def step(desk: Bench, replay: UUID, decision: Decision) -> Progress | None:
    """Carry a replay on as told; what there was to decide about. None: not due, or not ours."""
    seen: list[Progress] = []

    def decide(progress: Progress) -> Decision:
        seen.append(progress)
        return decision

    done = await desk.journal.replays.advance(
        replay, decide, lambda _item, _view: desk.leaf("replayed"), desk.clock.now()
    )
    assert not isinstance(done, JournalDown), done
    return seen[-1] if done is not None else None


async def looked_again(desk: Bench, replay: UUID) -> Progress:
    """The same when it is due again, after the pause there is while it waits for outcomes."""
    async with asyncio.timeout(30):
        while (progress := await step(desk, replay, Wait())) is None:
            pass
    return progress


async def started(desk: Bench, selection: Named | OfGroup | Replanned, request: str = "r1") -> UUID:
    done = await desk.journal.replays.start(act(desk, request), selection, Pace(rate=10_000), KNOWN)
    assert isinstance(done, Acted), done
    return done.id


async def view(desk: Bench, replay: UUID) -> ReplayView:
    found = await desk.journal.replays.view(replay)
    assert isinstance(found, ReplayView), found
    return found


class TestGroups:
    async def test_what_failed_alike_stands_together(self, desk: Bench) -> None:
        for n in range(3):
            await dead(desk, f"a{n}")
        await dead(desk, "b", code="HTTP_409")
        await dead(desk, "c", state=State.IN_DOUBT, code="IN_DOUBT")

        found = {(g.destination, g.code, g.contract, g.state): g.count for g in await groups(desk)}
        assert found == {
            ("housing", "HTTP_422", "cn.gov.test", State.DEAD): 3,
            ("housing", "HTTP_409", "cn.gov.test", State.DEAD): 1,
            ("housing", "IN_DOUBT", "cn.gov.test", State.IN_DOUBT): 1,
        }

    async def test_a_group_says_since_when_and_pages(self, desk: Bench) -> None:
        for n in range(5):
            await dead(desk, f"a{n}")
        (group,) = await groups(desk)
        first = await desk.journal.dead_letters.entries(group.id, None, 3)
        assert not isinstance(first, JournalDown)
        rest = await desk.journal.dead_letters.entries(group.id, (first[-1].failed_at, first[-1].delivery), 3)
        assert not isinstance(rest, JournalDown)

        assert [e.case for e in (*first, *rest)] == [f"a{n}" for n in range(5)]
        assert (group.oldest, group.newest) == (first[0].failed_at, rest[-1].failed_at)
        assert await desk.journal.dead_letters.groups(group.id, 10) == ()

    async def test_an_entry_says_how_many_wait_behind_it(self, desk: Bench) -> None:
        message = await dead(desk)
        for _ in range(2):
            await desk.journal.acceptances.accept(desk.acceptance())
        (entry,) = await entries(desk, message)
        assert (entry.behind, entry.state, entry.attempt, entry.replay) == (2, State.DEAD, 1, None)

    async def test_a_note_stands_until_the_next(self, desk: Bench) -> None:
        await dead(desk)
        (group,) = await groups(desk)
        for n, text in enumerate(("asked them", "mended on Monday")):
            noted = await desk.journal.dead_letters.note(act(desk, f"n{n}", "note"), group.id, text)
            assert isinstance(noted, Acted)
        (group,) = await groups(desk)
        assert (group.note, group.noted_by) == ("mended on Monday", "keeper")
        assert await desk.journal.dead_letters.note(act(desk, "n3", "note"), group.id + 1, "x") == NoSuch()

    async def test_an_empty_group_is_forgotten_unless_it_has_a_note(self, desk: Bench) -> None:
        kept, dropped = await dead(desk, "a", code="KEPT"), await dead(desk, "b", code="DROPPED")
        full = await dead(desk, "c", code="FULL")
        by_code = {g.code: g.id for g in await groups(desk)}
        await desk.journal.dead_letters.note(act(desk, "n", "note"), by_code["KEPT"], "known")
        await desk.journal.dead_letters.end(
            act(desk, "e", "discard"), [ending(desk, e) for e in await entries(desk, kept, dropped)]
        )
        assert await desk.journal.dead_letters.forget(desk.clock.now() + timedelta(hours=1)) is None

        assert {g.code for g in await groups(desk)} == {"FULL"}
        assert isinstance(await desk.journal.dead_letters.group(by_code["KEPT"]), DeadGroup)
        assert await desk.journal.dead_letters.group(by_code["DROPPED"]) == NoSuch()
        assert await desk.state_of(full) is State.DEAD

    async def test_a_death_under_recovery_is_grouped_too(self, journal_dsn: str) -> None:
        async with bench(journal_dsn) as desk:
            message = desk.acceptance()
            await desk.journal.acceptances.accept(message)
            await desk.claim(message.deliveries[0])
            await desk.journal.ownerships.recover(QUEUES[1], set())
            (group,) = await groups(desk)
            assert (group.code, group.state, group.count) == ("CRASHED", State.IN_DOUBT, 1)


class TestEnds:
    async def test_a_discarded_head_frees_its_lane(self, desk: Bench) -> None:
        message = await dead(desk)
        behind = desk.acceptance()
        await desk.journal.acceptances.accept(behind)
        frames = Frames(desk.journal)
        await frames.next()
        ended = await desk.journal.dead_letters.end(
            act(desk, kind="discard"), [ending(desk, e) for e in await entries(desk, message)]
        )

        assert isinstance(ended, Acted)
        assert (ended.applied, ended.again) == (1, False)
        assert await desk.state_of(message) is State.SKIPPED
        assert await groups(desk) == ()
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1
        assert isinstance(await desk.journal.deliveries.claim(behind.deliveries[0].id), Claim)

    async def test_a_request_counts_once_however_often_it_comes(self, desk: Bench) -> None:
        message = await dead(desk)
        seen = await entries(desk, message)
        ended = await asyncio.gather(
            *(desk.journal.dead_letters.end(act(desk, "same"), [ending(desk, e) for e in seen]) for _ in range(10))
        )
        assert all(isinstance(one, Acted) and one.applied == 1 for one in ended), ended
        assert len({one.id for one in ended if isinstance(one, Acted)}) == 1
        assert sum(isinstance(one, Acted) and not one.again for one in ended) == 1

        assert await desk.journal.dead_letters.end(act(desk, "same", digest=b"other"), []) == RequestTaken()

    async def test_two_operators_end_a_delivery_once(self, desk: Bench) -> None:
        message = await dead(desk)
        seen = await entries(desk, message)
        ended = await asyncio.gather(
            *(desk.journal.dead_letters.end(act(desk, f"r{n}"), [ending(desk, e) for e in seen]) for n in range(8))
        )
        assert sorted(one.applied for one in ended if isinstance(one, Acted)) == [0] * 7 + [1]

    async def test_what_was_tried_since_it_was_seen_is_left_alone(self, desk: Bench) -> None:
        message = await dead(desk)
        seen = await entries(desk, message)
        replay = await started(desk, named(message))
        await step(desk, replay, Release(1, 1, 1))
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(message.deliveries[0]), State.DEAD))

        ended = await desk.journal.dead_letters.end(act(desk, "late"), [ending(desk, e) for e in seen])
        assert isinstance(ended, Acted)
        assert ended.applied == 0
        assert await desk.state_of(message) is State.DEAD

    async def test_doubt_ends_as_delivered_with_its_evidence(self, desk: Bench, journal_dsn: str) -> None:
        message = await dead(desk, state=State.IN_DOUBT, code="IN_DOUBT")
        (entry,) = await entries(desk, message)
        await desk.journal.dead_letters.end(act(desk, kind="resolve"), [ending(desk, entry, State.DELIVERED)])
        assert await desk.state_of(message) is State.DELIVERED
        connection = await asyncpg.connect(journal_dsn)
        kinds = [r["kind"] for r in await connection.fetch("select kind from leaf where destination is not null")]
        acts = [dict(r) for r in await connection.fetch("select actor, via, reason, kind, applied from act")]
        await connection.close()
        assert "not_delivered" in kinds
        assert acts == [{"actor": "keeper", "via": "api", "reason": "mended", "kind": "resolve", "applied": 1}]


class TestReplays:
    async def test_a_dead_head_goes_out_before_those_behind_it(self, desk: Bench) -> None:
        message = await dead(desk)
        behind = desk.acceptance()
        await desk.journal.acceptances.accept(behind)
        replay = await started(desk, named(message))
        assert await desk.state_of(message) is State.DEAD, "nothing happens before a hub carries it on"
        assert await step(desk, replay, Release(1, 1, 1)) is not None

        assert await desk.journal.deliveries.claim(behind.deliveries[0].id) == NotClaimable()
        claim = await desk.claim(message.deliveries[0])
        assert (claim.attempt, claim.failures, claim.late, claim.replayed_at) == (2, 0, False, desk.clock.now())
        await desk.journal.deliveries.settle(desk.settlement(claim))
        assert await desk.state_of(message) is State.DELIVERED
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 0, "settling has offered the next"
        assert isinstance(await desk.journal.deliveries.claim(behind.deliveries[0].id), Claim)

    async def test_where_the_lane_went_on_it_is_late_and_runs_free(self, desk: Bench) -> None:
        message = await dead(desk, yields=True)
        behind = desk.acceptance()
        await desk.journal.acceptances.accept(behind)
        await step(desk, await started(desk, named(message)), Release(1, 1, 1))

        assert (await desk.claim(message.deliveries[0])).late
        assert isinstance(await desk.journal.deliveries.claim(behind.deliveries[0].id), Claim)

    async def test_a_dry_run_tells_and_writes_nothing(self, desk: Bench) -> None:
        one, doubtful = await dead(desk, "a"), await dead(desk, "b", state=State.IN_DOUBT)
        away = await dead(desk, "c", to=("nowhere",))
        previewed = await desk.journal.replays.preview(named(one, doubtful, away), KNOWN, desk.clock.now())

        assert isinstance(previewed, Previewed)
        assert {(lot.destination, lot.state, lot.code): lot.count for lot in previewed.lots} == {
            ("housing", "pending", ""): 1,
            ("housing", "refused", "IN_DOUBT"): 1,
            ("nowhere", "refused", "DESTINATION_UNKNOWN"): 1,
        }
        assert await desk.journal.replays.list(10) == []
        assert await desk.journal.replays.due() == []

    async def test_what_has_expired_is_not_sent_again(self, desk: Bench) -> None:
        message = desk.acceptance(expires_at=desk.clock.now() + timedelta(minutes=1))
        await desk.journal.acceptances.accept(message)
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(message.deliveries[0]), State.DEAD))
        desk.clock.step(minutes=2)
        found = await view(desk, await started(desk, named(message)))
        assert [(lot.state, lot.code) for lot in found.lots] == [("refused", "EXPIRED")]
        assert found.state is ReplayState.FINISHED

    async def test_a_double_click_is_one_replay(self, desk: Bench) -> None:
        message = await dead(desk)
        clicks = await asyncio.gather(
            *(desk.journal.replays.start(act(desk, "click"), named(message), Pace(), KNOWN) for _ in range(10))
        )
        assert len({one.id for one in clicks if isinstance(one, Acted)}) == 1
        assert [one.applied for one in clicks if isinstance(one, Acted)] == [1] * 10

    async def test_two_operators_never_have_one_delivery_in_hand(self, desk: Bench) -> None:
        messages = [await dead(desk, f"a{n}") for n in range(20)]
        (group,) = await groups(desk)
        clicks = await asyncio.gather(
            *(
                desk.journal.replays.start(
                    act(desk, f"r{n}"), named(*messages) if n % 2 else OfGroup(group.id), Pace(), KNOWN
                )
                for n in range(6)
            )
        )
        assert sum(one.applied for one in clicks if isinstance(one, Acted)) == 20

    async def test_the_set_is_that_of_the_click(self, desk: Bench) -> None:
        for n in range(3):
            await dead(desk, f"a{n}")
        (group,) = await groups(desk)
        await dead(desk, "later")
        seen = await view(desk, await started(desk, OfGroup(group.id, group.newest)))
        assert seen.counts == {"pending": 3}
        await dead(desk, "later still")
        assert (await view(desk, seen.id)).counts == {"pending": 3}

    async def test_doubt_is_sent_again_only_on_somebodys_word(self, desk: Bench) -> None:
        message = await dead(desk, state=State.IN_DOUBT)
        assert (await view(desk, await started(desk, named(message)))).counts == {"refused": 1}
        sure = await started(desk, named(message, doubtful=True), "r2")
        await step(desk, sure, Release(1, 1, 1))
        assert (await desk.claim(message.deliveries[0])).attempt == 2

    async def test_outcomes_are_noted_and_counted_for_their_step(self, desk: Bench) -> None:
        good, bad, shelved = [await dead(desk, case) for case in ("good", "bad", "shelved")]
        replay = await started(desk, named(good, bad, shelved))
        await step(desk, replay, Release(3, 1, 3))
        for message, state in ((good, State.DELIVERED), (bad, State.DEAD), (shelved, State.ACCEPTED)):
            await desk.journal.deliveries.settle(desk.settlement(await desk.claim(message.deliveries[0]), state))
        progress = await step(desk, replay, Wait())

        assert progress is not None
        assert (progress.released, progress.under_way, progress.failed, progress.pending) == (3, 0, 1, 0)
        assert (await view(desk, replay)).counts == {"done": 2, "failed": 1}

    async def test_a_doubt_that_the_hub_asks_about_is_no_failure_yet(self, desk: Bench) -> None:
        message = await dead(desk)
        replay = await started(desk, named(message))
        await step(desk, replay, Release(1, 1, 1))
        claim = await desk.claim(message.deliveries[0])
        asking = desk.settlement(claim, State.IN_DOUBT, code="IN_DOUBT", leaf=None, ask_at=desk.clock.now())
        await desk.journal.deliveries.settle(asking)
        progress = await looked_again(desk, replay)
        assert (progress.under_way, progress.failed) == (1, 0)
        (entry,) = await entries(desk, message)
        assert entry.ask_at == desk.clock.now()

        (doubt,) = await desk.doubts("housing")
        await desk.journal.deliveries.settle(desk.settlement(doubt, State.IN_DOUBT, code="UNANSWERED", leaf=None))
        progress = await looked_again(desk, replay)
        assert (progress.under_way, progress.failed) == (0, 1)
        (group,) = await groups(desk)
        assert (group.code, group.oldest) == ("UNANSWERED", entry.failed_at), "in the group of its present code"

    async def test_whoever_has_a_replay_in_hand_has_it_alone(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2", own=False) as two:
            messages = [await dead(one, f"a{n}") for n in range(10)]
            replay = await started(one, named(*messages))
            steps = await asyncio.gather(*(step(desk, replay, Release(2, 1, 10)) for desk in (one, two) * 10))
            assert sum(s is not None for s in steps) >= 1
            assert (await view(one, replay)).counts.get("released", 0) <= 10
            states = [await one.state_of(message) for message in messages]
            counts = (await view(one, replay)).counts
            assert states.count(State.WAITING) == counts["released"]

    async def test_a_stopped_replay_leaves_the_rest_to_others_and_may_go_on(self, desk: Bench) -> None:
        first, second, third = [await dead(desk, f"a{n}") for n in range(3)]
        replay = await started(desk, named(first, second, third))
        await step(desk, replay, Release(1, 1, 1))
        stopped = await desk.journal.replays.stop(act(desk, "stop", "stop"), replay)
        assert isinstance(stopped, Acted)
        assert stopped.applied == 1
        assert await step(desk, replay, Release(1, 1, 1)) is None
        found = await view(desk, replay)
        assert (found.state, found.stopped_by, found.stop_code) == (ReplayState.STOPPED, "keeper", "OPERATOR")
        other = await started(desk, named(second), "r2")
        assert (await view(desk, other)).counts == {"pending": 1}

        await desk.journal.replays.resume(act(desk, "resume", "resume"), replay)
        found = await view(desk, replay)
        assert found.state is ReplayState.RUNNING
        assert found.counts == {"released": 1, "pending": 1, "gone": 1}
        again = await desk.journal.replays.resume(act(desk, "resume2", "resume"), replay)
        assert isinstance(again, Acted)
        assert again.applied == 0

    async def test_what_another_replay_tried_meanwhile_is_left_alone(self, desk: Bench) -> None:
        message = await dead(desk)
        first = await started(desk, named(message))
        await desk.journal.replays.stop(act(desk, "stop", "stop"), first)
        second = await started(desk, named(message), "r2")
        await step(desk, second, Release(1, 1, 1))
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(message.deliveries[0]), State.DEAD))
        await step(desk, second, Wait())
        await desk.journal.replays.resume(act(desk, "resume", "resume"), first)
        await step(desk, first, Release(1, 2, 1))

        assert await desk.state_of(message) is State.DEAD
        found = await view(desk, first)
        assert [(lot.state, lot.code) for lot in found.lots] == [("gone", "CHANGED")]

    async def test_a_replay_that_stopped_itself_says_why(self, desk: Bench) -> None:
        replay = await started(desk, named(await dead(desk)))
        await step(desk, replay, Stop("FAILURES_RETURNED", "1 of 1"))
        found = await view(desk, replay)
        assert (found.stopped_by, found.stop_code, found.stop_detail) == ("", "FAILURES_RETURNED", "1 of 1")
        assert await desk.journal.replays.due() == []

    async def test_a_finished_replay_is_over(self, desk: Bench) -> None:
        replay = await started(desk, named(await dead(desk)))
        await step(desk, replay, Finish())
        assert (await view(desk, replay)).state is ReplayState.FINISHED
        assert await step(desk, replay, Release(1, 1, 1)) is None

    async def test_there_is_no_such_replay(self, desk: Bench) -> None:
        nobody = desk.ids.new()
        assert await desk.journal.replays.view(nobody) == NoSuch()
        assert await desk.journal.replays.stop(act(desk), nobody) == NoSuch()
        assert await desk.journal.replays.resume(act(desk), nobody) == NoSuch()
        assert await step(desk, nobody, Wait()) is None


class TestReplanned:
    def added(self, desk: Bench, message: Acceptance, destination: str) -> Wish:
        planned = PlannedDelivery(desk.ids.new(), destination, QUEUES[1], ordered=True, priority=5)
        return Wish(ItemKind.ADD, planned.id, message.message_id, destination, party=destination, planned=planned)

    async def test_the_old_is_withdrawn_and_the_new_added(self, desk: Bench) -> None:
        message = await dead(desk)
        behind = desk.acceptance()
        await desk.journal.acceptances.accept(behind)
        (entry,) = await entries(desk, message)
        withdrawn = Wish(ItemKind.WITHDRAW, entry.delivery, entry.message, entry.destination, entry.attempt)
        replay = await started(desk, Replanned((withdrawn, self.added(desk, message, "civil"))))
        await step(desk, replay, Release(2, 1, 2))

        found = await desk.journal.lookups.message(message.message_id)
        assert found is not None
        assert not isinstance(found, JournalDown)
        assert {d.destination: (d.state, d.position) for d in found.deliveries} == {
            "civil": (State.WAITING, 1),
            "housing": (State.WITHDRAWN, 1),
        }
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 2, "the new one, and the next in the old lane"
        case = await desk.journal.lookups.case("case-1")
        assert case is not None
        assert not isinstance(case, JournalDown)
        assert "civil" in case.parties

    async def test_a_destination_that_has_it_gets_it_once(self, desk: Bench) -> None:
        message = await dead(desk, to=("housing", "civil"))
        previewed = await desk.journal.replays.preview(
            Replanned((self.added(desk, message, "civil"), self.added(desk, message, "third"))), KNOWN, desk.clock.now()
        )
        assert isinstance(previewed, Previewed)
        assert {(lot.destination, lot.state, lot.code) for lot in previewed.lots} == {
            ("civil", "refused", "HAS_IT"),
            ("third", "pending", ""),
        }
        assert {lot.kind for lot in previewed.lots} == {ItemKind.ADD}

    async def test_two_replays_that_add_the_same_add_it_once(self, desk: Bench) -> None:
        message = await dead(desk)
        one = await started(desk, Replanned((self.added(desk, message, "civil"),)), "r1")
        two = await started(desk, Replanned((self.added(desk, message, "civil"),)), "r2")
        await asyncio.gather(step(desk, one, Release(1, 1, 1)), step(desk, two, Release(1, 1, 1)))
        counts = [(await view(desk, replay)).counts for replay in (one, two)]
        assert sorted(map(str, counts)) == ["{'gone': 1}", "{'released': 1}"]


class TestActs:
    async def test_they_are_shown_newest_first_and_page_by_page(self, desk: Bench) -> None:
        await dead(desk)
        (group,) = await groups(desk)
        made = [act(desk, f"r{n}", "note") for n in range(5)]
        for one in made:
            await desk.journal.dead_letters.note(one, group.id, "x")
        first = await desk.journal.acts.newest(None, 3)
        assert not isinstance(first, JournalDown)
        rest = await desk.journal.acts.newest(first[-1].id, 3)
        assert not isinstance(rest, JournalDown)
        assert [one.id for one in (*first, *rest)] == [one.id for one in reversed(made)]
        assert len(first) == 3

    async def test_one_says_who_why_and_what_it_changed(self, desk: Bench) -> None:
        (entry,) = await entries(desk, await dead(desk))
        done = act(desk, "r1", "discard")
        await desk.journal.dead_letters.end(done, [ending(desk, entry)])
        assert await desk.journal.acts.newest(None, 10) == (
            ActView(
                id=done.id, request="r1", kind="discard", actor="keeper", via="api", reason="mended", subject="s",
                applied=1, acted_at=done.acted_at,
            ),
        )  # fmt: skip

    async def test_what_was_not_done_or_came_again_is_none(self, desk: Bench) -> None:
        await desk.journal.dead_letters.note(act(desk, "r1", "note"), 10**9, "no such group")
        assert await desk.journal.acts.newest(None, 10) == ()
        for _ in range(2):
            await desk.journal.gates.pause(act(desk, "r2", "pause_destination"))
        found = await desk.journal.acts.newest(None, 10)
        assert not isinstance(found, JournalDown)
        assert [one.request for one in found] == ["r2"]


async def test_what_is_told_after_an_operator_ended_it_is_kept_as_late(desk: Bench) -> None:
    message = desk.acceptance()
    await desk.journal.acceptances.accept(message)
    claim = await desk.claim(message.deliveries[0])
    await desk.journal.ownerships.recover(QUEUES[1], set())  # in doubt, and its sender lives
    (entry,) = await entries(desk, message)
    ended = await desk.journal.dead_letters.end(act(desk, kind="discard"), [ending(desk, entry)])
    assert isinstance(ended, Acted)

    answer = desk.settlement(claim)
    for _ in range(2):
        assert await desk.journal.deliveries.settle(answer) == Stale()

    view = await desk.journal.lookups.message(message.message_id)
    assert isinstance(view, MessageView)
    (delivery,) = view.deliveries
    assert (delivery.state, delivery.code) == (State.SKIPPED, "SKIPPED"), "the operator's word stands"
    (attempt,) = delivery.attempts
    assert (attempt.state, attempt.code) == (State.IN_DOUBT, "CRASHED")
    assert attempt.told_late == LateAnswer(
        state=State.DELIVERED, code="X", detail="", reference="r", at=desk.clock.now()
    )


async def test_the_answer_to_a_question_is_kept_as_late_too(desk: Bench) -> None:
    message = desk.acceptance()
    await desk.journal.acceptances.accept(message)
    await desk.claim(message.deliveries[0])
    await desk.journal.ownerships.recover(QUEUES[1], set(), {"housing"})
    (question,) = await desk.doubts("housing")
    (entry,) = await entries(desk, message)
    await desk.journal.dead_letters.end(act(desk, kind="discard"), [ending(desk, entry)])

    assert await desk.journal.deliveries.settle(desk.settlement(question)) == Stale()
    view = await desk.journal.lookups.message(message.message_id)
    assert isinstance(view, MessageView)
    assert [(one.attempt, one.code, one.told_late is not None) for one in view.deliveries[0].attempts] == [
        (1, "CRASHED", False),
        (2, "X", True),
    ]


async def acts_left(desk: Bench) -> list[str]:
    found = await desk.journal.acts.newest(None, 100)
    assert not isinstance(found, JournalDown)
    return [one.request for one in found]


async def test_what_operators_did_is_dropped_when_it_is_old_and_nothing_of_it_is_left(desk: Bench) -> None:
    over, unfinished = await dead(desk), await dead(desk, case="case-2")
    await desk.journal.gates.pause(act(desk, "paused", kind="pause"))
    finished = await started(desk, named(over), "finished")
    await started(desk, named(unfinished), "unfinished")
    await step(desk, finished, Release(1, 1, 1))
    await desk.journal.deliveries.settle(desk.settlement(await desk.claim(over.deliveries[0])))
    async with asyncio.timeout(30):
        while await step(desk, finished, Finish()) is None:
            pass
    desk.clock.step(days=60)
    await desk.journal.gates.resume(act(desk, "resumed", kind="resume"))
    before = desk.clock.now() - timedelta(days=30)

    assert await desk.journal.acts.forget(before, 100) == 1
    assert await acts_left(desk) == ["resumed", "unfinished", "finished"], "a message of it is in the journal"
    connection = await asyncpg.connect(desk.dsn)
    try:  # as when their months are archived; the other replay has still something to do
        await connection.execute("delete from message")
        assert await desk.journal.acts.forget(before, 100) == 3
        assert await acts_left(desk) == ["resumed", "unfinished"]
        assert await desk.journal.acts.forget(before, 100) == 0
        assert await connection.fetchval("select count(*) from replay_item") == 1
    finally:
        await connection.close()
