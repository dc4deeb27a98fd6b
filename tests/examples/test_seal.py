# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A request to seal, in the example's own deployment and a running hub, to the platform that the simulator is, and back."""

import hashlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from typer.testing import CliRunner

from certs.api_key import digest_of
from connectors.e_seal.sealing.pdf import blank
from connectors.e_seal.simulator import Options, SealPlatform, Step
from contracts.catalogue import builtin
from hub.cli.main import app
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/seal"
SECRET = "simulated-secret"


def key(system: str) -> str:
    return f"ghk_made-up-key-of-{system}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Here:
    hub: HubProcess
    platform: SealPlatform
    anchors: Path
    http: aiohttp.ClientSession

    async def store(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        async with self.http.put(
            self._url(f"/v1/materials/{digest}"), data=content, headers=self._as("licences")
        ) as answer:
            assert answer.status in {200, 201}
        return digest

    async def ask(self, number: int, digest: str) -> None:
        event = json.loads((EXAMPLE / "request.json").read_text(encoding="utf-8"))
        case = f"510500-20260302-{number:06}"
        event |= {"id": f"request-{number}", "subject": case}
        event["data"] |= {"case_no": case, "task_no": f"YY-{number:06}", "digest": digest, "size": 1000}
        headers = {**self._as("licences"), "Content-Type": "application/cloudevents+json"}
        async with self.http.post(self._url("/v1/messages"), json=event, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def issue(self, case: str, digest: str) -> None:
        known = builtin().versions("cn.gov.licence.issued")[0]
        file = {"digest": digest, "size": len(blank()), "media_type": "application/pdf"}
        event = {
            "specversion": "1.0",
            "id": case,
            "source": "licences",
            "type": known.type,
            "subject": case,
            "dataschema": known.schema_uri,
            "data": {**known.examples[0].data, "case_no": case, **file},
        }
        headers = {**self._as("licences"), "Content-Type": "application/cloudevents+json"}
        async with self.http.post(self._url("/v1/messages"), json=event, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def results(self, system: str = "licences") -> list[dict[str, Any]]:
        """What lies in the mailbox, once there is anything; taken."""
        async with self.http.get(self._url(f"/v1/mailbox/{system}?wait=60"), headers=self._as(system)) as answer:
            assert answer.status == 200
            return [one["event"]["data"] for one in (await answer.json())["messages"]]

    async def fetch(self, digest: str, system: str) -> bytes | None:
        async with self.http.get(self._url(f"/v1/materials/{digest}"), headers=self._as(system)) as answer:
            return await answer.read() if answer.status == 200 else None

    def _url(self, path: str) -> str:
        return f"{self.hub.url}{path}"

    def _as(self, system: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key(system)}"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    anchors = tmp_path / "anchors"
    at = f"http://127.0.0.1:{free_port()}"
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(key(name))]
    options = Options(secret=SECRET, anchors=str(anchors))
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        SealPlatform([Step.OK, Step.LOST], options=options) as platform,
        aiohttp.ClientSession() as http,
    ):
        deployment |= {
            "hub": {"listen": at.removeprefix("http://"), "data": str(tmp_path / "data")},
            "journal": await postgres.fresh_database(),
        }
        for one in (deployment["destinations"]["seals"], deployment["sources"]["seal-callbacks"]):
            one["settings"] |= {"url": platform.address, "belief": {"anchors": [str(anchors)]}}
            one["settings"]["hub"]["url"] = at
        deployment["destinations"]["seals"]["settings"]["callback_url"] = f"{at}/v1/in/seal-callbacks"
        (tmp_path / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
        (tmp_path / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
        hub = HubProcess(tmp_path / "govhub.yaml")
        await hub.start({"SEAL_SECRET": SECRET, "SEALS_KEY": key("seals")})
        try:
            yield Here(hub, platform, anchors, http)
        finally:
            assert await hub.stop() == 0, hub.log()


async def test_a_licence_is_sealed_verified_and_handed_on(here: Here, tmp_path: Path) -> None:
    digest = await here.store(blank())
    await here.ask(1, digest)
    [result] = await here.results()

    assert (result["result"], result["structure"], result["original_digest"]) == ("done", "pades", digest)
    sealed = await here.fetch(result["digest"], "licences")
    assert sealed is not None
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    told = CliRunner().invoke(
        app, ["seals", "verify", str(tmp_path / "sealed.pdf"), "--anchors", str(here.anchors), "--json"]
    )
    assert told.exit_code == 0, told.output


async def test_a_lost_answer_seals_nothing_twice(here: Here) -> None:
    first, second = await here.store(blank()), await here.store(blank(10))
    await here.ask(1, first)
    [result] = await here.results()
    await here.ask(2, second)
    [other] = await here.results()

    assert {result["original_digest"], other["original_digest"]} == {first, second}
    assert sorted(here.platform.sealed.values()) == [1, 1]


async def test_a_licence_is_delivered_with_its_sealed_file_alone(here: Here, tmp_path: Path) -> None:
    digest = await here.store(blank())
    await here.issue("510500-20260302-000009", digest)
    [licence] = await here.results("portal")

    assert licence["digest"] != digest
    sealed = await here.fetch(licence["digest"], "portal")
    assert sealed is not None
    assert len(sealed) == licence["size"]
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    told = CliRunner().invoke(
        app, ["seals", "verify", str(tmp_path / "sealed.pdf"), "--anchors", str(here.anchors), "--json"]
    )
    assert told.exit_code == 0, told.output
    assert list(here.platform.sealed.values()) == [1]


def test_the_example_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAL_SECRET", "x")
    monkeypatch.setenv("SEALS_KEY", "x")
    told = CliRunner().invoke(app, ["routes", "check", "-c", str(EXAMPLE / "govhub.yaml")])

    assert told.exit_code == 0, told.output
