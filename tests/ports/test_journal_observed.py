# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking at the journal as a whole, and at slices of its history: the parts ``observations`` and ``samples``."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from hub.ports.journal import JournalDown, RefusalRecord, SampledMessage, State, Unowned
from tests.support.journals import QUEUES, Bench, bench


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


class TestObservations:
    async def test_what_is_open_by_destination_and_state(self, desk: Bench) -> None:
        first = desk.acceptance(case="a", to=("housing", "tax"))
        await desk.journal.acceptances.accept(first)
        desk.clock.step(minutes=5)
        second = desk.acceptance(case="a")
        await desk.journal.acceptances.accept(second)
        claim = await desk.claim(first.deliveries[0])
        dead = desk.settlement(claim, State.DEAD)
        await desk.journal.deliveries.settle(dead)
        standings = await desk.journal.observations.standings()
        assert not isinstance(standings, JournalDown)
        seen = {(one.destination, one.state): one for one in standings}
        assert {key: one.count for key, one in seen.items()} == {
            ("housing", "dead"): 1, ("housing", "waiting"): 1, ("tax", "offered"): 1,
        }  # fmt: skip
        assert seen["housing", "dead"].blocking == 1
        assert seen["housing", "dead"].oldest == first.accepted_at
        assert seen["housing", "waiting"].oldest_head is None, "it has not been at the head"
        assert seen["tax", "offered"].oldest_head == first.accepted_at

    async def test_partitions_of_nobody(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, own=False) as alone:
            look = alone.journal.observations.unowned
            assert await look(QUEUES) == Unowned(len(QUEUES), None)
            assert await alone.journal.ownerships.join("hub-1", alone.incarnation) is None
            await alone.journal.ownerships.beat(QUEUES, 10.0)
            assert await look(QUEUES) == Unowned(0, None)
            await alone.journal.ownerships.release(QUEUES[:1])
            assert await look(QUEUES) == Unowned(1, None)
            assert await look([]) == Unowned(0, None)

    async def test_a_trial_write_leaves_nothing(self, desk: Bench) -> None:
        assert await desk.journal.observations.try_write() is None
        assert await desk.journal.ownerships.agree("try", "1") == "1"


class TestSamples:
    async def test_a_slice_holds_messages_with_all_that_became_of_them(self, desk: Bench) -> None:
        since = desk.clock.now()
        first, second = desk.acceptance(case="a"), desk.acceptance(case="a")
        await desk.journal.acceptances.accept(first)
        await desk.journal.acceptances.accept(second)
        claim = await desk.claim(first.deliveries[0])
        desk.clock.step(seconds=3)
        await desk.journal.deliveries.settle(desk.settlement(claim))
        desk.clock.step(seconds=2)
        (one, two) = _slice(await desk.journal.samples.slice(since, desk.clock.now(), 10))
        assert (one.id, one.system, one.contract) == (first.message_id, "portal", "cn.gov.test")
        (done,), (held,) = one.deliveries, two.deliveries
        assert (done.state, done.settled_at) == (State.DELIVERED, since + timedelta(seconds=3))
        assert [(a.state, a.started_at, a.ended_at) for a in done.attempts] == [
            (State.DELIVERED, since, since + timedelta(seconds=3))
        ]
        assert (held.freed_at, held.held_by, held.settled_at) == (since + timedelta(seconds=3), None, None)
        assert len(_slice(await desk.journal.samples.slice(since, desk.clock.now(), 1))) == 1
        assert _slice(await desk.journal.samples.slice(desk.clock.now(), desk.clock.now(), 10)) == ()

    async def test_what_holds_a_delivery_is_told_by_its_state(self, desk: Bench) -> None:
        since = desk.clock.now()
        first, second = desk.acceptance(case="a"), desk.acceptance(case="a")
        await desk.journal.acceptances.accept(first)
        await desk.journal.acceptances.accept(second)
        await desk.journal.deliveries.settle(desk.settlement(await desk.claim(first.deliveries[0]), State.IN_DOUBT))
        desk.clock.step(seconds=1)
        (_, two) = _slice(await desk.journal.samples.slice(since, desk.clock.now(), 10))
        assert two.deliveries[0].held_by is State.IN_DOUBT

    async def test_refusals_and_hubs_are_counted(self, desk: Bench) -> None:
        since = desk.clock.now()
        record = RefusalRecord(
            id=desk.ids.new(), system="portal", sender_id="x", contract=None, code="E_TOO_OLD", problem=b"{}", digest=b"",
            refused_at=since,
        )  # fmt: skip
        assert await desk.journal.acceptances.refuse(record) is None
        assert await desk.journal.samples.refusals(since, 10) == (("portal", "E_TOO_OLD"),)
        assert await desk.journal.samples.hubs(10.0) == 1


def _slice(found: Sequence[SampledMessage] | JournalDown) -> Sequence[SampledMessage]:
    assert not isinstance(found, JournalDown)
    return found
