# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The journal port on its adapter, on PostgreSQL 15 and on the wheel's 18."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg
import pytest

from hub.ports.journal import (
    Acceptance,
    CaseView,
    Claim,
    Committed,
    Duplicate,
    ForeignCase,
    IdTaken,
    JournalDown,
    MessageView,
    NameTaken,
    NotClaimable,
    Ownership,
    Pressure,
    Quarantined,
    Recorded,
    RefusalRecord,
    Settled,
    Stale,
    State,
    Unwritable,
)
from hub.ports.probe import Point
from tests.support.journals import QUEUES, Bench, Frames, bench
from tests.support.postgres import PrivatePostgres


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


class TestAccept:
    async def test_a_new_message_is_committed_with_its_receipt(self, desk: Bench) -> None:
        message = desk.acceptance()

        assert await desk.journal.acceptances.accept(message) == Committed(message.receipt)

    async def test_the_same_again_gets_the_first_receipt_byte_for_byte(self, desk: Bench) -> None:
        first, again = desk.acceptance("a"), desk.acceptance("a")
        await desk.journal.acceptances.accept(first)

        assert await desk.journal.acceptances.accept(again) == Duplicate(first.receipt)

    async def test_a_thousand_at_once_make_one_acceptance(self, desk: Bench) -> None:
        copies = [desk.acceptance("a") for _ in range(1000)]
        results = await asyncio.gather(*(desk.journal.acceptances.accept(m) for m in copies))

        committed = [r for r in results if isinstance(r, Committed)]
        assert len(committed) == 1
        assert {r.receipt for r in results if isinstance(r, Duplicate)} == {committed[0].receipt}
        assert sum(isinstance(r, Duplicate) for r in results) == 999

    async def test_other_content_under_a_taken_id_is_told_so(self, desk: Bench) -> None:
        first = desk.acceptance("a")
        await desk.journal.acceptances.accept(first)

        assert await desk.journal.acceptances.accept(desk.acceptance("a", content=b"2")) == IdTaken(first.message_id)

    async def test_many_at_once_keep_their_order_within_a_case_and_each_has_its_own_result(self, desk: Bench) -> None:
        first, second, third = (desk.acceptance(to=("housing",)) for _ in range(3))
        foreign = desk.acceptance(system="civil", any_case=False)
        clash = desk.acceptance(first.sender_id, content=b"2")
        await desk.journal.acceptances.accept(desk.acceptance(to=("housing",)))

        results = await desk.journal.acceptances.accept_all([first, foreign, second, clash, third])

        assert results == [
            Committed(first.receipt), ForeignCase(), Committed(second.receipt), IdTaken(first.message_id),
            Committed(third.receipt),
        ]  # fmt: skip
        positions = {}
        for one in (first, second, third):
            view = await desk.journal.lookups.message(one.message_id)
            assert isinstance(view, MessageView)
            positions[one.message_id] = view.deliveries[0].position
        assert list(positions.values()) == [2, 3, 4]

    async def test_another_system_may_use_the_same_id(self, desk: Bench) -> None:
        await desk.journal.acceptances.accept(desk.acceptance("a"))

        assert isinstance(await desk.journal.acceptances.accept(desk.acceptance("a", system="civil")), Committed)

    async def test_a_refusal_takes_no_id(self, desk: Bench) -> None:
        message = desk.acceptance("a")
        refusal = RefusalRecord(
            id=desk.ids.new(), system="portal", sender_id="a", contract="c", code="E_CONTRACT_INVALID", problem=b"{}",
            digest=b"d", refused_at=desk.clock.now(),
        )  # fmt: skip
        assert await desk.journal.acceptances.refuse(refusal) is None

        assert isinstance(await desk.journal.acceptances.accept(message), Committed)

    async def test_a_case_belongs_to_its_parties(self, desk: Bench) -> None:
        await desk.journal.acceptances.accept(desk.acceptance(to=("housing",)))
        stranger = desk.acceptance(system="civil", any_case=False)
        party = desk.acceptance(system="housing", any_case=False)

        assert await desk.journal.acceptances.accept(stranger) == ForeignCase()
        assert isinstance(await desk.journal.acceptances.accept(party), Committed)

    async def test_one_row_the_database_refuses_stands_alone(self, desk: Bench) -> None:
        good = [desk.acceptance(case=f"c{n}") for n in range(20)]
        guilty = desk.acceptance(case="nul \x00 in it")
        results = await asyncio.gather(*(desk.journal.acceptances.accept(m) for m in [*good[:10], guilty, *good[10:]]))

        assert isinstance(results[10], Unwritable)
        assert all(isinstance(r, Committed) for n, r in enumerate(results) if n != 10)

    async def test_two_hubs_with_common_input_agree_and_never_deadlock(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2") as two:
            # A third of the input is common; many cases are shared, in opposite order.
            ours = [one.acceptance(f"a{n}", f"case-{n % 40}", ("housing", "civil")) for n in range(600)]
            theirs = [two.acceptance(f"a{n + 400}", f"case-{n % 40}", ("civil", "housing")) for n in range(600)]
            results = await asyncio.gather(
                *(one.journal.acceptances.accept(m) for m in ours),
                *(two.journal.acceptances.accept(m) for m in reversed(theirs)),
            )

            outcomes: dict[str, list[object]] = {m.sender_id: [] for m in [*ours, *theirs]}
            for message, result in zip([*ours, *reversed(theirs)], results, strict=True):
                outcomes[message.sender_id].append(result)
            assert all(sum(isinstance(r, Committed) for r in rs) == 1 for rs in outcomes.values())
            assert sum(isinstance(r, Duplicate) for r in results) == 200
            for case in (f"case-{n}" for n in range(40)):
                view = await one.journal.lookups.case(case)
                assert isinstance(view, CaseView), view
                positions = sorted(d.position for m in view.messages for d in m.deliveries if d.destination == "civil")
                assert positions == list(range(1, len(view.messages) + 1)), "positions in a lane are dense"


class TestLanes:
    async def test_only_the_head_of_a_lane_is_offered_and_the_next_follows_its_settlement(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        first, second = desk.acceptance(), desk.acceptance()
        await desk.journal.acceptances.accept(first)
        await desk.journal.acceptances.accept(second)

        (frame,) = await frames.next()
        assert [o.delivery for o in frame.offers] == [first.deliveries[0].id]
        assert await desk.journal.deliveries.claim(second.deliveries[0].id) == NotClaimable()

        claim = await desk.claim(first.deliveries[0])
        assert await desk.journal.deliveries.settle(desk.settlement(claim)) == Settled()
        (frame,) = await frames.next()
        assert [o.delivery for o in frame.offers] == [second.deliveries[0].id]
        assert frame.queue == QUEUES[1]

    async def test_lanes_of_other_cases_and_destinations_are_free(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        await desk.journal.acceptances.accept(desk.acceptance(to=("housing", "civil")))
        await desk.journal.acceptances.accept(desk.acceptance(case="case-2"))

        offered = [o.destination for _ in range(2) for f in await frames.next() for o in f.offers]
        assert sorted(offered) == ["civil", "housing", "housing"]

    async def test_a_free_lane_is_offered_at_once(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        for _ in range(2):
            message = desk.acceptance(ordered=False)
            await desk.journal.acceptances.accept(message)
            (frame,) = await frames.next()
            assert frame.offers[0].delivery == message.deliveries[0].id
            await desk.claim(message.deliveries[0])

    async def test_a_dead_letter_blocks_its_lane_and_no_other(self, desk: Bench) -> None:
        first, second, other = desk.acceptance(), desk.acceptance(), desk.acceptance(case="case-2")
        for message in (first, second, other):
            await desk.journal.acceptances.accept(message)
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(first.deliveries[0]), State.DEAD))

        assert await desk.state_of(first) is State.DEAD
        assert await desk.journal.deliveries.claim(second.deliveries[0].id) == NotClaimable()
        assert isinstance(await desk.journal.deliveries.claim(other.deliveries[0].id), Claim)
        view = await desk.journal.lookups.message(second.message_id)
        assert isinstance(view, MessageView), view
        assert view.deliveries[0].blocked_by == first.deliveries[0].id

    async def test_a_dead_letter_that_yields_lets_its_lane_go_on(self, desk: Bench) -> None:
        first, second = desk.acceptance(), desk.acceptance()
        for message in (first, second):
            await desk.journal.acceptances.accept(message)
        dead = desk.settlement(await desk.claim(first.deliveries[0]), State.DEAD, yields=True)
        await desk.journal.deliveries.settle(dead)

        assert isinstance(await desk.journal.deliveries.claim(second.deliveries[0].id), Claim)

    async def test_concurrent_acceptance_and_settlement_never_skip_a_position(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        messages = [desk.acceptance() for _ in range(120)]
        effects: list[UUID] = []

        async def work_off() -> None:
            while len(effects) < len(messages):
                for frame in await frames.next():
                    for offer in frame.offers:
                        claim = await desk.journal.deliveries.claim(offer.delivery)
                        assert isinstance(claim, Claim)
                        effects.append(claim.message_id)
                        await desk.journal.deliveries.settle(desk.settlement(claim))

        async def send() -> None:
            for message in messages:  # one after the other, as one sender does
                await desk.journal.acceptances.accept(message)

        async with asyncio.timeout(60):
            await asyncio.gather(work_off(), send())
        assert effects == [m.message_id for m in messages]


class TestClaims:
    async def test_a_claim_is_given_once(self, desk: Bench) -> None:
        message = desk.acceptance(content=b'{"b":2}')
        await desk.journal.acceptances.accept(message)
        results = await asyncio.gather(
            *(desk.journal.deliveries.claim(message.deliveries[0].id) for _ in range(10)),
        )

        (claim,) = [r for r in results if isinstance(r, Claim)]
        assert (claim.attempt, claim.failures, claim.canonical) == (1, 0, b'{"b":2}')
        assert sum(r == NotClaimable() for r in results) == 9

    async def test_a_partition_of_another_hub_is_not_ours_to_claim(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as owner, bench(journal_dsn, "hub-2", own=False) as other:
            message = owner.acceptance()
            await other.journal.acceptances.accept(message)

            assert await other.journal.deliveries.claim(message.deliveries[0].id) == NotClaimable()
            assert isinstance(await owner.journal.deliveries.claim(message.deliveries[0].id), Claim)

    async def test_a_settlement_is_written_once(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        settlement = desk.settlement(await desk.claim(message.deliveries[0]))

        assert await desk.journal.deliveries.settle(settlement) == Settled()
        assert await desk.journal.deliveries.settle(settlement) == Stale()
        assert await desk.state_of(message) is State.DELIVERED

    async def test_a_retry_waits_for_its_time_and_keeps_count(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        claim = await desk.claim(message.deliveries[0])
        due = desk.clock.now().replace(year=2099)
        await desk.journal.deliveries.settle(desk.settlement(claim, State.WAITING, due_at=due, leaf=None))

        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 0
        desk.clock.moment = due
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1
        again = await desk.claim(message.deliveries[0])
        assert (again.attempt, again.failures) == (2, 1)

    async def test_an_uncounted_return_burns_no_attempt(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        claim = await desk.claim(message.deliveries[0])
        back = desk.settlement(claim, State.WAITING, due_at=desk.clock.now(), counted=False, leaf=None)
        await desk.journal.deliveries.settle(back)

        assert (await desk.claim(message.deliveries[0])).failures == 0

    async def test_a_claim_whose_answer_was_lost_is_found_again(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.claim(message.deliveries[0])
        later = desk.clock.now().replace(year=2099)

        assert await desk.journal.offers.unclaim(QUEUES[1], later, {message.deliveries[0].id}) == 0
        assert await desk.journal.offers.unclaim(QUEUES[1], later, set()) == 1
        assert (await desk.claim(message.deliveries[0])).failures == 0


class TestOffers:
    async def test_the_urgent_overtakes_the_backlog(self, desk: Bench) -> None:
        desk.journal.offers.congested(frozenset(QUEUES))
        backlog = [desk.acceptance(case=f"c{n}") for n in range(20)]
        urgent = desk.acceptance(case="urgent", priority=0)
        for message in [*backlog, urgent]:
            await desk.journal.acceptances.accept(message)
        frames = Frames(desk.journal)

        assert await desk.journal.offers.offer_due(QUEUES[1], 1) == 1
        (frame,) = await frames.next()
        assert frame.offers[0].delivery == urgent.deliveries[0].id

    async def test_age_outweighs_urgency_in_the_end(self, desk: Bench) -> None:
        desk.journal.offers.congested(frozenset(QUEUES))
        old = desk.acceptance(case="old", priority=9)
        await desk.journal.acceptances.accept(old)
        desk.clock.step(hours=9 * 6 + 1)
        await desk.journal.acceptances.accept(desk.acceptance(case="urgent", priority=0))
        frames = Frames(desk.journal)

        assert await desk.journal.offers.offer_due(QUEUES[1], 1) == 1
        (frame,) = await frames.next()
        assert frame.offers[0].delivery == old.deliveries[0].id

    async def test_one_destination_does_not_take_the_whole_window(self, desk: Bench) -> None:
        desk.journal.offers.congested(frozenset(QUEUES))
        slow = [desk.acceptance(case=f"c{n}", to=("slow",)) for n in range(5)]
        for message in [*slow, desk.acceptance(case="other", to=("quick",))]:
            await desk.journal.acceptances.accept(message)

        assert await desk.journal.offers.offer_due(QUEUES[1], 10, 2, {}) == 3
        assert await desk.journal.offers.offer_due(QUEUES[1], 10, 2, {"slow": 0}) == 0
        assert await desk.journal.offers.offer_due(QUEUES[1], 1, 2, {}) == 1
        pressures = await desk.journal.offers.pressure(QUEUES)
        assert not isinstance(pressures, JournalDown)
        assert pressures[QUEUES[1]].by_destination == {"slow": 3, "quick": 1}

    async def test_a_crowd_waits_in_the_journal_and_others_go_on(self, desk: Bench) -> None:
        desk.journal.offers.congested(frozenset(), frozenset({(QUEUES[1], "slow")}))
        slow, quick = desk.acceptance(case="a", to=("slow",)), desk.acceptance(to=("quick",))
        for message in (slow, quick):
            await desk.journal.acceptances.accept(message)
        assert (await desk.state_of(slow), await desk.state_of(quick)) == (State.WAITING, State.OFFERED)

    async def test_what_stands_behind_another_is_not_ready_until_its_turn(self, desk: Bench) -> None:
        first, second = desk.acceptance(), desk.acceptance()
        for message in (first, second):
            await desk.journal.acceptances.accept(message)
        assert not (await _pressure(desk)).due
        later = desk.clock.now().replace(year=2099)
        claim = await desk.claim(first.deliveries[0])
        await desk.journal.deliveries.settle(desk.settlement(claim, State.WAITING, due_at=later, leaf=None))
        assert (await _pressure(desk)).due, "it waits at the head, for its time"
        desk.clock.moment = later
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1, "the second is behind it still"
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(first.deliveries[0])))
        assert await desk.state_of(second) is State.OFFERED

    async def test_the_next_in_a_lane_takes_its_turn_behind_the_urgent_when_the_window_is_full(
        self, desk: Bench
    ) -> None:
        first, second = desk.acceptance(), desk.acceptance()
        for message in (first, second):
            await desk.journal.acceptances.accept(message)
        claim = await desk.claim(first.deliveries[0])
        desk.journal.offers.congested(frozenset(), frozenset({(QUEUES[1], "housing")}))
        urgent = desk.acceptance(case="urgent", priority=0)
        await desk.journal.acceptances.accept(urgent)
        await desk.journal.deliveries.settle(desk.settlement(claim))
        assert await desk.state_of(second) is State.WAITING
        assert await desk.journal.offers.offer_due(QUEUES[1], 1) == 1
        assert (await desk.state_of(urgent), await desk.state_of(second)) == (State.OFFERED, State.WAITING)
        assert await desk.journal.offers.offer_due(QUEUES[1], 1) == 1

    async def test_a_head_that_was_missed_is_found(self, desk: Bench) -> None:
        first, second, third = (desk.acceptance() for _ in range(3))
        for message in (first, second, third):
            await desk.journal.acceptances.accept(message)
        claim = await desk.claim(first.deliveries[0])
        other = await asyncpg.connect(desk.dsn)
        async with other.transaction():
            await other.execute("select from delivery_open where id = $1 for update", second.deliveries[0].id)
            await desk.journal.deliveries.settle(desk.settlement(claim))
        await other.close()
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 0
        assert await desk.journal.offers.free_missed(QUEUES[1]) == 1
        assert await desk.journal.offers.free_missed(QUEUES[1]) == 0
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1
        assert await desk.state_of(second) is State.OFFERED

    async def test_pressure_tells_how_full_a_window_is(self, desk: Bench) -> None:
        await desk.journal.acceptances.accept(desk.acceptance())
        desk.journal.offers.congested(frozenset(QUEUES))
        await desk.journal.acceptances.accept(desk.acceptance(case="case-2"))
        pressures = await desk.journal.offers.pressure(QUEUES)

        assert not isinstance(pressures, JournalDown)
        assert (pressures[QUEUES[1]].offered, pressures[QUEUES[1]].due) == (1, True)
        assert (pressures[QUEUES[0]].offered, pressures[QUEUES[0]].due) == (0, False)

    async def test_what_never_arrived_is_seen_as_astray_and_can_be_given_back(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        (frame,) = await frames.next()
        delivery = message.deliveries[0].id
        desk.clock.step(seconds=10)

        assert await desk.journal.offers.astray(QUEUES[1], desk.clock.now()) == [(delivery, frame.id)]
        await desk.journal.offers.give_back([delivery], desk.clock.now())
        assert await desk.journal.offers.astray(QUEUES[1], desk.clock.now()) == []
        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1


class TestOwnership:
    async def test_two_hubs_that_start_together_agree(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, own=False) as desk:
            first = await asyncpg.connect(journal_dsn)
            async with first.transaction():
                await first.execute("insert into fact (name, value) values ('try', 'of the first')")
                later = asyncio.create_task(desk.journal.ownerships.agree("try", "of the later"))
                while not await first.fetchval("select exists (select from pg_locks where not granted)"):
                    assert not later.done(), "it has not waited for the first"
            await first.close()
            assert await later == "of the first"

    async def test_a_name_belongs_to_one_living_hub(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1"), bench(journal_dsn, "hub-1", own=False) as second:
            assert await second.journal.ownerships.join("hub-1", second.incarnation) == NameTaken()

    async def test_two_hubs_share_the_partitions(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2") as two:
            mine = await one.journal.ownerships.beat(QUEUES, 10.0)
            assert isinstance(mine, Ownership)
            assert len(mine.surplus) == 2
            await one.journal.ownerships.release(sorted(mine.surplus))

            theirs = await two.journal.ownerships.beat(QUEUES, 10.0)
            mine = await one.journal.ownerships.beat(QUEUES, 10.0)
            assert isinstance(mine, Ownership)
            assert isinstance(theirs, Ownership)
            assert set(mine.epochs) | set(theirs.epochs) == set(QUEUES)
            assert not set(mine.epochs) & set(theirs.epochs)

    async def test_a_hub_that_hears_nothing_of_the_bus_leaves_its_partitions_to_one_that_does(
        self, journal_dsn: str
    ) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2", own=False) as two:
            assert await two.journal.ownerships.join("hub-2", two.incarnation) is None
            deaf = await one.journal.ownerships.beat(QUEUES, 10.0, deaf=True)
            assert isinstance(deaf, Ownership)
            assert deaf.surplus == frozenset(QUEUES)
            await one.journal.ownerships.release(QUEUES)
            everything = await two.journal.ownerships.beat(QUEUES, 10.0)
            assert isinstance(everything, Ownership)
            assert (set(everything.epochs), everything.surplus) == (set(QUEUES), frozenset())

            both = await two.journal.ownerships.beat(QUEUES, 10.0, deaf=True)
            assert isinstance(both, Ownership)
            assert len(both.surplus) == len(QUEUES) // 2, "where nobody hears anything, all share as ever"
            await two.journal.ownerships.beat(QUEUES, 10.0)
            again = await one.journal.ownerships.beat(QUEUES, 10.0)
            assert isinstance(again, Ownership)
            shared = await two.journal.ownerships.beat(QUEUES, 10.0)
            assert isinstance(shared, Ownership)
            assert len(shared.surplus) == len(QUEUES) // 2

    async def test_a_successor_fences_its_predecessor_off(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as dead:
            message = dead.acceptance()
            await dead.journal.acceptances.accept(message)
            claim = await dead.claim(message.deliveries[0])
            await dead.journal.ownerships.leave()  # type: ignore[attr-defined]  # the name falls free, as when a process dies

            async with bench(journal_dsn, "hub-1") as successor:
                assert await successor.journal.ownerships.recover(QUEUES[1], {"housing"}) == 1
                assert await dead.journal.deliveries.settle(dead.settlement(claim)) == Stale()
                assert await dead.journal.deliveries.claim(message.deliveries[0].id) != claim

    async def test_what_was_being_sent_is_quarantined_where_repeating_is_safe(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.claim(message.deliveries[0])
        await desk.journal.ownerships.recover(QUEUES[1], {"housing"})

        assert await desk.journal.deliveries.claim(message.deliveries[0].id) == Quarantined()
        claim = await desk.claim(message.deliveries[0], alone=True)
        assert (claim.suspect, claim.failures) == (True, 0), "the first death names nobody"

    async def test_what_this_process_has_in_hand_stays_its_own(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        claim = await desk.claim(message.deliveries[0])
        await desk.journal.ownerships.recover(QUEUES[1], set(), in_hand={claim.delivery_id})

        assert await desk.journal.deliveries.settle(desk.settlement(claim)) == Settled()
        assert await desk.state_of(message) is State.DELIVERED

    async def test_what_was_being_sent_is_in_doubt_elsewhere(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.claim(message.deliveries[0])
        await desk.journal.ownerships.recover(QUEUES[1], set())

        assert await desk.state_of(message) is State.IN_DOUBT
        assert await desk.journal.deliveries.claim(message.deliveries[0].id, alone=True) == NotClaimable()

    async def test_a_doubt_that_a_takeover_left_is_resolved_by_who_sent_it(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2", own=False) as two:
            known, untold, retried = one.acceptance(case="a"), one.acceptance(case="b"), one.acceptance(case="c")
            follower = one.acceptance(case="a")
            for message in (known, untold, retried, follower):
                await one.journal.acceptances.accept(message)
            claims = [await one.claim(message.deliveries[0]) for message in (known, untold, retried)]
            await _hand_over(one, two)
            assert await two.journal.ownerships.recover(QUEUES[1], set()) == 3

            told = one.settlement(claims[0])
            assert await one.journal.deliveries.settle(told) == Settled()
            assert await one.journal.deliveries.settle(told) == Stale(), "it is told once"
            again = one.settlement(claims[2], State.WAITING, due_at=one.clock.now(), code="UNAVAILABLE", leaf=None)
            assert await one.journal.deliveries.settle(again) == Settled()

            assert [await two.state_of(message) for message in (known, untold, retried)] == [
                State.DELIVERED,
                State.IN_DOUBT,
                State.WAITING,
            ]
            assert await _told(two, known) == [(1, State.IN_DOUBT, "CRASHED", (State.DELIVERED, "X", "r"))]
            assert await _told(two, untold) == [(1, State.IN_DOUBT, "CRASHED", None)]
            assert isinstance(await two.journal.deliveries.claim(follower.deliveries[0].id), Claim), "the lane goes on"
            resent = await two.claim(retried.deliveries[0])
            assert (resent.attempt, resent.failures, resent.crashes, resent.suspect) == (2, 1, 0, False)

    async def test_who_sent_it_is_not_believed_any_more_once_it_is_asked_about_or_sent_again(
        self, journal_dsn: str
    ) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2", own=False) as two:
            asked, repeated = one.acceptance(case="a"), one.acceptance(case="b", to=("civil",))
            for message in (asked, repeated):
                await one.journal.acceptances.accept(message)
            claims = [await one.claim(message.deliveries[0]) for message in (asked, repeated)]
            await _hand_over(one, two)
            await two.journal.ownerships.recover(QUEUES[1], {"civil"}, {"housing"})
            (question,) = await two.doubts("housing")
            repeat = await two.claim(repeated.deliveries[0], alone=True)

            for claim in claims:
                assert await one.journal.deliveries.settle(one.settlement(claim)) == Stale()
            assert await _told(two, asked) == [(1, State.IN_DOUBT, "CRASHED", (State.DELIVERED, "X", "r"))]
            for claim in (question, repeat):
                assert await two.journal.deliveries.settle(two.settlement(claim)) == Settled()
            assert await _told(two, repeated) == [
                (1, State.WAITING, "CRASHED", (State.DELIVERED, "X", "r")),
                (2, State.DELIVERED, "X", None),
            ]

    async def test_a_claim_whose_answer_was_lost_is_taken_back_though_another_hub_put_it_in_doubt(
        self, journal_dsn: str
    ) -> None:
        """As when the database is killed in the very moment of a claim: it stands, and nothing was sent under it."""
        cut = Cut(Point.AFTER_CLAIM_COMMIT)
        async with bench(journal_dsn, "hub-1", cut) as one, bench(journal_dsn, "hub-2", own=False) as two:
            taken_over, kept, sent = (one.acceptance(case=case) for case in "abc")
            for message in (taken_over, kept, sent):
                await one.journal.acceptances.accept(message)
            delivered = await one.claim(sent.deliveries[0])
            cut.armed = True
            lost = await asyncio.gather(
                *(one.journal.deliveries.claim(message.deliveries[0].id) for message in (taken_over, kept))
            )
            cut.armed = False
            assert [type(answer) for answer in lost] == [JournalDown, JournalDown]
            assert await one.state_of(taken_over) is State.SENDING
            await _hand_over(one, two)
            await two.journal.ownerships.recover(QUEUES[1], set(), in_hand=set())
            assert await two.state_of(taken_over) is State.IN_DOUBT

            assert await one.journal.deliveries.disown() == 2
            assert [await two.state_of(message) for message in (taken_over, kept, sent)] == [
                State.WAITING,
                State.WAITING,
                State.IN_DOUBT,
            ]
            again = await two.claim(taken_over.deliveries[0])
            assert (again.attempt, again.failures, again.crashes, again.suspect) == (2, 0, 0, False)
            assert await one.journal.deliveries.disown() == 0, "what was claimed since is somebody else's"
            assert await one.journal.deliveries.settle(one.settlement(delivered)) == Settled()

    async def test_a_claim_that_was_given_up_untouched_has_nothing_to_tell(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2", own=False) as two:
            message = one.acceptance()
            await one.journal.acceptances.accept(message)
            claim = await one.claim(message.deliveries[0])
            await _hand_over(one, two)
            await two.journal.ownerships.recover(QUEUES[1], {"housing"})
            unsent = one.settlement(claim, State.WAITING, counted=False, due_at=one.clock.now(), leaf=None)

            assert await one.journal.deliveries.settle(unsent) == Stale()
            assert await _told(two, message) == [(1, State.WAITING, "CRASHED", None)]

    async def test_what_was_being_sent_is_asked_about_where_it_can_be(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.claim(message.deliveries[0])
        await desk.journal.ownerships.recover(QUEUES[1], set(), {"housing"})

        assert await desk.state_of(message) is State.IN_DOUBT
        (doubt,) = await desk.doubts("housing")
        assert (doubt.delivery_id, doubt.crashes, doubt.suspect) == (message.deliveries[0].id, 1, True)

    async def test_every_death_counts_until_a_send_is_answered(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.claim(message.deliveries[0])
        for crashes in (1, 2, 3):
            await desk.journal.ownerships.recover(QUEUES[1], {"housing"})
            claim = await desk.claim(message.deliveries[0], alone=True)
            assert (claim.crashes, claim.failures) == (crashes, 0)

        back = desk.settlement(claim, State.WAITING, due_at=desk.clock.now(), leaf=None)
        await desk.journal.deliveries.settle(back)
        claim = await desk.claim(message.deliveries[0])
        assert (claim.crashes, claim.suspect, claim.failures) == (0, False, 1)

    async def test_the_dead_owners_window_is_offered_again(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.journal.ownerships.recover(QUEUES[1], set())

        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1


class TestShelf:
    async def test_an_accepted_delivery_is_lent_to_one_at_a_time(self, desk: Bench) -> None:
        message = await _shelved(desk)
        lease, other = desk.ids.new(), desk.ids.new()
        until = desk.clock.now().replace(year=2098)

        lent = await desk.journal.shelf.lease("housing", 10, until, lease)
        assert not isinstance(lent, JournalDown)
        assert [c.message_id for c in lent] == [message.message_id]
        assert await desk.journal.shelf.lease("housing", 10, until, other) == []
        assert await desk.journal.shelf.leased("housing", lease) == lent

    async def test_leases_asked_for_at_one_time_share_no_delivery(self, desk: Bench) -> None:
        messages = {(await _shelved(desk, f"case-{n}")).message_id for n in range(5)}
        until = desk.clock.now().replace(year=2098)
        leases = [desk.ids.new() for _ in range(4)]
        lent = await asyncio.gather(
            *(desk.journal.shelf.lease("housing", 2, until, lease) for lease in leases),
            desk.journal.shelf.lease("nobody", 2, until, desk.ids.new()),
        )
        found = [[] if isinstance(some, JournalDown) else [claim.message_id for claim in some] for some in lent]
        assert sorted(map(len, found)) == [0, 0, 1, 2, 2]
        assert {message for some in found for message in some} == messages
        held = await asyncio.gather(*(desk.journal.shelf.leased("housing", lease) for lease in [*leases, leases[0]]))
        assert held == [*lent[:4], lent[0]]

    async def test_a_shelf_is_filled_while_something_on_it_may_be_lent(self, desk: Bench) -> None:
        assert await desk.journal.shelf.filled(["housing", "nobody"]) == []
        await _shelved(desk)
        assert await desk.journal.shelf.filled(["housing", "nobody"]) == ["housing"]
        until = desk.clock.now().replace(year=2098)
        await desk.journal.shelf.lease("housing", 10, until, desk.ids.new())
        assert await desk.journal.shelf.filled(["housing", "nobody"]) == []
        desk.clock.moment = until
        assert await desk.journal.shelf.filled(["housing", "nobody"]) == ["housing"]

    async def test_a_lease_that_ran_out_is_lent_again_and_the_first_holder_is_stale(self, desk: Bench) -> None:
        await _shelved(desk)
        until = desk.clock.now().replace(year=2098)
        first = await desk.journal.shelf.lease("housing", 10, until, desk.ids.new())
        desk.clock.moment = until
        second = await desk.journal.shelf.lease("housing", 10, until.replace(year=2099), desk.ids.new())
        assert not isinstance(first, JournalDown)
        assert not isinstance(second, JournalDown)

        assert await desk.journal.deliveries.settle(desk.settlement(first[0])) == Stale()
        assert await desk.journal.deliveries.settle(desk.settlement(second[0])) == Settled()

    async def test_an_acknowledgement_frees_the_lane(self, desk: Bench) -> None:
        message = await _shelved(desk)
        follower = desk.acceptance()
        await desk.journal.acceptances.accept(follower)
        assert await desk.journal.deliveries.claim(follower.deliveries[0].id) == NotClaimable()
        lent = await desk.journal.shelf.lease("housing", 1, desk.clock.now().replace(year=2098), desk.ids.new())
        assert not isinstance(lent, JournalDown)
        await desk.journal.deliveries.settle(desk.settlement(lent[0]))

        assert await desk.state_of(message) is State.DELIVERED
        assert isinstance(await desk.journal.deliveries.claim(follower.deliveries[0].id), Claim)


class TestLookups:
    async def test_a_message_is_found_by_its_senders_id_with_its_attempts(self, desk: Bench) -> None:
        message = desk.acceptance("my-id")
        await desk.journal.acceptances.accept(message)
        claim = await desk.claim(message.deliveries[0])
        due = desk.clock.now()
        await desk.journal.deliveries.settle(desk.settlement(claim, State.WAITING, due_at=due, code="BUSY", leaf=None))
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(message.deliveries[0])))
        view = await desk.journal.lookups.message_by_sender_id("portal", "my-id")

        assert view is not None
        assert not isinstance(view, JournalDown)
        assert view.id == message.message_id
        assert [(a.attempt, a.state, a.code) for a in view.deliveries[0].attempts] == [
            (1, State.WAITING, "BUSY"),
            (2, State.DELIVERED, "X"),
        ]

    async def test_what_is_not_there_is_none(self, desk: Bench) -> None:
        assert await desk.journal.lookups.message(desk.ids.new()) is None
        assert await desk.journal.lookups.message_by_sender_id("portal", "x") is None
        assert await desk.journal.lookups.case("x") is None

    async def test_a_material_is_readable_by_its_owner_and_the_parties_of_a_case_that_names_it(
        self, desk: Bench
    ) -> None:
        digest = "sha256:" + "0" * 64
        await desk.journal.materials.keep(digest, "portal", 12, "image/png", desk.clock.now())

        assert await desk.journal.materials.readable(digest, "portal") == (12, "image/png")
        assert await desk.journal.materials.readable(digest, "housing") is None
        await desk.journal.acceptances.accept(desk.acceptance(materials=(digest,)))
        assert await desk.journal.materials.readable(digest, "housing") == (12, "image/png")
        assert await desk.journal.materials.readable(digest, "civil") is None


class TestRecorded:
    async def test_what_was_accepted_comes_oldest_first_and_batch_by_batch(self, desk: Bench) -> None:
        since = desk.clock.now()
        messages = await _accepted(desk, *(f"c{n}" for n in range(5)))
        first = await _recorded(desk, since, None, 2)
        second = await _recorded(desk, since, first[-1].message_id, 2)
        third = await _recorded(desk, since, second[-1].message_id, 2)

        assert [len(batch) for batch in (first, second, third)] == [2, 2, 1]
        assert [one.message_id for one in (*first, *second, *third)] == [one.message_id for one in messages]

    async def test_each_says_who_sent_what_about_which_case(self, desk: Bench) -> None:
        message = desk.acceptance(case="c", system="civil", content=b'{"b":2}')
        await desk.journal.acceptances.accept(message)

        (found,) = await _recorded(desk, message.accepted_at)
        assert found == Recorded(
            message_id=message.message_id, system="civil", contract="cn.gov.test", version=1, case="c",
            accepted_at=message.accepted_at, canonical=b'{"b":2}',
        )  # fmt: skip

    async def test_a_long_record_comes_back_as_it_was(self, desk: Bench) -> None:
        content = b'{"a":"' + bytes(range(35, 91)) * 2000 + b'"}'
        await desk.journal.acceptances.accept(desk.acceptance(content=content))

        (found,) = await _recorded(desk, desk.clock.now())
        assert found.canonical == content

    async def test_only_what_was_accepted_since_then(self, desk: Bench) -> None:
        (early,) = await _accepted(desk, "early")
        desk.clock.step(seconds=1)
        since = desk.clock.now()
        at, _ = await _accepted(desk, "at", "late")

        assert [one.case for one in await _recorded(desk, since)] == ["at", "late"]
        assert [one.case for one in await _recorded(desk, early.accepted_at)] == ["early", "at", "late"]
        assert await _recorded(desk, since, at.message_id, 1) == await _recorded(desk, since, at.message_id, 2)
        assert await _recorded(desk, since.replace(year=since.year + 1)) == []

    async def test_a_duplicate_was_recorded_once(self, desk: Bench) -> None:
        for _ in range(3):
            await desk.journal.acceptances.accept(desk.acceptance("same"))

        assert len(await _recorded(desk, desk.clock.now())) == 1


class TestBefore:
    """What a case had, of some contracts, before a message of it."""

    async def test_the_newest_first_and_never_what_came_later(self, desk: Bench) -> None:
        one, two, asked, late = await _accepted(desk, *["c"] * 4, contracts=("a", "b", "a", "a"))

        assert await _before(desk, "c", late, "a", "b") == _ids(asked, two, one)
        assert await _before(desk, "c", asked, "a", "b") == _ids(two, one)
        assert await _before(desk, "c", one, "a", "b") == []

    async def test_only_the_contracts_that_are_asked_for(self, desk: Bench) -> None:
        one, _, late = await _accepted(desk, *["c"] * 3, contracts=("a", "b", "c"))

        assert await _before(desk, "c", late, "a", "z") == _ids(one)
        assert await _before(desk, "c", late) == []

    async def test_only_the_case_that_is_asked_about(self, desk: Bench) -> None:
        _, late = await _accepted(desk, "other", "c", contracts=("a", "b"))

        assert await _before(desk, "c", late, "a") == []
        assert await _before(desk, "nobody", late, "a") == []

    async def test_it_comes_with_its_data(self, desk: Bench) -> None:
        one, late = await _accepted(desk, "c", "c", contracts=("a", "b"))

        found = await desk.journal.lookups.before("c", late.message_id, ["a"])
        assert not isinstance(found, JournalDown)
        assert [(r.message_id, r.contract, r.case, r.canonical) for r in found] == [
            (one.message_id, "a", "c", one.canonical)
        ]


async def _accepted(desk: Bench, *cases: str, contracts: Sequence[str] = ()) -> list[Acceptance]:
    """A message of each case, one after another; of these contracts, if they are given."""
    messages = [desk.acceptance(case=case) for case in cases]
    if contracts:
        messages = [replace(one, contract=name) for one, name in zip(messages, contracts, strict=True)]
    for message in messages:
        assert isinstance(await desk.journal.acceptances.accept(message), Committed)
    return messages


async def _recorded(desk: Bench, since: datetime, after: UUID | None = None, limit: int = 100) -> list[Recorded]:
    found = await desk.journal.lookups.recorded(since, after, limit)
    assert not isinstance(found, JournalDown), found
    return list(found)


async def _before(desk: Bench, case: str, message: Acceptance, *contracts: str) -> list[UUID]:
    found = await desk.journal.lookups.before(case, message.message_id, contracts)
    assert not isinstance(found, JournalDown), found
    return [one.message_id for one in found]


def _ids(*messages: Acceptance) -> list[UUID]:
    return [one.message_id for one in messages]


class TestOutage:
    async def test_a_killed_database_is_an_answer_and_comes_back(self, postgres: PrivatePostgres) -> None:
        async with bench(await postgres.fresh_database()) as desk:
            message = desk.acceptance()
            await desk.journal.acceptances.accept(message)
            await postgres.kill()
            late = desk.acceptance("late")

            assert isinstance(await desk.journal.acceptances.accept(late), JournalDown)
            assert isinstance(await desk.journal.deliveries.claim(message.deliveries[0].id), JournalDown)
            assert isinstance(await desk.journal.lookups.ping(), JournalDown)
            assert isinstance(await desk.journal.lookups.recorded(late.accepted_at, None, 1), JournalDown)
            assert isinstance(await desk.journal.lookups.before("case-1", late.message_id, ["a"]), JournalDown)

            await postgres.restart()
            assert await desk.journal.lookups.ping() is None
            assert await desk.journal.acceptances.accept(late) == Committed(late.receipt)
            assert await desk.journal.acceptances.accept(message) == Duplicate(message.receipt)


async def _shelved(desk: Bench, case: str = "case-1") -> Acceptance:
    message = desk.acceptance(case=case)
    await desk.journal.acceptances.accept(message)
    claim = await desk.claim(message.deliveries[0])
    settled = await desk.journal.deliveries.settle(desk.settlement(claim, State.ACCEPTED, counted=False, leaf=None))
    assert settled == Settled()
    return message


async def test_upkeep_prepares_the_months_to_come(desk: Bench) -> None:
    desk.clock.step(days=100)
    assert await desk.journal.upkeep() is None
    message = desk.acceptance()
    assert isinstance(await desk.journal.acceptances.accept(message), Committed)

    connection = await asyncpg.connect(desk.dsn)
    month = await connection.fetchval("select tableoid::regclass::text from message where id = $1", message.message_id)
    await connection.close()
    assert month == f"message_{desk.clock.now():%Y_%m}"


async def _pressure(desk: Bench) -> Pressure:
    pressures = await desk.journal.offers.pressure(QUEUES)
    assert not isinstance(pressures, JournalDown)
    return pressures[QUEUES[1]]


async def _hand_over(one: Bench, two: Bench) -> None:
    """The leases of the first run out, and the second takes them; the first lives and knows of nothing."""
    assert await two.journal.ownerships.join("hub-2", two.incarnation) is None
    await one.journal.ownerships.release(QUEUES)
    connection = await asyncpg.connect(one.dsn)
    try:
        await connection.execute("update hub_instance set seen_at = '-infinity' where name = 'hub-1'")
    finally:
        await connection.close()
    ownership = await two.journal.ownerships.beat(QUEUES, 10.0)
    assert isinstance(ownership, Ownership)
    assert set(ownership.epochs) == set(QUEUES)


async def _told(desk: Bench, message: Acceptance) -> list[tuple[int, State, str, tuple[State, str, str] | None]]:
    """The attempts of its first delivery, each with what was told of it late."""
    view = await desk.journal.lookups.message(message.message_id)
    assert isinstance(view, MessageView)
    return [
        (
            one.attempt,
            one.state,
            one.code,
            None if (late := one.told_late) is None else (late.state, late.code, late.reference),
        )
        for one in view.deliveries[0].attempts
    ]


@dataclass(slots=True)
class Cut:
    """Loses what the database said at that point, while it is armed."""

    point: Point
    armed: bool = False

    def reach(self, point: Point) -> None:
        if self.armed and point is self.point:
            raise ConnectionResetError
