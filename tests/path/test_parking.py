# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is parked waits at most its time, alarms once, and is let out once: by a clock that jumps, over a restart, by two hubs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.journal.postgres import open_journal
from hub.lifecycle import CasePolicy, Parking, Policies
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import CaseView, Journal, Rigour, State
from hub.ports.probe import Quiet
from hub.timeline import What, entries
from hub.workers.parking import let_go, look
from hub.workers.watching import Watcher
from tests.path.test_lifecycle import ACCEPTED, CLOSED, LICENCE, STEP, parked, said
from tests.support.hubs import Destination, Rig, at_work, hub_on
from tests.support.journals import SteppedClock
from tests.support.sealing import SEALING
from tests.support.sinks import ScriptedSink

WAIT = timedelta(hours=4)


@asynccontextmanager
async def enforcing(dsn: str, clock: SteppedClock) -> AsyncIterator[tuple[Rig, ScriptedSink]]:
    """A hub that holds cases to their rules; none of its loops runs."""
    sink = ScriptedSink()
    async with hub_on(dsn, {"portal": Destination(sink=sink)}, systems=("portal", "housing"), clock=clock) as made:
        parking = Parking(Policies(CasePolicy(Rigour.ENFORCE, wait=WAIT)))
        yield replace(made, hub=replace(made.hub, parking=parking)), sink


async def alarm(rig: Rig) -> tuple[str, str] | None:
    """What health says of the parking now, and since when."""
    await look(rig.hub)
    await Watcher(rig.hub).look()
    found = [(one.reason, one.since.isoformat()) for one in rig.hub.health.concerns if one.what == "parked"]
    return found[0] if found else None


async def how_released(rig: Rig, case: str) -> list[str]:
    """By the evidence."""
    view = await rig.hub.case_files.view(case, 10)
    assert isinstance(view, CaseView)
    return [one.state for one in entries(view.messages) if one.what is What.RELEASED]


async def test_the_alarm_opens_at_half_of_the_time_and_closes_when_nothing_waits_too_long(dsn: str) -> None:
    clock = SteppedClock()
    async with enforcing(dsn, clock) as (rig, _):
        since = clock.now().isoformat()
        await rig.accept(said(STEP, "step", "case-1"))
        clock.step(hours=2)
        assert await alarm(rig) is None
        seen = []
        for _ in range(3):
            clock.step(minutes=30)
            assert await let_go(rig.hub) == 0
            seen.append(await alarm(rig))
        assert [one and one[1] for one in seen] == [since] * 3, "one alarm, since it waits"
        assert len(set(seen)) == 1
        clock.step(minutes=31)
        assert await let_go(rig.hub) == 1
        assert await alarm(rig) is None
        assert await let_go(rig.hub) == 0
        assert rig.hub.parking.passed_on == {"R03": 1}
        assert len(rig.logged("passed on")) == 1


@pytest.mark.parametrize("days", [0.2, 400])
async def test_what_waited_too_long_while_every_hub_was_down_is_passed_on_marked_at_the_start(
    dsn: str, days: float
) -> None:
    clock = SteppedClock()
    async with enforcing(dsn, clock) as (rig, _):
        await rig.accept(said(CLOSED, "closed", "case-1"))
        await rig.accept(said(LICENCE, "licence", "case-1"))
    clock.step(days=days)
    async with enforcing(dsn, clock) as (rig, sink), at_work(rig.hub):
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of("case-1") == ["closed", "licence"]
        assert [parcel.attributes["govhubearly"] for parcel in sink.arrived] == ["R03", "R05"]
        assert rig.hub.parking.passed_on == {"R03": 1, "R05": 1}
        assert len(rig.logged("passed on")) == 2
        assert await parked(rig) == []
        assert await how_released(rig, "case-1") == ["passed_on", "passed_on"]


async def test_a_clock_that_is_set_back_withholds_nothing_for_longer_than_its_time(dsn: str) -> None:
    clock = SteppedClock()
    async with enforcing(dsn, clock) as (rig, _):
        await rig.accept(said(STEP, "step", "case-1"))
        clock.step(hours=-3)
        assert await let_go(rig.hub) == 0
        assert await alarm(rig) is None
        clock.step(hours=7, seconds=1)
        assert await let_go(rig.hub) == 1


@asynccontextmanager
async def another_journal(dsn: str, clock: SteppedClock) -> AsyncIterator[Journal]:
    """The journal as another hub has it."""
    ids = TimeOrderedIds(clock)
    journal = await open_journal(dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new(), sealing=SEALING)
    assert isinstance(journal, Journal), journal
    try:
        yield journal
    finally:
        await journal.close()


async def test_two_hubs_pass_on_while_what_was_waited_for_comes(dsn: str) -> None:
    clock, cases = SteppedClock(), [f"case-{n}" for n in range(20)]
    async with enforcing(dsn, clock) as (rig, sink), another_journal(dsn, clock) as other, at_work(rig.hub):
        for case in cases:
            await rig.accept(said(CLOSED, f"{case}-closed", case))
            await rig.accept(said(LICENCE, f"{case}-licence", case))
        clock.step(hours=4, seconds=1)
        await asyncio.gather(
            *(journal.dockets.pass_on("hub", cases) for journal in (rig.hub.journal, other) for _ in range(3)),
            *(rig.accept(said(ACCEPTED, f"{case}-accepted", case)) for case in cases),
        )
        await rig.until_state(State.DELIVERED, 60)
        early = {parcel.attributes["id"] for parcel in sink.arrived if "govhubearly" in parcel.attributes}
        for case in cases:
            accepted, closed, licence = (f"{case}-{one}" for one in ("accepted", "closed", "licence"))
            assert sorted(sink.of(case)) == sorted([accepted, closed, licence]), "each once"
            order = sink.of(case)
            assert order.index(closed) < order.index(licence)
            assert (closed in early) == (licence in early) == (order.index(closed) < order.index(accepted))
            assert len(await how_released(rig, case)) == 2
        assert await parked(rig) == []
