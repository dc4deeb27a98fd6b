# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Notices to applicants through whole hubs: at each moment that is configured, once, whatever is sent again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Rendering
from contracts.fault import Fault
from contracts.located import Located, build, read
from contracts.notices.templates import Templates, load_templates
from hub.ports.journal import State
from hub.processors.applicant_notices.config import ApplicantNoticesConfig
from hub.processors.applicant_notices.kind import KIND
from hub.processors.applicant_notices.notifier import Notifier
from hub.processors.processor import Known
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

POSTGRES = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

TEMPLATES = """\
version: 1
signature: 示例区政务服务
templates:
  applied: {text: "您的{item}申请已提交，编号{case}。", places: {item: {longest: 8}, case: {longest: 50, form: number}}}
  accepted: {text: "您申请的事项已受理。"}
  refused: {text: "您申请的事项不予受理：{reason}", places: {reason: {longest: 30}}}
  correct: {text: "请补正材料。"}
  done: {text: "您申请的事项已办结。"}
  missing: {text: "尚缺{names}，期限{until}。", places: {names: {longest: 30}, until: {longest: 10}}}
  complete: {text: "容缺材料已补齐。"}
"""
SETTINGS: dict[str, Any] = {
    "templates": "templates.yaml",
    "moments": {
        "application": {
            "template": "applied",
            "values": {"item": "application.item_name", "case": "application.case_no"},
        },
        "acceptance": {"template": "accepted"},
        "refusal": {"template": "refused", "values": {"reason": "message.reason"}},
        "correction": {"template": "correct"},
        "completion": {"template": "done"},
    },
}
ROUTES = """\
  - name: moments
    when:
      contract:
        - cn.gov.application.submitted
        - cn.gov.prereview.decided
        - cn.gov.correction.requested
        - cn.gov.acceptance.decided
        - cn.gov.completion.decided
        - cn.gov.licence.issued
        - cn.gov.supplement.progressed
    to: [telling]
  - {name: notices, when: {contract: cn.gov.notice.requested}, to: [notices]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)
PHONE = "00000000000"


@dataclass
class Town:
    rig: Rig
    notices: ScriptedSink
    listener: Listener

    async def say(self, contract: str, id_: str, case: str = "c-1", **changes: Any) -> UUID:
        plain = event(case, id_, contract=f"cn.gov.{contract}")
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def apply(self, case: str = "c-1", id_: str = "a-1", **changes: Any) -> UUID:
        contact = {"contact": {"name": "测试联系人丙", "mobile": PHONE}}
        return await self.say("application.submitted", id_, case, **{**contact, **changes})

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["telling"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"telling": machine})
        self.rig.clock.step(seconds=0.5)
        await asyncio.sleep(0)

    async def settled(self, message: UUID, state: State = State.DELIVERED) -> None:
        async with asyncio.timeout(30):
            while await self.rig.state(message) is not state:
                await self.turns()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [orjson.loads(parcel.body)["data"] for parcel in self.notices.arrived]

    @property
    def moments(self) -> list[str]:
        return [one["moment"] for one in self.told]


@asynccontextmanager
async def town(dsn: str, folder: Path, **settings: Any) -> AsyncIterator[Town]:
    (folder / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    templates = load_templates(folder / "templates.yaml")
    assert isinstance(templates, Templates), templates
    notices, listener = ScriptedSink(), Listener()
    destinations = {
        "telling": Destination(
            sink=notices,
            processor=Notifier(ApplicantNoticesConfig.model_validate({**SETTINGS, **settings}), templates),
            answers=listener,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "notices": Destination(sink=notices),
    }
    async with hub_on(dsn, destinations, routes=ROUTES) as rig, at_work(rig.hub):
        yield Town(rig, notices, listener)


@POSTGRES
class TestTelling:
    async def test_materials_that_are_to_follow_are_told_with_their_names_and_time(
        self, dsn: str, tmp_path: Path
    ) -> None:
        values = {"names": "message.missing", "until": "message.due_on"}
        moments = {
            "missing": {"template": "missing", "values": values},
            "missing_overdue": {"template": "missing", "values": values},
            "missing_complete": {"template": "complete"},
        }
        async with town(dsn, tmp_path, moments=moments) as here:
            await here.apply()
            for number, news in enumerate(["asked", "supplied", "overdue", "complete"]):
                missing = [] if news == "complete" else ["平面图", "健康证明"]
                await here.say("supplement.progressed", f"m-{number}", news=news, missing=missing)
            await here.until(lambda: len(here.told) == 3)
            for _ in range(3):
                await here.turns()
        assert here.moments == ["correction", "correction", "other"]
        assert [one["template_id"] for one in here.told] == ["missing", "missing", "complete"]
        assert {one["value"] for one in here.told[0]["parameters"]} == {"平面图、健康证明", "2026-03-16"}

    async def test_every_moment_of_a_case_is_told_in_its_order(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.apply()
            await here.until(lambda: len(here.told) == 1)
            for number, contract in enumerate(["correction.requested", "acceptance.decided", "completion.decided"]):
                await here.say(contract, f"m-{number}")
                await here.until(lambda wanted=number + 2: len(here.told) == wanted)  # type: ignore[misc]
            await here.until(lambda: bool(here.listener.told))
        assert here.moments == ["application", "correction", "acceptance", "completion"]
        assert here.listener.outcomes == [Delivered("told 4")]
        (first, *_) = here.told
        assert first["recipients"] == [
            {"recipient_no": "1", "name": "测试联系人丙", "ways": [{"channel": "sms", "address": PHONE}]}
        ]
        assert first["parameters"] == [
            {"name": "item", "value": "食品经营许可（…"},
            {"name": "case", "value": "c-1"},
        ]

    async def test_what_is_sent_again_is_told_once_and_a_second_correction_twice(
        self, dsn: str, tmp_path: Path
    ) -> None:
        async with town(dsn, tmp_path) as here:
            await here.apply()
            await here.say("acceptance.decided", "t-1")
            await here.say("acceptance.decided", "t-2", record_version=2)
            await here.say("correction.requested", "k-1")
            last = await here.say("correction.requested", "k-2")
            await here.settled(last)
            await here.until(lambda: len(here.told) == 4)
            await here.say("completion.decided", "e-1")
            await here.until(lambda: "completion" in here.moments)
        assert sorted(here.moments) == ["acceptance", "application", "completion", "correction", "correction"]

    async def test_a_refusal_ends_the_case_and_says_why(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.apply()
            await here.say("acceptance.decided", "t-1", decision="refused", reason="不属于【本部门】\n职权范围")
            await here.until(lambda: bool(here.listener.told and len(here.told) == 2))
        assert here.told[1]["parameters"] == [{"name": "reason", "value": "不属于（本部门） 职权范围"}]

    async def test_a_moment_that_is_not_configured_is_not_told(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.apply()
            await here.settled(await here.say("prereview.decided", "p-1"))
            await here.say("completion.decided", "e-1")
            await here.until(lambda: bool(here.listener.told))
            await here.until(lambda: len(here.told) == 2)
        assert here.moments == ["application", "completion"]

    async def test_without_a_number_nobody_is_told_and_nothing_is_dead(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.apply(contact=None)
            await here.say("completion.decided", "e-1")
            await here.until(lambda: bool(here.listener.told))
        assert here.listener.outcomes == [Delivered("told 0")]
        assert here.told == []

    async def test_a_case_without_an_application_passes_by(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.settled(await here.say("completion.decided", "e-1", case="from-the-window"))
        assert here.told == []

    async def test_a_case_that_never_ends_is_not_followed_for_ever(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, longest_days=1) as here:
            message = await here.apply()
            await here.settled(message, State.ACCEPTED)
            here.rig.clock.step(seconds=2 * 86_400)
            await here.until(lambda: bool(here.listener.told))


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"completion": {"template": "none"}}, "TEMPLATE_UNKNOWN", "moments.completion.template"),
        ({"refusal": {"template": "refused"}}, "TEMPLATE_PLACES", "moments.refusal.values"),
        (
            {"refusal": {"template": "refused", "values": {"reason": "message.no_such_field"}}},
            "FIELD_UNKNOWN",
            "moments.refusal.values.reason",
        ),
        (
            {"refusal": {"template": "refused", "values": {"reason": "application.reason"}}},
            "FIELD_UNKNOWN",
            "moments.refusal.values.reason",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_line(
    tmp_path: Path, changes: dict[str, Any], code: str, path: str
) -> None:
    (tmp_path / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    written = orjson.dumps({**SETTINGS, "moments": {**SETTINGS["moments"], **changes}}, option=orjson.OPT_INDENT_2)
    (tmp_path / "settings.yaml").write_bytes(written)
    source = read(tmp_path / "settings.yaml")
    assert isinstance(source, Located)
    settings = build(source, ApplicantNoticesConfig)
    assert isinstance(settings, ApplicantNoticesConfig), settings
    faults = KIND.faults(settings, source, Known(frozenset(), frozenset()))
    assert [(one.code, one.path) for one in faults] == [(code, path)]
    (fault,) = faults
    assert isinstance(fault, Fault)
    assert fault.at.line > 1
