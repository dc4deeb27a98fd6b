# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The transaction's seal task at a seal platform that is a process of its own: taken back there, or for a person to decide."""

import asyncio
import hashlib
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from certs.api_key import digest_of
from connectors.e_seal.profile import shipped
from connectors.e_seal.sealing.pdf import blank
from tests.examples.test_transaction import EXAMPLE, asked, bearer, begun, fetched, send, until_needing, withdrawal
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

SECRET = "simulated-secret"
Changed = Callable[[dict[str, Any]], None]


@asynccontextmanager
async def simulated(script: str, anchors: Path) -> AsyncIterator[str]:
    """The address of a seal platform, as the command starts it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "e_seal", "--script", script, "--option", f"anchors={anchors}",
        "--json", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["address"]
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def hub_before(
    platform: str, folder: Path, changed: Changed = lambda _settings: None
) -> AsyncIterator[HubProcess]:
    """The example's hub, with this seal platform behind its destination ``seals``; ``changed`` alters that one's settings."""
    at = f"http://127.0.0.1:{free_port()}"
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    settings: dict[str, Any] = {
        "url": platform,
        "app_id": "govhub",
        "secret": "seal-secret",
        "hub": {"url": at, "key": "seals-key", "source": "seals"},
        "belief": {"anchors": [str(folder / "anchors")]},
    }
    sink = {**settings, "callback_url": f"{at}/v1/in/seal-callbacks"}
    changed(sink)
    deployment["destinations"]["seals"] = {"system": "seals", "connector": "e_seal", "settings": sink}
    deployment["sources"] = {
        "seal-callbacks": {"system": "seals", "connector": "e_seal", "settings": {**settings, "answers_for": "seals"}}
    }
    deployment["secrets"] = {"seal-secret": "env:SEAL_SECRET", "seals-key": "env:SEALS_KEY"}
    deployment["operators"] = {"chief": {"keys": [digest_of("ghk_made-up-key-of-chief")], "may": ["read", "act"]}}
    async with PrivatePostgres(find_postgres(15)) as postgres:
        data = {"listen": at.removeprefix("http://"), "data": str(folder / "data")}
        deployment |= {"hub": data, "journal": await postgres.fresh_database()}
        (folder / "govhub.yaml").write_text(json.dumps(deployment, ensure_ascii=False), encoding="utf-8")
        (folder / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
        running = HubProcess(folder / "govhub.yaml")
        await running.start({"SEAL_SECRET": SECRET, "SEALS_KEY": "ghk_made-up-key-of-seals"})
        try:
            yield running
        finally:
            assert await running.stop() == 0, running.log()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def begun_with_a_file(http: aiohttp.ClientSession, hub: HubProcess, case: str) -> None:
    """An application whose first material lies in the hub; its department has accepted it."""
    content = blank()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    async with http.put(f"{hub.url}/v1/materials/{digest}", data=content, headers=bearer("portal")) as answer:
        assert answer.status in {200, 201}, await answer.text()
    file = {"digest": digest, "size": len(content), "media_type": "application/pdf"}
    await begun(http, hub, case, materials=[{"name": "营业执照副本", "file_name": "执照.pdf", **file}])


async def until_stated(
    http: aiohttp.ClientSession, hub: HubProcess, case: str, contract: str, state: str
) -> dict[str, Any]:
    """The delivery to the seal platform of the case's message by this contract, once it is in this state."""
    while True:
        told = await asked(http, hub, f"/v1/cases/{case}")
        for message in told["messages"]:
            for delivery in message["deliveries"]:
                if (
                    message["contract"] == contract
                    and delivery["destination"] == "seals"
                    and delivery["state"] == state
                ):
                    found: dict[str, Any] = delivery
                    return found
        await asyncio.sleep(0.05)  # because the far side's acceptance calls nobody here


async def sealed(http: aiohttp.ClientSession, platform: str) -> dict[str, int]:
    """How often the platform has sealed what."""
    async with http.get(f"{platform}/sealed") as answer:
        counted: dict[str, int] = (await answer.json())["sealed"]
        return counted


async def test_a_task_is_taken_back_at_the_platform(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with simulated("wait", tmp_path / "anchors") as platform, hub_before(platform, tmp_path) as hub:
        await begun_with_a_file(http, hub, "c-wait")
        task = await until_stated(http, hub, "c-wait", "cn.gov.seal.requested", "accepted")
        await send(http, hub, withdrawal("c-wait"))
        (back,) = await fetched(http, hub, "office", 1)
        (ended,) = await fetched(http, hub, "portal", 1)
        void = await until_stated(http, hub, "c-wait", "cn.gov.seal.withdrawn", "delivered")
        told = await asked(http, hub, "/v1/cases/c-wait")
        counted = await sealed(http, platform)
    assert back["data"]["result"] == "withdrawn"
    standings = {one["step"]: one["standing"] for one in ended["data"]["steps"]}
    assert standings == {"application": "undone", "seal": "undone", "shipment": "waiting", "notice": "waiting"}
    assert void["destination"] == task["destination"]
    assert counted == {}, "nothing was sealed"
    results = [one for one in told["messages"] if one["contract"] == "cn.gov.seal.completed"]
    assert [one["system"] for one in results] == ["seals"], "the platform's own word of the end, once"


async def test_what_is_sealed_already_is_for_a_person(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with simulated("ok", tmp_path / "anchors") as platform, hub_before(platform, tmp_path) as hub:
        await begun_with_a_file(http, hub, "c-set")
        await fetched(http, hub, "logistics", 1, outcome="rejected", code="NO_COURIER")
        await send(http, hub, withdrawal("c-set"))
        await fetched(http, hub, "messages", 2)
        stuck = await until_needing(http, hub, "undo.seal")
        void = await until_stated(http, hub, "c-set", "cn.gov.seal.withdrawn", "dead")
        counted = await sealed(http, platform)
    assert (void["code"], stuck["case"]) == ("SEAL_SET", "c-set")
    assert list(counted.values()) == [1]


async def test_a_platform_without_such_a_call_is_for_a_person(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    """As the profiles of the two vendors are: the hub asks nothing of the platform, and a person sees to it there."""
    silent = shipped("generic").model_copy(update={"void": None, "trace": None})
    profile = tmp_path / "profile.yaml"
    profile.write_text(yaml.safe_dump(silent.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    async with (
        simulated("wait", tmp_path / "anchors") as platform,
        hub_before(platform, tmp_path, lambda settings: settings.update(profile=str(profile))) as hub,
    ):
        await begun_with_a_file(http, hub, "c-silent")
        await until_stated(http, hub, "c-silent", "cn.gov.seal.requested", "accepted")
        await send(http, hub, withdrawal("c-silent"))
        stuck = await until_needing(http, hub, "undo.seal")
        void = await until_stated(http, hub, "c-silent", "cn.gov.seal.withdrawn", "dead")
        body = {"request": "by-hand", "reason": "taken back in the platform's console", "step": stuck["awaits"]}
        path = f"{hub.url}/v1/transactions/{stuck['transaction']}/settle"
        async with http.post(path, json=body, headers=bearer("chief")) as answer:
            assert answer.status == 200, await answer.text()
        (back,) = await fetched(http, hub, "office", 1)
        needing, ended = await fetched(http, hub, "portal", 2)
    assert void["code"] == "SEAL_VOID_UNSUPPORTED"
    assert back["data"]["result"] == "withdrawn"
    assert (needing["data"]["outcome"], needing["data"]["code"]) == ("needs_person", "COMPENSATION_FAILED")
    assert ended["data"]["outcome"] == "undone"
