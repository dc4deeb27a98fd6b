# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables in the journal, shared by all hubs; on PostgreSQL 15 and on the wheel's 18."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.ports.journal import Act, Acted, Difference, InForce, JournalDown, Observed, Overtaken, RequestTaken
from tests.support.journals import Bench, bench

WAY = Difference(kind="appears", destination="civil", old="", new="", system="portal", contract="cn.gov.process.step@1")


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


def act(desk: Bench, request: str, kind: str = "activate_routes") -> Act:
    return Act(
        id=desk.ids.new(), request=request, digest=request.encode(), kind=kind, actor="wang", via="cli",
        reason="the fire brigade has a system now", subject="routes b", acted_at=desk.clock.now(),
    )  # fmt: skip


async def test_a_hub_begins_with_its_file_only_if_that_never_was_active(desk: Bench) -> None:
    tables, now = desk.journal.route_tables, desk.clock.now()

    assert await tables.in_force() is None
    assert await tables.begin("a", "text a", "hub-1", now) == InForce(1, "a")
    assert await tables.begin("a", "text a", "hub-2", now) == InForce(1, "a")
    assert await tables.begin("b", "text b", "hub-1", now) == InForce(2, "b")
    assert await tables.begin("a", "text a", "hub-2", now) == InForce(2, "b")  # an older file changes nothing
    assert await tables.content("a") == "text a"
    assert await tables.content("c") is None


async def test_an_activation_is_audited_and_can_be_taken_back(desk: Bench) -> None:
    tables = desk.journal.route_tables
    await tables.begin("a", "text a", "hub-1", desk.clock.now())

    done = await tables.activate(act(desk, "one"), "b", "text b", 1)
    back = await tables.activate(act(desk, "two"), "a", "text a", 2)

    assert isinstance(done, Acted)
    assert isinstance(back, Acted)
    assert await tables.in_force() == InForce(3, "a")
    history = await tables.history(10)
    assert not isinstance(history, JournalDown)
    assert [(one.seq, one.version, one.actor, one.via) for one in history] == [
        (3, "a", "wang", "cli"), (2, "b", "wang", "cli"), (1, "a", "hub-1", "start"),
    ]  # fmt: skip
    acts = await desk.journal.acts.newest(None, 10)
    assert not isinstance(acts, JournalDown)
    assert [(one.kind, one.applied) for one in acts] == [("activate_routes", 1)] * 2


async def test_the_same_request_is_done_once(desk: Bench) -> None:
    tables = desk.journal.route_tables
    first = act(desk, "one")

    assert await tables.activate(first, "b", "text b", 0) == Acted(first.id, 1, again=False)
    assert await tables.activate(replace(first, id=desk.ids.new()), "b", "text b", 1) == Acted(first.id, 1, again=True)
    other = replace(first, id=desk.ids.new(), digest=b"other")
    assert isinstance(await tables.activate(other, "c", "text c", 1), RequestTaken)
    assert await tables.in_force() == InForce(1, "b")


async def test_of_two_at_once_one_is_told_what_the_other_did(desk: Bench) -> None:
    tables = desk.journal.route_tables
    await tables.begin("a", "text a", "hub-1", desk.clock.now())

    told = await asyncio.gather(
        *(tables.activate(act(desk, name), name, f"text {name}", 1) for name in ("b", "c", "d", "e"))
    )

    done = [one for one in told if isinstance(one, Acted)]
    late = [one for one in told if isinstance(one, Overtaken)]
    now = await tables.in_force()
    assert isinstance(now, InForce)
    assert (len(done), len(late), now.seq) == (1, 3, 2)
    assert {one.version for one in late} == {now.version}


async def test_what_is_in_force_already_is_no_new_activation(desk: Bench) -> None:
    tables = desk.journal.route_tables
    await tables.begin("a", "text a", "hub-1", desk.clock.now())

    done = await tables.activate(act(desk, "one"), "a", "text a", 1)

    assert isinstance(done, Acted)
    assert done.applied == 0
    assert await tables.in_force() == InForce(1, "a")


async def test_a_shadow_is_cast_replaced_and_ends_with_its_activation(desk: Bench) -> None:
    tables = desk.journal.route_tables
    await tables.begin("a", "text a", "hub-1", desk.clock.now())

    cast = await tables.cast(act(desk, "1", "shadow_routes"), "b", "text b")
    assert isinstance(cast, Acted)
    assert cast.applied == 1
    assert await tables.in_force() == InForce(1, "a", "b")
    await tables.cast(act(desk, "2"), "c", "text c")
    assert await tables.in_force() == InForce(1, "a", "c")
    await tables.activate(act(desk, "3"), "c", "text c", 1)
    assert await tables.in_force() == InForce(2, "c")
    await tables.cast(act(desk, "4"), "a", "text a")
    await tables.cast(act(desk, "5"), "", "")
    assert await tables.in_force() == InForce(2, "c")


async def test_what_a_shadow_does_otherwise_is_added_up_by_all_hubs(desk: Bench) -> None:
    tables, now = desk.journal.route_tables, desk.clock.now()
    messages = [desk.ids.new() for _ in range(8)]
    other = replace(WAY, kind="vanishes", old="priority: 1")

    async def one_hub(part: int) -> None:
        seen = [(WAY, messages[part]), (WAY, messages[part + 4]), (other, messages[part])]
        assert await tables.observe("b", "a", 10, seen, now) is None

    await asyncio.gather(*(one_hub(part) for part in range(4)))
    assert await tables.observe("b", "a", 5, [], now) is None

    observed = await tables.observed("b", "a")
    assert isinstance(observed, Observed)
    assert (observed.planned, observed.differing) == (45, 8)
    assert [(one.difference, one.count, len(one.samples)) for one in observed.differences] == [
        (WAY, 8, 5),
        (other, 4, 4),
    ]
    assert await tables.observed("c", "a") == Observed(0, 0)
