# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Applications verified in the example's own deployment and a running hub, at a sharing platform of a process of its own: while
it is there, while it is away, and when it comes back.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from typer.testing import CliRunner

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.cli.main import app
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/verification"
APP_KEY = "made-up-app-key"
PERSON = {"type": "1", "name": "张示例", "id_type": "414", "id_number": "P-001"}
OTHER = {"type": "1", "name": "李样本", "id_type": "414", "id_number": "P-002"}
BODY = {"type": "2", "name": "示例餐饮有限公司（测试）", "id_type": "001", "id_number": "B-001"}
LICENCE = {"licence_name": "食品经营许可证（测试）", "licence_no": "JY-0"}


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer ghk_made-up-key-of-{system}"}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def platform_at(port: int) -> AsyncIterator[None]:
    """The simulated platform, as the command starts it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "sharing-platform", "--port", str(port), "--json",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["address"].endswith(str(port))
        yield
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def hub_of(folder: Path, port: int, **settings: Any) -> AsyncIterator[HubProcess]:
    """The example's hub, with the platform at this port; ``settings`` are the verifier's."""
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    for lookup in deployment["lookups"].values():
        lookup["settings"]["platform"]["url"] = f"http://127.0.0.1:{port}"
    deployment["destinations"]["verifying"]["settings"] |= settings
    deployment["operators"] = {"chief": {"keys": [digest_of("ghk_made-up-key-of-chief")], "may": ["read"]}}
    async with PrivatePostgres(find_postgres(15)) as postgres:
        deployment |= {
            "hub": {"listen": "127.0.0.1:0", "data": str(folder / "data")},
            "journal": await postgres.fresh_database(),
        }
        (folder / "govhub.yaml").write_text(json.dumps(deployment, ensure_ascii=False), encoding="utf-8")
        (folder / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
        running = HubProcess(folder / "govhub.yaml")
        await running.start({"SHARING_APP_KEY": APP_KEY})
        try:
            yield running
        finally:
            assert await running.stop() == 0, running.log()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def apply(
    http: aiohttp.ClientSession, hub: HubProcess, case: str, applicant: dict[str, str], **form: str
) -> None:
    known = builtin().versions("cn.gov.application.submitted")[-1]
    data = {**known.examples[0].data, "case_no": case, "applicant": applicant}
    if form:
        data["form"] = {"item_code": data["item_code"], "form_version": 1, "data": form}
    envelope = {
        "specversion": "1.0",
        "id": f"application-{case}",
        "source": "portal",
        "type": known.type,
        "subject": case,
    }
    event = {**envelope, "dataschema": known.schema_uri, "data": data}
    headers = {"Content-Type": "application/cloudevents+json", **bearer("portal")}
    async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


async def arrived(http: aiohttp.ClientSession, hub: HubProcess) -> dict[str, str]:
    """The mark of the next applications at the department, by case; they are taken."""
    async with http.get(f"{hub.url}/v1/mailbox/food?wait=30", headers=bearer("food")) as answer:
        assert answer.status == 200, "nothing has come"
        lent = await answer.json()
    done = [{"delivery": one["delivery"], "outcome": "delivered"} for one in lent["messages"]]
    ack = {"lease": lent["lease"], "results": done}
    async with http.post(f"{hub.url}/v1/mailbox/food/ack", json=ack, headers=bearer("food")) as answer:
        assert answer.status == 200, await answer.text()
    return {one["event"]["subject"]: one["event"]["verification"] for one in lent["messages"]}


async def asked(http: aiohttp.ClientSession, hub: HubProcess, path: str) -> Any:
    async with http.get(f"{hub.url}{path}", headers=bearer("chief")) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def until_stands(http: aiohttp.ClientSession, hub: HubProcess, case: str, state: str) -> dict[str, Any]:
    """The application's delivery to the verifier, once it stands so."""
    while True:
        told = await asked(http, hub, f"/v1/cases/{case}")
        for one in (one for message in told["messages"] for one in message["deliveries"]):
            if (one["destination"], one["state"]) == ("verifying", state):
                found: dict[str, Any] = one
                return found
        await asyncio.sleep(0.05)  # because a verdict calls nobody here


async def until_asked(http: aiohttp.ClientSession, hub: HubProcess) -> dict[str, Any]:
    """Who asked which register, once anybody has."""
    while True:
        told: dict[str, Any] = await asked(http, hub, "/v1/lookup-records")
        if told["lookups"]:
            return told
        await asyncio.sleep(0.05)  # because a question that fails calls nobody here


async def test_what_matches_goes_on_marked_and_what_does_not_goes_nowhere(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    port = free_port()
    async with platform_at(port), hub_of(tmp_path, port) as hub:
        await apply(http, hub, "c-person", PERSON, **LICENCE)
        assert await arrived(http, hub) == {"c-person": "identity.matched licence.matched"}
        await apply(http, hub, "c-body", BODY)
        assert await arrived(http, hub) == {"c-body": "body.matched"}
        await apply(http, hub, "c-wrong", {**PERSON, "name": "王不存在"})
        dead = await until_stands(http, hub, "c-wrong", "dead")
        await apply(http, hub, "c-lapsed", PERSON, **{**LICENCE, "licence_no": "JY-9"})
        lapsed = await until_stands(http, hub, "c-lapsed", "dead")
        told = await asked(http, hub, "/v1/lookup-records")
    assert (dead["code"], lapsed["code"]) == ("VERIFICATION_FAILED", "VERIFICATION_FAILED")
    assert {one["purpose"] for one in told["lookups"]} == {"核对申请人身份", "核对申请企业", "核对既有证照"}
    assert "P-001" not in json.dumps(told, ensure_ascii=False)


async def test_while_the_platform_is_away_it_goes_on_unchecked_and_says_so(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    port = free_port()
    async with hub_of(tmp_path, port, patience_seconds=2, again_seconds=1) as hub:
        async with platform_at(port):
            await apply(http, hub, "c-up", PERSON)
            assert await arrived(http, hub) == {"c-up": "identity.matched"}
        await apply(http, hub, "c-down", OTHER, **LICENCE)
        assert await arrived(http, hub) == {"c-down": "identity.unavailable licence.unavailable"}


async def test_where_it_waits_it_goes_on_when_the_platform_is_back(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    port = free_port()
    async with hub_of(tmp_path, port, down="wait", patience_seconds=0, again_seconds=1) as hub:
        await apply(http, hub, "c-waits", OTHER)
        await until_stands(http, hub, "c-waits", "accepted")
        told = await until_asked(http, hub)
        async with http.get(f"{hub.url}/v1/mailbox/food?wait=1", headers=bearer("food")) as answer:
            assert answer.status == 204, "it has not gone on unchecked"
        async with platform_at(port):
            assert await arrived(http, hub) == {"c-waits": "identity.matched"}
    assert {one["system"] for one in told["lookups"]} == {"verifier"}


def test_the_example_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARING_APP_KEY", "x")
    told = CliRunner().invoke(app, ["routes", "check", "-c", str(EXAMPLE / "govhub.yaml")])
    assert told.exit_code == 0, told.output
