# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A district and its province, in the example's own deployment and a running hub: up and down by the front database, by XML, and
by way of the sharing platform; real servers at every end.
"""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import yaml

from certs.api_key import digest_of
from connectors.front_db.profiles import ddl
from connectors.sharing_platform.record import digest_of as bytes_digest
from connectors.sharing_platform.simulator import SharingPlatform
from contracts.catalogue import builtin
from tests.connectors.far_database import PostgresServer
from tests.connectors.front_db.conftest import statements
from tests.connectors.sharing_platform.department import Department
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/province"
CASE = "510500-20260302-000001"
VALUES = {
    "SUPERVISION_CALL": "made-up-call",
    "SUPERVISION_TOKEN": "made-up-token",
    "SHARING_APP_KEY": "made-up-app-key",
    "HOUSING_TOKEN": "made-up-housing",
}
ACCEPTED: dict[str, Any] = yaml.safe_load((ROOT / "contracts/dialects/maps/front_v3_test.yaml").read_text("utf-8"))[
    "cases"
][0]["data"]
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<DBXX><BJBH>{case}</BJBH><DBBH>DB-1</DBBH><DBNR>请于期限内办结</DBNR><DBJG>示例监察机构（测试）</DBJG>
<DBSJ>2026-03-17 09:00:00</DBSJ><DBDX><JS>item_chief</JS><BMDM>115105020000000008</BMDM></DBDX></DBXX>"""


@dataclass
class Town:
    hub: HubProcess
    front: PostgresServer
    platform: SharingPlatform
    department: Department
    http: aiohttp.ClientSession


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Everything at its place, empty."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "province"))
    requesters = {"r_5105020001": VALUES["SHARING_APP_KEY"], "r_housing": "x"}
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        SharingPlatform(requesters=requesters) as platform,
        Department() as department,
        aiohttp.ClientSession() as http,
    ):
        front = PostgresServer(await postgres.fresh_database())
        script = ddl("national_v4", "postgresql") + (folder / "profile/tables.postgresql.sql").read_text("utf-8")
        for statement in statements(script):
            await front.execute(statement)
        _deploy(folder, await postgres.fresh_database(), front, platform, department)
        running = HubProcess(folder / "govhub.yaml")
        await running.start()
        try:
            yield Town(running, front, platform, department, http)
        finally:
            assert await running.stop() == 0, running.log()
            await front.close()


def _deploy(
    folder: Path, journal: str, front: PostgresServer, platform: SharingPlatform, department: Department
) -> None:
    """The example's deployment with the addresses of this test, and keys for its systems."""
    text = (folder / "govhub.yaml").read_text("utf-8")
    text = text.replace(
        "postgresql://front.example.gov.cn:5432/exchange", f"postgresql://{front.host}:{front.port}/{front.database}"
    )
    text = text.replace("user: govhub", f"user: {front.user}").replace(
        "profile_folder: profile", f"profile_folder: {folder}/profile"
    )
    text = text.replace("https://share.example.gov.cn", platform.address)
    text = text.replace("https://housing.example.gov.cn/notices", department.url)
    deployment: dict[str, Any] = yaml.safe_load(text)
    deployment |= {"hub": {"listen": "127.0.0.1:0"}, "journal": journal}
    for name, value in {**VALUES, "PROVINCE_FRONT_DB": "made-up"}.items():
        (folder / name).write_text(value, "utf-8")
    deployment["secrets"] = {name: f"file:{said.removeprefix('env:')}" for name, said in deployment["secrets"].items()}
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    for source in ("province-down",):
        deployment["sources"][source]["settings"]["poll_seconds"] = 0.1
    (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), "utf-8")


def event(contract: str, source: str, id_: str, version: int = 1) -> dict[str, Any]:
    known = next(one for one in builtin().versions(contract) if one.version == version)
    data = {**known.examples[0].data, known.subject: CASE}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": contract,
        "subject": CASE,
        "dataschema": known.schema_uri,
        "datacontenttype": "application/json",
        "data": data,
    }


async def accepted(town: Town, said: dict[str, Any]) -> None:
    headers = {
        "Authorization": f"Bearer ghk_made-up-key-of-{said['source']}",
        "Content-Type": "application/cloudevents+json",
    }
    async with town.http.post(f"{town.hub.url}/v1/messages", data=json.dumps(said), headers=headers) as response:
        assert response.status == 202, await response.text()


async def put_by_housing(town: Town, said: dict[str, Any]) -> None:
    """The department puts its record, and tells the hub."""
    body = orjson.dumps(said["data"])
    record = {
        "record_id": said["id"],
        "record_source": "housing",
        "attributes": {name: value for name, value in said.items() if name not in {"data", "datacontenttype"}},
        "content_type": "application/json",
        "digest": bytes_digest(body),
        "content": base64.b64encode(body).decode(),
        "materials": [],
    }
    town.platform.put("r_housing", record)
    notice = event("cn.gov.record.available", "housing", f"notice-{said['id']}")
    notice["data"] |= {
        "contract_type": said["type"],
        "record_source": "housing",
        "record_id": said["id"],
        "digest": bytes_digest(body),
        "materials": [],
    }
    await accepted(town, notice)
    async with asyncio.timeout(60):
        await town.platform.until(lambda: town.platform.records[said["id"]].told is not None)
    assert town.platform.records[said["id"]].told == {"record_id": said["id"], "state": "taken"}


async def rows(town: Town, statement: str, count: int) -> list[dict[str, Any]]:
    """The rows, once there are so many: a database rings no bell."""
    async with asyncio.timeout(60):
        while True:
            found = await town.front.fetch(statement)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)  # because it is another's table


async def test_an_application_to_the_department_and_its_steps_to_the_province(town: Town) -> None:
    application = event("cn.gov.application.submitted", "portal", "a-1")
    application["data"].pop("materials", None)
    await accepted(town, application)
    await town.department.until_heard(1)
    key = town.department.heard[0]["data"]["keys"][0]["value"]
    lying = town.platform.records[key].record
    assert orjson.loads(base64.b64decode(lying["content"]))["case_no"] == CASE

    acceptance = event("cn.gov.acceptance.decided", "housing", "acc-1", version=2)
    acceptance["data"] = ACCEPTED
    await put_by_housing(town, acceptance)
    (row,) = await rows(town, "select * from up_pro_accept_v4", 1)
    assert (row["project_no"], row["task_code"]) == (CASE, ACCEPTED["item_code"])
    await town.front.execute("update up_pro_accept_v4 set is_sync = '1'")

    step_data = {**event("cn.gov.process.step", "housing", "s-1")["data"], "opinion": "经审查，符合办理条件。"}
    await put_by_housing(town, {**event("cn.gov.process.step", "housing", "s-1"), "data": step_data})
    (step,) = await rows(town, "select * from up_pro_process_v4", 1)
    assert (step["project_no"], step["cd_operation"], step["is_sync"]) == (CASE, "I", "0")
    await town.front.execute("update up_pro_process_v4 set is_sync = '1'")

    corrected = event("cn.gov.process.step", "housing", "s-1-corrected")
    corrected["data"] = {**step_data, "record_version": 2}
    await put_by_housing(town, corrected)
    both = await rows(town, "select cd_operation from up_pro_process_v4 order by seq", 2)
    assert [one["cd_operation"] for one in both] == ["I", "U"]


async def test_items_and_orders_come_down_and_are_acknowledged_to_their_issuer(town: Town) -> None:
    await town.front.execute(
        "insert into dn_task_v4 (row_guid, cd_operation, cd_time, catalog_code, task_name, task_type, by_law, use_levels, "
        "task_version, task_state, start_date) values ('t-1', 'I', localtimestamp, '000131014000', '食品经营许可（示例）', '01', "
        "'《示例法》第零条（测试）', '[\"4\"]', 1, '1', '2026-01-01')"
    )
    await town.front.execute(
        "insert into dn_supervise_v4 (row_guid, cd_operation, cd_time, project_no, order_no, content, supervisor, addressees, "
        "order_time) values ('d-1', 'I', localtimestamp, %s, 'DB-2', '请答复', '示例监察机构（测试）', "
        '\'[{"role":"handler","department_code":"115105020000000008"}]\', localtimestamp)',
        CASE,
    )
    (item,) = await rows(town, "select is_sync, error_reason from dn_task_v4 where is_sync <> '0'", 1)
    (order,) = await rows(town, "select is_sync, error_reason from dn_supervise_v4 where is_sync <> '0'", 1)
    assert (item["is_sync"], order["is_sync"]) == ("1", "1"), (item, order)
    await town.department.until_heard(2)

    headers = {
        "Authorization": f"Bearer {VALUES['SUPERVISION_CALL']}",
        "Content-Type": "application/xml",
        "X-Type": "DBXX",
        "X-Case": CASE,
    }
    address = f"{town.hub.url}/v1/in/supervision-orders"
    async with town.http.post(address, data=ORDER.format(case=CASE).encode(), headers=headers) as response:
        assert (response.status, "<STATUS>200</STATUS>" in await response.text()) == (200, True)
    await town.department.until_heard(3)
    kinds = [one["data"]["contract_type"] for one in town.department.heard]
    assert sorted(kinds) == ["cn.gov.item.directory", "cn.gov.supervision.ordered", "cn.gov.supervision.ordered"]
