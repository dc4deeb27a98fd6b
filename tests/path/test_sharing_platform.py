# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The seed's main flow through a whole hub: an application is put to the sharing platform and its department told; the
department fetches it and its material, and answers the same way; the portal gets what it answered.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
import structlog

from connectors.sdk import Context, Material
from connectors.sdk.session import open_session
from connectors.sharing_platform import CONNECTOR
from connectors.sharing_platform.config import SharingConfig
from connectors.sharing_platform.record import digest_of
from connectors.sharing_platform.simulator import SERVICES, SharingPlatform
from contracts.cloudevent import CloudEvent
from hub.claim_check import Standing, SystemIntake, SystemShelf
from hub.config.deployment import Limits
from tests.connectors.sharing_platform.department import Department
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

LIMITS = Limits()
CASE, STEP, NOTICE = "510500-1", "cn.gov.process.step", "cn.gov.record.available"
PAPER = b"%PDF-1.7 made up"
ANSWERS = (
    "cn.gov.acceptance.decided",
    STEP,
    "cn.gov.special.started",
    "cn.gov.special.ended",
    "cn.gov.completion.decided",
    "cn.gov.licence.issued",
)
ROUTES = f"""
  - {{name: applications, when: {{source: portal}}, to: [put]}}
  - {{name: notices, when: {{contract: {NOTICE}}}, to: [fetch]}}
  - {{name: answers, when: {{contract: [{", ".join(ANSWERS)}], source: housing}}, to: [portal]}}
"""
SECRETS = {"app-key": "made-up-app-key"}


@dataclass
class Town:
    """A hub, a platform, a department behind it, and the portal."""

    rig: Rig
    platform: SharingPlatform
    department: Department
    portal: ScriptedSink


@asynccontextmanager
async def town(dsn: str) -> AsyncIterator[Town]:
    standing = Standing(LIMITS)
    log, portal = structlog.get_logger(), ScriptedSink()
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(
            SharingPlatform(requesters={"r_govhub": SECRETS["app-key"], "r_housing": "x"})
        )
        department = await stack.enter_async_context(Department())
        session = await stack.enter_async_context(open_session())
        context = Context(
            destination="housing",
            http=session,
            log=log,
            secret=SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
            intake=SystemIntake(standing, "housing", log),
            shelf=SystemShelf(standing, "housing"),
        )
        common: dict[str, Any] = {
            "platform": {"url": platform.address, "rid": "r_govhub", "app_key": "app-key"},
            "services": SERVICES,
        }
        put = SharingConfig.model_validate({**common, "notice": {"url": department.url}})
        fetch = SharingConfig.model_validate({**common, "form": "fetch"})
        destinations = {
            "put": Destination(
                sink=CONNECTOR.sink(put, context), system="housing", rendering=CONNECTOR.manifest.rendering
            ),
            "fetch": Destination(
                sink=CONNECTOR.sink(fetch, context),
                system="housing",
                rendering=CONNECTOR.manifest.rendering,
                policy=replace(
                    POLICY, attempts=10_000, immediate=10_000
                ),  # the clock stands still: tried again at once
            ),
            "portal": Destination(sink=portal, system="portal"),
        }
        rig = await stack.enter_async_context(hub_on(dsn, destinations, routes=ROUTES))
        standing.hub = rig.hub
        yield Town(rig, platform, department, portal)


def application() -> CloudEvent:
    one = event(CASE, "a-1")
    assert isinstance(one.data, dict)
    material = {"name": "申请表", "digest": digest_of(PAPER), "size": len(PAPER), "media_type": "application/pdf"}
    material |= {"file_name": "a.pdf", "collected": True, "copies": 1, "collected_at": "2026-03-02T09:00:00+08:00"}
    return event(CASE, "a-1", data={**one.data, "case_no": CASE, "materials": [material]})


def put_by_department(platform: SharingPlatform, step: CloudEvent) -> bytes:
    """The department puts a step, and gives the notice it would send."""
    body = orjson.dumps(step.data)
    attributes = {"specversion": "1.0", "id": step.id, "source": "housing", "type": step.type, "subject": CASE}
    attributes |= {"dataschema": str(step.dataschema)}
    record = {
        "record_id": step.id,
        "record_source": "housing",
        "attributes": attributes,
        "content_type": "application/json",
        "digest": digest_of(body),
        "content": base64.b64encode(body).decode(),
        "materials": [],
    }
    platform.put("r_housing", record)
    return body


def notice_of(step: CloudEvent) -> CloudEvent:
    data = {
        "case_no": CASE,
        "contract_type": step.type,
        "contract_version": 1,
        "record_source": "housing",
        "record_id": step.id,
        "digest": digest_of(orjson.dumps(step.data)),
        "fetch_from": "/httpproxy",
        "available_at": "2026-03-02T10:00:00+08:00",
    }
    return event(CASE, f"notice-{step.id}", source="housing", contract=NOTICE, data=data)


async def test_there_and_back_by_store_and_notify(dsn: str) -> None:
    step = event(CASE, "s-1", source="housing", contract=STEP)
    async with town(dsn) as scene, at_work(scene.rig.hub):
        shelf = SystemShelf(Standing(LIMITS, scene.rig.hub), "portal")
        assert await shelf.keep(digest_of(PAPER), Material("application/pdf", PAPER)) is None
        await scene.rig.accept(application())
        await scene.rig.until_settled(1)
        (heard,) = scene.department.heard
        record = scene.platform.records[heard["data"]["keys"][0]["value"]].record
        assert orjson.loads(base64.b64decode(record["content"]))["case_no"] == CASE
        assert base64.b64decode(scene.platform.materials[digest_of(PAPER)][1]) == PAPER

        put_by_department(scene.platform, step)
        await scene.rig.accept(notice_of(step))
        await scene.rig.until_settled(3)
    (arrived,) = scene.portal.arrived
    assert arrived.attributes["id"] == "s-1"
    assert arrived.attributes["source"] == "housing"
    told = scene.platform.records["s-1"].told
    assert told is not None
    assert told["state"] == "taken"


async def test_a_whole_case_goes_there_and_comes_back_record_by_record(dsn: str) -> None:
    """The department is told keys alone. It fetches form, material and acceptance, and puts every record of the case in turn;
    notices come in their order, are given twice, and are all of what the hub is told.
    """
    async with town(dsn) as scene, at_work(scene.rig.hub):
        shelf = SystemShelf(Standing(LIMITS, scene.rig.hub), "portal")
        assert await shelf.keep(digest_of(PAPER), Material("application/pdf", PAPER)) is None
        await scene.rig.accept(application())
        accepted = event(CASE, "window-accepts", contract=ANSWERS[0])
        await scene.rig.accept(accepted)
        await scene.department.until_heard(2)
        for heard, kind in zip(scene.department.heard, ("cn.gov.application.submitted", ANSWERS[0]), strict=True):
            told = heard["data"]
            assert told["contract_type"] == kind
            assert not {"applicant", "applicant_name", "materials_content"} & set(told), "keys alone"
            lying = scene.platform.records[told["keys"][0]["value"]].record
            assert orjson.loads(base64.b64decode(lying["content"]))["case_no"] == CASE

        for number, contract in enumerate(ANSWERS):
            record = event(CASE, f"d-{number}", source="housing", contract=contract)
            put_by_department(scene.platform, record)
            notice = notice_of(record)
            await scene.rig.accept(notice)
            await scene.rig.accept(notice)
        arrived = await scene.portal.until_arrived(len(ANSWERS))
    assert [one.attributes["id"] for one in arrived] == [f"d-{n}" for n in range(len(ANSWERS))]
    assert [one.attributes["type"] for one in arrived] == list(ANSWERS)
    for number in range(len(ANSWERS)):
        told = scene.platform.records[f"d-{number}"].told
        assert told is not None
        assert told["state"] == "taken"


async def test_a_notice_before_its_put_is_followed_when_the_record_is_there(dsn: str) -> None:
    step = event(CASE, "s-1", source="housing", contract=STEP)
    async with town(dsn) as scene, at_work(scene.rig.hub):
        await scene.rig.accept(notice_of(step))
        await scene.platform.until(lambda: any(word == "ok" for _, word in scene.platform.calls))
        assert scene.portal.arrived == []
        put_by_department(scene.platform, step)
        await scene.portal.until_arrived(1)
    assert [one.attributes["id"] for one in scene.portal.arrived] == ["s-1"]


async def test_the_same_notice_twice_and_the_same_record_is_one_message(dsn: str) -> None:
    step = event(CASE, "s-1", source="housing", contract=STEP)
    async with town(dsn) as scene, at_work(scene.rig.hub):
        put_by_department(scene.platform, step)
        await scene.rig.accept(notice_of(step))
        again = notice_of(step)
        await scene.rig.accept(event(CASE, "another-notice", source="housing", contract=NOTICE, data=again.data))
        await scene.rig.until_settled(3)
    assert [one.attributes["id"] for one in scene.portal.arrived] == ["s-1"]


async def test_a_hub_that_does_not_stand_yet_puts_off(dsn: str) -> None:
    standing = Standing(Limits.model_construct(body_bytes=100, material_bytes=100))
    shelf, intake = SystemShelf(standing, "housing"), SystemIntake(standing, "housing", structlog.get_logger())
    assert await intake.bring([]) == []
    assert "HUB_STARTING" in repr(await shelf.lend(digest_of(PAPER), 100))
    async with hub_on(dsn, {"portal": Destination(sink=ScriptedSink())}) as rig:
        standing.hub = rig.hub
        assert "DIFFERS" in repr(await shelf.keep(digest_of(PAPER), Material("x/y", b"other")))
        assert "TOO_LARGE" in repr(await shelf.keep(digest_of(b"x" * 101), Material("x/y", b"x" * 101)))
        assert await shelf.keep(digest_of(PAPER), Material("x/y", PAPER)) is None
        assert await shelf.lend(digest_of(PAPER), 100) == Material("x/y", PAPER)
        assert "TOO_LARGE" in repr(await shelf.lend(digest_of(PAPER), 1))
        assert "NoMaterial" in repr(await SystemShelf(standing, "civil").lend(digest_of(PAPER), 100))
