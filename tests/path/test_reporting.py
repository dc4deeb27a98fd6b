# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Performance reports through whole hubs: each period once, whoever dies, and the command draws the same figures."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from contracts.families.fields import BEIJING
from contracts.families.oversight.performance_reported import CONTRACT
from contracts.legal_clock.green_channel import GreenChannel
from contracts.refusal import Refusal
from hub.config.performance import PerformanceSection
from hub.legal_clock import LegalClock
from hub.passage import Received
from hub.path import accept_all
from hub.performance import drawing
from hub.performance.drawing import draw
from hub.performance.figures import Figures
from hub.performance.period import Period
from hub.ports.journal import JournalDown, Part, State
from hub.ports.materials import StoreDown
from hub.running import Hub
from hub.workers.reporting import look, report_once
from hub.workers.retaining import retain_once
from hub.workers.watching import Watcher
from tests.support.hub_process import write_deployment
from tests.support.hubs import Destination, Rig, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.sealing import SEALING, MasterInMemory
from tests.support.sinks import ScriptedSink
from tests.support.town import RETENTION

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

MONDAY = datetime(2026, 3, 2, 10, tzinfo=BEIJING)
MARKET, FIRE = "115105020000000008", "115105020000000270"
FOOD, CHECK = "1151050200000000084000131014000", "1151050200000002704000000000000"
SECTION = PerformanceSection.model_validate({"system": "reporter", "every": "week", "after_hours": 24})
DUE = datetime(2026, 3, 10, tzinfo=BEIJING)
ROUTES = """\
  - {name: reports, when: {contract: cn.gov.performance.reported}, to: [province]}
  - {name: rest, when: {source: portal}, to: [department]}
"""
GREEN = {"share": 0.5, "items": {FOOD: {"promised_working_days": 4}}}


@dataclass
class Town:
    rig: Rig
    province: ScriptedSink

    async def say(self, contract: str, case: str, **changes: Any) -> None:
        plain = event(case, f"{case}-{contract}", contract=f"cn.gov.{contract}")
        assert isinstance(plain.data, dict)
        await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def accepted(self, case: str, department: str = MARKET, item: str = FOOD, **changes: Any) -> None:
        said = {"department_code": department, "item_code": item, "decided_at": MONDAY.isoformat()}
        await self.say("acceptance.decided", case, **said, **{"promised_on": "2026-03-06", **changes})

    async def completed(self, case: str, day: int) -> None:
        at = datetime(2026, 3, day, 10, tzinfo=BEIJING)
        self.rig.clock.moment = max(at, self.rig.clock.now()) + timedelta(seconds=1)
        await self.say("completion.decided", case, completed_at=at.isoformat())

    async def lived(self) -> None:
        """A week: four cases of two departments, one late, one still under way; and a warning."""
        for case in ("c-1", "c-2", "c-3"):
            await self.accepted(case)
        await self.accepted("c-4", FIRE, CHECK)
        await self.completed("c-1", 4)
        await self.completed("c-4", 5)
        warned = {"department_code": MARKET, "item_code": FOOD, "severity": "yellow"}
        await self.say("supervision.warned", "c-2", **warned, occurred_at="2026-03-07T00:05:00+08:00")
        await self.completed("c-2", 8)

    async def report(self) -> None:
        await report_once(self.rig.hub, SECTION, every=0)

    async def told(self, count: int) -> list[dict[str, Any]]:
        await arrived(count, self)
        return sorted(
            (orjson.loads(one.body)["data"] for one in self.province.arrived), key=lambda one: str(one["report_no"])
        )


@asynccontextmanager
async def town(
    dsn: str, name: str = "hub-1", clock: SteppedClock | None = None, routes: str = ROUTES
) -> AsyncIterator[Town]:
    if clock is None:
        clock = SteppedClock()
        clock.moment = MONDAY + timedelta(minutes=1)
    province = ScriptedSink()
    destinations = {"province": Destination(sink=province), "department": Destination(sink=ScriptedSink())}
    systems = ("portal", "reporter")
    async with hub_on(dsn, destinations, routes=routes, clock=clock, name=name, systems=systems) as rig:
        legal = LegalClock(green=GreenChannel(0.5, {FOOD: 4}))
        rig = replace(rig, hub=replace(rig.hub, legal_clock=legal))  # noqa: PLW2901
        async with at_work(rig.hub):
            yield Town(rig, province)


class TestPeriods:
    async def test_a_period_is_reported_once_by_department_and_item(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.lived()
            here.rig.clock.moment = DUE - timedelta(seconds=1)
            await here.report()  # the last week that is due: nothing happened in it
            here.rig.clock.moment = DUE
            await here.report()
            market, fire = await here.told(2)
            await here.report()
            assert len(here.province.arrived) == 2
        assert (market["report_no"], market["department_code"]) == (f"JX-20260302-20260308-{MARKET}", MARKET)
        figures = ("accepted", "completed", "on_time", "overdue", "statutory_on_time", "warned", "yellow_cards")
        assert [market[name] for name in figures] == [3, 2, 1, 1, 2, 1, 1]
        assert [fire[name] for name in figures] == [1, 1, 1, 0, 1, 0, 0]
        (item,) = market["items"]
        assert (item["item_code"], item["green_channel"], item["average_promised_days"]) == (FOOD, True, "4.00")
        assert (item["average_working_days"], market["green"]["completed"]) == ("3.00", 2)
        assert (fire["ordinary"]["completed"], fire["green"]["completed"]) == (1, 0)
        assert datetime.fromisoformat(market["reported_at"]) == DUE

    async def test_what_is_told_after_the_drawing_is_not_in_it_and_a_late_record_within_the_time_is(
        self, dsn: str
    ) -> None:
        async with town(dsn) as here:
            await here.accepted("c-1")
            here.rig.clock.moment = DUE - timedelta(hours=1)
            await here.completed("c-1", 5)
            here.rig.clock.moment = DUE + timedelta(hours=1)
            await here.say("completion.decided", "c-9", completed_at="2026-03-05T10:00:00+08:00", department_code=FIRE)
            await here.report()
            (market,) = await here.told(1)
        assert (market["accepted"], market["completed"]) == (1, 1)

    async def test_two_hubs_and_one_that_died_in_the_middle_tell_each_department_once(self, dsn: str) -> None:
        clock = SteppedClock()
        clock.moment = MONDAY + timedelta(minutes=1)
        async with town(dsn, clock=clock) as one, town(dsn, "hub-2", clock) as two:
            await one.lived()
            clock.moment = DUE
            period = SECTION.schedule.due("", clock.now())
            assert period is not None
            drawn = await draw(one.rig.hub.case_files, one.rig.hub.legal_clock, period, DUE)
            assert isinstance(drawn, Figures)
            first = next(drawn.reports(one.rig.hub.legal_clock.green))
            event_ = CloudEvent(
                id=first["report_no"], source="reporter", type=CONTRACT.type, subject=first["report_no"],
                dataschema=CONTRACT.schema_uri, time=DUE, data=first,
            )  # fmt: skip
            (answer,) = await accept_all(one.rig.hub, "reporter", [(event_, Received(*write_structured(event_)))])
            assert not isinstance(answer, Refusal), "as far as it came before it died"
            await asyncio.gather(one.report(), two.report(), one.report(), two.report())
            await arrived(2, one, two)
            await one.report()
            numbers = [orjson.loads(p.body)["data"]["report_no"] for here in (one, two) for p in here.province.arrived]
        assert sorted(numbers) == sorted({f"JX-20260302-20260308-{MARKET}", f"JX-20260302-20260308-{FIRE}"})

    async def test_a_walk_in_small_steps_counts_every_case_once(
        self, dsn: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with town(dsn) as here:
            await here.lived()
            period = Period(MONDAY.date(), MONDAY.date() + timedelta(days=6))
            hub = here.rig.hub
            whole = await draw(hub.case_files, hub.legal_clock, period, DUE)
            monkeypatch.setattr(drawing, "_ROWS", 2)
            steps = await draw(hub.case_files, hub.legal_clock, period, DUE)
        assert isinstance(whole, Figures)
        assert whole == steps
        assert whole.cases == 4

    async def test_figures_are_the_same_whether_their_months_are_in_the_journal_or_in_the_archive(
        self, dsn: str
    ) -> None:
        async with town(dsn) as here:
            await here.lived()
            await here.rig.until_state(State.DELIVERED, 8)
            hub, period = here.rig.hub, Period(MONDAY.date(), MONDAY.date() + timedelta(days=6))
            online = await draw(hub.case_files, hub.legal_clock, period, DUE)
            here.rig.clock.moment = datetime(2026, 7, 1, 12, tzinfo=BEIJING)
            assert await hub.journal.upkeep() is None
            await retain_once(hub, RETENTION, every=0)
            parts = await hub.journal.archives.parts()
            archived = await draw(hub.case_files, hub.legal_clock, period, DUE)
            half = Period(MONDAY.date() + timedelta(days=60), MONDAY.date() + timedelta(days=66))
            later = await draw(hub.case_files, hub.legal_clock, half, here.rig.clock.now())
        assert not isinstance(parts, JournalDown)
        assert [one.month for one in parts if one.dropped_at is not None] == [MONDAY.date().replace(day=1)]
        assert isinstance(online, Figures)
        assert (online.cases, archived) == (4, online)
        assert isinstance(later, Figures)
        assert later.cases == 0

    async def test_a_file_of_the_archive_that_is_gone_is_told_and_nothing_is_reported_wrongly(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.lived()
            await here.rig.until_state(State.DELIVERED, 8)
            hub, period = here.rig.hub, Period(MONDAY.date(), MONDAY.date() + timedelta(days=6))
            here.rig.clock.moment = datetime(2026, 7, 1, 12, tzinfo=BEIJING)
            assert await hub.journal.upkeep() is None
            await retain_once(hub, RETENTION, every=0)
            (part,) = [one for one in await parts_of(hub) if one.dropped_at is not None]
            (digest,) = [one.digest for one in part.segments if one.kind == "messages"]
            assert await hub.archive.remove(digest) is None
            found = await draw(hub.case_files, hub.legal_clock, period, DUE)
        assert isinstance(found, StoreDown)


class TestOverdue:
    async def test_health_says_since_when_and_why_a_report_is_not_sent_until_it_is(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.lived()
            await here.report()
            here.rig.clock.moment = DUE - timedelta(seconds=1)
            assert await concerns(here.rig.hub) == []
            here.rig.clock.moment = DUE + timedelta(hours=3)
            lacking = replace(here.rig.hub, legal_clock=LegalClock(calendar={}))
            assert await concerns(lacking) == [("the calendar has no year 2026", DUE)]
            here.rig.clock.step(seconds=61)
            assert await concerns(lacking) == [("the calendar has no year 2026", DUE)]
            assert await concerns(here.rig.hub) == []
            await here.told(2)

    async def test_a_report_that_is_refused_says_the_code(self, dsn: str) -> None:
        async with town(dsn, routes=ROUTES.splitlines()[1]) as here:
            await here.lived()
            here.rig.clock.moment = DUE - timedelta(seconds=1)
            await here.report()
            here.rig.clock.moment = DUE
            assert await concerns(here.rig.hub) == [("E_UNROUTABLE", DUE)]

    async def test_what_is_another_hubs_to_send_is_told_after_ten_minutes(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.lived()
            await here.report()
            here.rig.clock.moment = DUE + timedelta(hours=1)
            async with here.rig.hub.journal.chores.turn("performance", 0) as turn:
                assert turn is not None
                assert await concerns(here.rig.hub) == []
                here.rig.clock.step(seconds=601)
                assert await concerns(here.rig.hub) == [("not yet", DUE)]


async def parts_of(hub: Hub) -> Sequence[Part]:
    parts = await hub.journal.archives.parts()
    assert not isinstance(parts, JournalDown)
    return parts


async def concerns(hub: Hub) -> list[tuple[str, datetime]]:
    """What health says of reports after the next tick of the worker: the reason, and since when."""
    await look(hub, SECTION, await report_once(hub, SECTION, every=0))
    watcher = Watcher(hub)
    await watcher.look()
    return [(one.reason.partition(": ")[2], one.since) for one in hub.health.concerns if one.what == "performance"]


class TestTheCommand:
    async def test_it_draws_the_figures_that_were_reported(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn) as here:
            await here.lived()
            here.rig.clock.moment = DUE
            await here.report()
            reported = await here.told(2)
        config = write_deployment(
            tmp_path,
            {
                "hub": {"data": "data"},
                "journal": dsn,
                "systems": {"portal": {}, "reporter": {"sends": ["cn.gov.performance.reported"]}},
                "destinations": {"portal": {"system": "portal", "connector": "mailbox"}},
                "performance": {"system": "reporter", "every": "week", "after_hours": 24},
                "green_channel": GREEN,
                "sealing": {"key_file": master_key(tmp_path)},
            },
            [{"name": "all", "when": {}, "to": ["portal"]}],
        )
        told = await said(config, "--from", "2026-03-02", "--to", "2026-03-08")
        assert told["departments"] == [{name: one for name, one in each.items() if one != []} for each in reported]
        assert (told["cases"], told["nameless"]) == (4, 0)
        early = await said(config, "--from", "2026-03-02", "--to", "2026-03-08", "--as-of", "2026-03-04T00:00:00+08:00")
        assert [one["completed"] for one in early["departments"]] == [0, 0]
        assert "error" in await said(config, "--from", "2026-03-08", "--to", "2026-03-02", code=2)
        assert "error" in await said(config, "--from", "2026-03-02", "--to", "2026-03-08", "--as-of", "soon", code=2)


def master_key(folder: Path) -> str:
    """The file of the key by which the rig's journal is sealed."""
    assert isinstance(SEALING.master, MasterInMemory)
    file = folder / "master.key"
    file.touch(mode=0o600)
    file.write_text(f"aes-256-gcm {base64.b64encode(SEALING.master.key).decode()}\n", encoding="utf-8")
    return file.name


async def arrived(count: int, *towns: Town) -> None:
    """Until so many reports have arrived, wherever they did; hubs that share their partitions need time to pass."""
    async with asyncio.timeout(30):
        while sum(len(here.province.arrived) for here in towns) < count:
            towns[0].rig.clock.step(seconds=0.5)
            assert await towns[0].rig.hub.journal.lookups.ping() is None


async def said(config: Path, *arguments: str, code: int = 0) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "supervision", "report", *arguments, "-c", str(config), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == code, err.decode()
    return json.loads(out)
