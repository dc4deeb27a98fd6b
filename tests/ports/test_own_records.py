# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a system may know of itself, in every journal: page by page, in order, and nobody else's."""

from collections.abc import AsyncIterator, Sequence

import pytest

from hub.ports.journal import JournalDown, LanePlace, RefusalRecord, RefusedView, State, WaitingView
from tests.support.journals import Bench, bench


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


async def refused(desk: Bench, sender_id: str, system: str = "portal") -> None:
    record = RefusalRecord(
        id=desk.ids.new(), system=system, sender_id=sender_id, contract="cn.gov.test", code="E_CONTRACT_INVALID",
        problem=b'{"code":"E_CONTRACT_INVALID"}', digest=b"d", refused_at=desk.clock.now(),
    )  # fmt: skip
    assert await desk.journal.acceptances.refuse(record) is None


async def refusals(desk: Bench, system: str = "portal") -> list[RefusedView]:
    """All of them, two at a time."""
    found: list[RefusedView] = []
    while True:
        page = await desk.journal.own_records.refusals(system, found[-1].id if found else None, 2)
        assert not isinstance(page, JournalDown), page
        found += page
        if len(page) < 2:
            return found


async def waiting(desk: Bench, *destinations: str, limit: int = 2) -> list[WaitingView]:
    found: list[WaitingView] = []
    after = None
    while True:
        page: Sequence[WaitingView] | JournalDown = await desk.journal.own_records.waiting(destinations, after, limit)
        assert not isinstance(page, JournalDown), page
        found += page
        if len(page) < limit:
            return found
        after = LanePlace(found[-1].destination, found[-1].case, found[-1].position)


async def test_refusals_are_ones_own_newest_first(desk: Bench) -> None:
    for n in range(5):
        await refused(desk, f"r{n}")
        await refused(desk, f"s{n}", system="civil")
    found = await refusals(desk)
    assert [one.sender_id for one in found] == ["r4", "r3", "r2", "r1", "r0"]
    assert {(one.contract, one.code, one.problem) for one in found} == {
        ("cn.gov.test", "E_CONTRACT_INVALID", b'{"code":"E_CONTRACT_INVALID"}')
    }
    assert await refusals(desk, "nobody") == []


async def test_what_is_not_finished_stands_in_the_order_of_the_lanes(desk: Bench) -> None:
    made = [desk.acceptance(case=case, to=["housing", "civil"]) for case in ("b", "a", "b", "乙", "b")]
    for one in made:
        await desk.journal.acceptances.accept(one)
    found = await waiting(desk, "housing", "civil")
    places = [("civil", "a", 1), ("civil", "b", 1), ("civil", "b", 2), ("civil", "b", 3), ("civil", "乙", 1)]
    assert [(one.destination, one.case, one.position) for one in found] == [
        *places, *(("housing", case, n) for _, case, n in places)
    ]  # fmt: skip
    assert {one.destination for one in await waiting(desk, "housing")} == {"housing"}
    assert await waiting(desk) == []
    assert await waiting(desk, "housing", "civil", limit=100) == found


async def test_what_is_finished_is_not_waiting_and_what_is_lent_says_until_when(desk: Bench) -> None:
    one, two = desk.acceptance(case="a"), desk.acceptance(case="b")
    for message in (one, two):
        await desk.journal.acceptances.accept(message)
    await desk.journal.deliveries.settle(desk.settlement(await desk.claim(one.deliveries[0])))
    await desk.journal.deliveries.settle(
        desk.settlement(await desk.claim(two.deliveries[0]), State.ACCEPTED, leaf=None)
    )
    [lying] = await waiting(desk, "housing")
    assert (lying.case, lying.state, lying.lent_until, lying.contract) == ("b", State.ACCEPTED, None, "cn.gov.test")
    until = desk.clock.now().replace(microsecond=0)
    until = until.replace(year=until.year + 1)
    assert await desk.journal.shelf.lease("housing", 1, until, desk.ids.new())
    [lent] = await waiting(desk, "housing")
    assert (lent.lent_until, lent.attempts) == (until, 2)
