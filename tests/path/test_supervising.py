# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Supervision through whole hubs: a case is warned of when its times come, once, and not while its clock stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import yaml

from connectors.sdk import Delivered, Idempotency, Rendering
from contracts.families.fields import BEIJING
from contracts.legal_clock.green_channel import GreenChannel
from contracts.located import Located, build, read
from contracts.supervision.rules import Rules, load_rules
from hub.legal_clock import LegalClock
from hub.ports.journal import State
from hub.processors.processor import Known
from hub.processors.supervision.config import SupervisionConfig
from hub.processors.supervision.kind import KIND
from hub.processors.supervision.persons import Persons, persons_of
from hub.processors.supervision.supervisor import Supervisor
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

MONDAY = datetime(2026, 3, 2, 10, tzinfo=BEIJING)
STEP: dict[str, Any] = {
    "status": "2",
    "opinion": None,
    "started_at": MONDAY.isoformat(),
    "ended_at": MONDAY.isoformat(),
}
RULES = """\
version: 1
calendar: {2026: {off: ["2026-01-01"]}}
rules:
  - {no: P-1, title: 距承诺时限不足一个工作日, severity: notice, when: {kind: due, of: promised, within: 1}}
  - {no: P-2, title: 超过承诺时限, severity: yellow, when: {kind: overdue, of: promised, from: 1}}
  - {no: S-1, title: 超过法定时限, severity: red, when: {kind: overdue, of: statutory, from: 1}}
  - {no: R-1, title: 理由不足十个字, severity: notice, when: {kind: short_reason, fewer_than: 10}}
  - {no: O-1, title: 环节没有意见, severity: notice, when: {kind: no_opinion}}
"""
MARKET, FIRE, FOOD = "115105020000000008", "115105020000000270", "1151050200000000084000131014000"
CONTACTS = f"""\
version: 1
contacts:
  - {{role: item_chief, department: "{MARKET}", ways: [{{channel: sms, address: "00000000001"}}]}}
  - {{role: item_chief, department: "{MARKET}", items: ["{FOOD[:18]}*"], ways: [{{channel: sms, address: "00000000002"}}]}}
  - {{role: stage_chief, department: "{FIRE}", ways: [{{channel: mail, address: "fire@example.invalid"}}]}}
  - {{role: stage_chief, department: "{MARKET}", ways: [{{channel: sms, address: "00000000002"}}]}}
  - {{role: handler, department: "{MARKET}", handler: 测试经办人丁, ways: [{{channel: sms, address: "00000000003"}}]}}
  - {{role: handler, ways: [{{channel: sms, address: "00000000004"}}]}}
"""
TEMPLATES = """\
version: 1
signature: 示例区监察
templates:
  warned: {text: "办件{case}：{what}", places: {case: {longest: 50, form: number}, what: {longest: 30}}}
  ordered: {text: "督办{case}", places: {case: {longest: 50, form: number}}}
"""
PERSONS: dict[str, Any] = {
    "contacts": "contacts.yaml",
    "templates": "templates.yaml",
    "warned": {"template": "warned", "values": {"case": "message.case_no", "what": "message.description"}},
    "ordered": {"template": "ordered", "values": {"case": "message.case_no"}},
}
ROUTES = """\
  - {name: told, when: {contract: [cn.gov.supervision.warned, cn.gov.supervision.ordered]}, to: [department]}
  - {name: persons, when: {contract: cn.gov.notice.requested}, to: [platform]}
  - {name: life, when: {source: portal}, to: [watching]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)


@dataclass
class Town:
    rig: Rig
    department: ScriptedSink
    platform: ScriptedSink
    listener: Listener

    async def say(self, contract: str, id_: str, case: str = "c-1", **changes: Any) -> UUID:
        plain = event(case, f"{case}-{id_}", contract=f"cn.gov.{contract}")
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def accepted(self, case: str = "c-1", **changes: Any) -> UUID:
        """Taken on that Monday, promised for Thursday, by law for Friday."""
        told = {"decided_at": MONDAY.isoformat(), "promised_on": "2026-03-05", "statutory_on": "2026-03-06"}
        return await self.say("acceptance.decided", "taken", case, **{**told, **changes})

    async def settled(self, message: UUID) -> None:
        async with asyncio.timeout(30):
            while await self.rig.state(message) not in (State.ACCEPTED, State.DELIVERED):
                await self.turns()

    async def day(self, day: int) -> None:
        """Let it be noon of that day of March, with every look that is due by then taken."""
        noon = datetime(2026, 3, day, 12, tzinfo=BEIJING)
        while self.rig.clock.now() < noon:
            self.rig.clock.step(seconds=min(6 * 3600, (noon - self.rig.clock.now()).total_seconds()))
            await self.turns()
        for _ in range(3):
            await self.turns()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["watching"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"watching": machine})
        await asyncio.sleep(0)

    def told(self, contract: str = "warned") -> list[dict[str, Any]]:
        bodies = [orjson.loads(parcel.body) for parcel in self.department.arrived]
        return [one["data"] for one in bodies if one["type"] == f"cn.gov.supervision.{contract}"]

    @property
    def rules(self) -> list[str]:
        return [one["rule_no"] for one in self.told()]


@asynccontextmanager
async def town(
    dsn: str, folder: Path, *, legal: LegalClock | None = None, contacts: str = CONTACTS, **settings: Any
) -> AsyncIterator[Town]:
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    rules = load_rules(folder / "rules.yaml")
    assert isinstance(rules, Rules), rules
    config = SupervisionConfig.model_validate(
        {"rules": "rules.yaml", "supervisor_name": "示例市监察机构（测试）", **settings}
    )
    persons = Persons()
    if config.persons is not None:
        (folder / "contacts.yaml").write_text(contacts, encoding="utf-8")
        (folder / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
        persons = persons_of(config.persons, folder)
    department, platform, listener, clock = ScriptedSink(), ScriptedSink(), Listener(), SteppedClock()
    clock.moment = MONDAY + timedelta(minutes=1)
    destinations = {
        "watching": Destination(
            sink=department,
            processor=Supervisor(config, rules, legal or LegalClock(), persons),
            answers=listener,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "department": Destination(sink=department),
        "platform": Destination(sink=platform),
    }
    async with hub_on(dsn, destinations, routes=ROUTES, clock=clock) as rig, at_work(rig.hub):
        yield Town(rig, department, platform, listener)


class TestTimes:
    async def test_each_of_a_case_s_times_is_warned_of_once_and_the_gravest_ordered(
        self, dsn: str, tmp_path: Path
    ) -> None:
        async with town(dsn, tmp_path) as here:
            await here.settled(await here.accepted())
            await here.day(3)
            assert here.rules == []
            await here.day(4)
            await here.until(lambda: here.rules == ["P-1"])
            await here.day(6)
            await here.until(lambda: here.rules == ["P-1", "P-2"])
            await here.day(10)
            await here.until(lambda: bool(here.told("ordered")))
            await here.day(13)
        assert here.rules == ["P-1", "P-2", "S-1"]
        assert [one["trigger"] for one in here.told()] == ["warning_time", "promised_time", "statutory_time"]
        (order,) = here.told("ordered")
        assert order["supervision_no"] == here.told()[2]["supervision_no"]
        assert [one["role"] for one in order["addressees"]] == ["stage_chief", "item_chief", "handler"]
        assert order["addressees"][0]["department_code"] == "115105020000000008"

    async def test_a_clock_that_stands_still_does_not_warn(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.accepted()
            started = (MONDAY + timedelta(hours=1)).isoformat()
            await here.settled(
                await here.say("special.started", "s", started_at=started, approved_by="测试负责人己", kind="2")
            )
            await here.day(20)
        assert here.rules == []

    async def test_a_case_that_is_closed_in_time_is_never_warned_of(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.accepted()
            done = (MONDAY + timedelta(hours=20)).isoformat()
            await here.settled(await here.say("completion.decided", "done", completed_at=done))
            await here.until(lambda: bool(here.listener.told))
            await here.day(20)
        assert here.rules == []
        assert here.listener.outcomes == [Delivered("closed")]

    async def test_the_promise_of_the_green_channel_is_what_is_watched(self, dsn: str, tmp_path: Path) -> None:
        legal = LegalClock(green=GreenChannel(0.5, {"1151050200000000084*": 1}))
        async with town(dsn, tmp_path, legal=legal) as here:
            await here.settled(await here.accepted())
            await here.until(lambda: here.rules == ["P-1"])
            await here.day(4)
            await here.until(lambda: here.rules == ["P-1", "P-2"])
        assert {one["due_on"] for one in here.told()} == {"2026-03-03"}

    async def test_a_year_that_nobody_told_is_not_judged_and_said_aloud(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, legal=LegalClock(calendar={})) as here:
            await here.settled(await here.accepted())
            await here.day(20)
            told = here.rig.logged("calendar year unknown, a limit is missing")
        assert here.rules == []
        assert {one["year"] for one in told} == {2026}


class TestPersons:
    async def addresses(self, here: Town, count: int = 1) -> list[list[str]]:
        await here.until(lambda: len(here.platform.arrived) >= count)
        notices = [orjson.loads(one.body)["data"] for one in here.platform.arrived]
        return [[way["address"] for one in notice["recipients"] for way in one["ways"]] for notice in notices]

    async def test_each_role_s_person_is_told_once_and_who_holds_two_roles_once(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, persons=PERSONS) as here:
            await here.settled(await here.accepted(handler="测试经办人丁", department_code=MARKET))
            await here.day(4)
            assert await self.addresses(here) == [["00000000002", "00000000003"]]
            await here.day(5)
            assert len(here.platform.arrived) == 1
            await here.day(9)
            told = await self.addresses(here, 4)
            (warned, *_) = (orjson.loads(one.body)["data"] for one in here.platform.arrived)
        assert len(told) == 4, "three warnings and an order"
        assert {one["value"] for one in warned["parameters"]} == {"c-1", "距承诺时限不足一个工作日"}
        assert "测试经办人丁" not in str(here.rig.log.entries)
        assert "00000000003" not in str(here.rig.log.entries)

    async def test_the_chief_of_the_stage_is_the_department_s_that_the_last_step_is_at(
        self, dsn: str, tmp_path: Path
    ) -> None:
        async with town(dsn, tmp_path, persons=PERSONS) as here:
            await here.accepted(department_code=MARKET)
            step = {**STEP, "opinion": "测试意见", "department_code": FIRE, "step_name": "现场核查"}
            await here.settled(await here.say("process.step", "step", **step))
            await here.day(4)
            assert await self.addresses(here) == [["fire@example.invalid", "00000000002", "00000000004"]]
            await here.day(9)
            await here.until(lambda: bool(here.told("ordered")))
        (order,) = here.told("ordered")
        assert [(one["role"], one["department_code"]) for one in order["addressees"]] == [
            ("stage_chief", FIRE),
            ("item_chief", MARKET),
            ("handler", FIRE),
        ]
        assert order["addressees"][0]["stage_name"] == "现场核查"

    async def test_where_nobody_holds_a_role_the_department_is_told_all_the_same(
        self, dsn: str, tmp_path: Path
    ) -> None:
        nobody = "version: 1\ncontacts: []\n"
        async with town(dsn, tmp_path, persons=PERSONS, contacts=nobody) as here:
            await here.settled(await here.accepted())
            await here.day(4)
            await here.until(lambda: here.rules == ["P-1"])
        assert here.platform.arrived == []


@pytest.mark.parametrize(
    ("changes", "contacts", "codes"),
    [
        ({}, CONTACTS, []),
        ({}, "version: 1\ncontacts: []\n", ["CONTACT_MISSING"] * 3),
        ({"warned": {"template": "none"}}, CONTACTS, ["TEMPLATE_UNKNOWN"]),
        ({"warned": {"template": "warned"}}, CONTACTS, ["TEMPLATE_PLACES"]),
        ({"ordered": {"template": "ordered", "values": {"case": "message.nothing"}}}, CONTACTS, ["FIELD_UNKNOWN"]),
        ({}, CONTACTS.replace("role: handler, department", "role: item_chief, department"), ["CONTACT_NAMED"]),
    ],
)
def test_persons_that_cannot_be_told_are_told_before(
    tmp_path: Path, changes: dict[str, Any], contacts: str, codes: list[str], shared_postgres: object
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "contacts.yaml").write_text(contacts, encoding="utf-8")
    (tmp_path / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    written = {"rules": "rules.yaml", "supervisor_name": "示例", "persons": {**PERSONS, **changes}}
    (tmp_path / "settings.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    source = read(tmp_path / "settings.yaml")
    assert isinstance(source, Located)
    settings = build(source, SupervisionConfig)
    assert isinstance(settings, SupervisionConfig), settings
    faults = KIND.faults(settings, source, Known(frozenset(), frozenset()))
    assert [one.code for one in faults if one.code != "CALENDAR_DISAGREES"] == codes
    assert "0000000000" not in str(faults)


class TestOtherBreaches:
    async def test_a_step_without_an_opinion_is_told_for_each(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.accepted()
            for number in range(2):
                await here.say("process.step", f"step-{number}", step_no=str(number), **STEP)
            await here.until(lambda: len(here.rules) == 2)
        assert here.rules == ["O-1", "O-1"]
        assert len({one["supervision_no"] for one in here.told()}) == 2

    async def test_a_refusal_without_much_of_a_reason_is_told(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.accepted(decision="refused", reason="不符")
            await here.until(lambda: here.rules == ["R-1"])

    async def test_a_case_that_begins_at_the_window_is_followed_whatever_comes_first(
        self, dsn: str, tmp_path: Path
    ) -> None:
        async with town(dsn, tmp_path) as here:
            await here.settled(await here.say("process.step", "first", **STEP))
            await here.settled(await here.accepted())
            await here.day(4)
            await here.until(lambda: sorted(here.rules) == ["O-1", "P-1"])
