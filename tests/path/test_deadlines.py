# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which cases breach if a destination stays down: as it sees them, out of a real journal, and as an alarm."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.cloudevent import CloudEvent
from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import Limit
from contracts.lifecycle.record import record_of
from hub.acting import Order
from hub.config.legal_clock import LegalClockSection
from hub.deadlines import Outlook, outlook
from hub.legal_clock import LegalClock
from hub.lifecycle import CasePolicy, Parking, Policies
from hub.observing.exposition import Exposition
from hub.ports.journal import Acted, Seed
from hub.workers.forewarning import look_ahead
from hub.workers.watching import Watcher
from tests.path.test_timeline import acting_on
from tests.support.hubs import Destination, Rig, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink

NOON = datetime(2026, 3, 12, 12, tzinfo=BEIJING)
EVENING = NOON.replace(hour=17)
ACCEPTED, CLOSED, SPECIAL = "cn.gov.acceptance.decided", "cn.gov.completion.decided", "cn.gov.special.started"


def said(contract: str, case: str, **data: object) -> CloudEvent:
    plain = event(case, f"{case} {contract} {len(data)}", contract=contract)
    assert isinstance(plain.data, dict)
    return replace(plain, data={**plain.data, **data})


def accepted(case: str, promised: str) -> CloudEvent:
    return said(ACCEPTED, case, decided_at="2026-03-03T10:00:00+08:00", promised_on=promised)


@asynccontextmanager
async def town(dsn: str, *, followed: bool) -> AsyncIterator[Rig]:
    """A hub none of whose loops run, so nothing arrives anywhere."""
    clock = SteppedClock()
    async with hub_on(
        dsn, {"province": Destination(sink=ScriptedSink()), "housing": Destination(sink=ScriptedSink())},
        routes=(
            f"  - {{name: decided, when: {{contract: [{ACCEPTED}, {SPECIAL}]}}, to: [housing]}}\n"
            f"  - {{name: closed, when: {{contract: {CLOSED}}}, to: [province]}}\n"
        ),
        clock=clock,
    ) as rig:  # fmt: skip
        parking = Parking(Policies(CasePolicy())) if followed else Parking()
        legal = LegalClock.of(LegalClockSection())
        yield replace(rig, hub=replace(rig.hub, parking=parking, legal_clock=legal))


async def ask(rig: Rig, destination: str, by: datetime = EVENING) -> Outlook:
    told = await outlook(rig.hub.journal.dockets, rig.hub.legal_clock, destination, by, NOON)
    assert isinstance(told, Outlook)
    return told


def named(told: Outlook) -> Mapping[str, list[tuple[Limit, bool]]]:
    found: dict[str, list[tuple[Limit, bool]]] = {}
    for one in told.breaches:
        found.setdefault(one.case, []).append((one.limit, one.over))
    return found


@pytest.mark.parametrize("followed", [False, True])
async def test_cases_whose_period_ends_by_then_are_named_the_most_urgent_first(dsn: str, *, followed: bool) -> None:
    async with town(dsn, followed=followed) as rig:
        await rig.accept(accepted("today", "2026-03-12"))
        await rig.accept(accepted("tomorrow", "2026-03-13"))
        await rig.accept(accepted("yesterday", "2026-03-11"))
        await rig.accept(accepted("paused", "2026-03-12"))
        await rig.accept(said(SPECIAL, "paused", started_at="2026-03-11T09:00:00+08:00", approved_by="测试负责人己"))
        told = await ask(rig, "housing")
        assert named(told) == {"yesterday": [(Limit.PROMISED, True)], "today": [(Limit.PROMISED, False)]}
        assert [one.case for one in told.breaches] == ["yesterday", "today"]
        assert (told.looked, told.coming, told.unreckoned, told.more) == (4, 1, 0, False)
        later = await ask(rig, "housing", EVENING + timedelta(days=1))
        assert later.coming == 2
        assert (await ask(rig, "province")).looked == 0


@pytest.mark.parametrize("followed", [False, True])
async def test_a_completion_that_has_not_arrived_stops_no_clock_there(dsn: str, *, followed: bool) -> None:
    async with town(dsn, followed=followed) as rig:
        await rig.accept(accepted("today", "2026-03-12"))
        await rig.accept(said(CLOSED, "today", completed_at="2026-03-10T10:00:00+08:00"))
        assert named(await ask(rig, "province")) == {"today": [(Limit.PROMISED, False)]}
        assert named(await ask(rig, "housing")) == {}  # whose part has nothing to do with the completion


async def test_a_case_that_was_taken_over_counts_too(dsn: str) -> None:
    async with town(dsn, followed=True) as rig:
        record = record_of(
            ACCEPTED, {"decision": "accepted", "decided_at": "2026-03-03T10:00:00+08:00", "statutory_on": "2026-03-12"}
        )
        assert record is not None
        await rig.hub.journal.dockets.sow("hub-1", [Seed(case="old", parties=("portal",), records=(record,))])
        await rig.accept(said(CLOSED, "old", completed_at="2026-03-12T10:00:00+08:00"))
        assert named(await ask(rig, "province")) == {"old": [(Limit.STATUTORY, False)]}


async def test_a_year_without_a_calendar_is_told_and_not_guessed(dsn: str) -> None:
    async with town(dsn, followed=False) as rig:
        await rig.accept(accepted("far", "2199-03-12"))
        told = await ask(rig, "housing", datetime(2200, 1, 1, tzinfo=UTC))
        assert (told.breaches, told.unreckoned) == ((), 1)
        assert told.unknown is not None


async def test_more_cases_than_a_page(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.deadlines._AT_A_TIME", 2)
    async with town(dsn, followed=False) as rig:
        for n in range(5):
            await rig.accept(accepted(f"case-{n}", "2026-03-12"))
        assert (await ask(rig, "housing")).coming == 5
        monkeypatch.setattr("hub.deadlines.MOST", 4)
        told = await ask(rig, "housing")
        assert (told.looked, told.more) == (4, True)


async def test_a_shut_destination_is_an_alarm_with_the_number_of_cases(dsn: str) -> None:
    async with town(dsn, followed=False) as rig:
        rig.clock.moment = NOON
        await rig.accept(accepted("today", "2026-03-12"))
        await rig.accept(accepted("tomorrow", "2026-03-13"))
        await look_ahead(rig.hub)
        assert rig.hub.health.outlooks == {}
        paused = await acting_on(rig).pause_destination(Order("keeper", "cli", "pause-1", "maintenance"), "housing")
        assert isinstance(paused, Acted)
        await rig.hub.breakers.tell()
        await look_ahead(rig.hub)
        await Watcher(rig.hub).look()
        (alarm,) = [one for one in rig.hub.health.concerns if one.what == "deadlines"]
        assert (alarm.destination, alarm.reason) == ("housing", "1 cases breach by 17:00 if it stays down")
        assert 'govhub_deadlines_at_risk{destination="housing"} 1.0' in Exposition(rig.hub).text().decode()


async def test_a_docket_that_was_not_kept_up_is_not_believed(dsn: str) -> None:
    async with town(dsn, followed=True) as rig:
        await rig.accept(accepted("case", "2026-03-12"))
        plain = replace(rig, hub=replace(rig.hub, parking=Parking()))
        pause = said(SPECIAL, "case", started_at="2026-03-11T09:00:00+08:00", approved_by="测试负责人己")
        await plain.accept(pause)
        assert named(await ask(rig, "housing")) == {}
