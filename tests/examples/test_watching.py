# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Supervision inside the hub, in the example's own deployment and a running hub: a late case reaches department and persons."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import yaml

from certs.api_key import digest_of
from contracts.catalogue import builtin
from tests.examples.test_package import bearer, fetched
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/watching"
CASE = "510502-20260105-000001"


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    folder = tmp_path_factory.mktemp("watching")
    for file in EXAMPLE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    deployment["secrets"] = {"numbers": "made-up"}
    talking = {"begin": "00:00", "end": "23:59:59.999999"}
    deployment["destinations"]["notices"]["settings"]["talking"] = {"working_days": talking, "other_days": {**talking}}
    async with PrivatePostgres(find_postgres(15)) as postgres:
        deployment |= {"hub": {"listen": "127.0.0.1:0"}, "journal": await postgres.fresh_database()}
        (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
        running = HubProcess(folder / "govhub.yaml")
        await running.start()
        try:
            yield running
        finally:
            assert await running.stop() == 0, running.log()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def said(http: aiohttp.ClientSession, hub: HubProcess, contract: str, **changes: Any) -> None:
    known = builtin().versions(f"cn.gov.{contract}")[0]
    event = {
        "specversion": "1.0", "id": contract, "source": "market", "type": known.type, "subject": CASE,
        "dataschema": known.schema_uri, "data": {**known.examples[0].data, "case_no": CASE, **changes},
    }  # fmt: skip
    headers = {"Content-Type": "application/cloudevents+json", **bearer("market")}
    async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


async def test_a_late_case_reaches_the_department_the_province_and_the_persons_once(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    """Promised in ten days, four of the green channel: closed after six, and so late."""
    at = "2026-01-05T10:00:00+08:00"
    await said(http, hub, "acceptance.decided", decided_at=at, promised_on="2026-01-19", handler="测试经办人丁")
    await said(http, hub, "completion.decided", completed_at="2026-01-13T10:00:00+08:00")
    (warned,) = await fetched(http, hub, "market", 1)
    assert (warned["type"], warned["data"]["due_on"]) == ("cn.gov.supervision.warned", "2026-01-09")
    (up,) = await fetched(http, hub, "province", 1)
    assert up["data"]["supervision_no"] == warned["data"]["supervision_no"]
    texts = await fetched(http, hub, "sms-gateway", 3)
    assert {one["type"] for one in texts} == {"cn.gov.notice.dispatched"}
    addresses = {one["data"]["address"] for one in texts}
    assert addresses == {"00000000001", "00000000002", "00000000003"}, json.dumps(texts, ensure_ascii=False)
    assert "测试经办人丁" not in hub.log()
    assert not any(address in hub.log() for address in addresses)
