# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department without a system, in the example's own deployment and a running hub: nothing is refused."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from typer.testing import CliRunner

from certs.api_key import digest_of
from hub.cli.main import app
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/general-approval"
CIVIL = "11510502000000051G"


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer ghk_made-up-key-of-{system}"}


def application() -> dict[str, Any]:
    said: dict[str, Any] = json.loads((EXAMPLE / "application.json").read_text(encoding="utf-8"))
    return said


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    folder = tmp_path_factory.mktemp("general-approval")
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    async with PrivatePostgres(find_postgres(15)) as postgres:
        deployment |= {"hub": {"listen": "127.0.0.1:0"}, "journal": await postgres.fresh_database()}
        (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
        (folder / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
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


async def send(
    http: aiohttp.ClientSession, hub: HubProcess, event: dict[str, Any], system: str = "portal"
) -> tuple[int, Any]:
    headers = {"Content-Type": "application/cloudevents+json", **bearer(system)}
    async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def fetched(http: aiohttp.ClientSession, hub: HubProcess, system: str) -> list[str]:
    """The ids of the events that lie in a mailbox, once there are any."""
    async with http.get(f"{hub.url}/v1/mailbox/{system}?wait=30", headers=bearer(system)) as answer:
        assert answer.status == 200, system
        return [message["event"]["id"] for message in (await answer.json())["messages"]]


async def destinations(http: aiohttp.ClientSession, hub: HubProcess, event_id: str) -> set[str]:
    async with http.get(f"{hub.url}/v1/messages/{event_id}?by=id", headers=bearer("portal")) as answer:
        return {delivery["destination"] for delivery in (await answer.json())["deliveries"]}


async def test_an_application_to_a_department_without_a_system_is_worked_on(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    event = application()
    assert (await send(http, hub, event))[0] == 202
    assert await destinations(http, hub, event["id"]) == {"general-approval", "municipal"}
    assert await fetched(http, hub, "general-approval") == [event["id"]]


async def test_a_department_with_a_system_gets_its_own(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    event = application()
    event |= {"id": "own", "subject": "510502-own"}
    event["data"] |= {"case_no": "510502-own", "department_code": CIVIL}
    assert (await send(http, hub, event))[0] == 202
    assert await destinations(http, hub, "own") == {"civil-affairs", "municipal"}
    assert await fetched(http, hub, "civil-affairs") == ["own"]


async def test_a_message_from_elsewhere_is_refused_to_its_senders_face(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    event = application()
    event |= {"id": "far", "subject": "far"}
    event["data"] |= {"case_no": "far", "region_code": "110101"}
    status, problem = await send(http, hub, event)
    assert (status, problem["code"]) == (422, "E_UNROUTABLE")


@pytest.mark.parametrize("as_json", [True, False])
def test_the_explanation_says_so(*, as_json: bool, tmp_path: Path) -> None:
    words = ["routes", "explain", str(EXAMPLE / "application.json"), "-c", str(EXAMPLE / "govhub.yaml")]
    result = CliRunner().invoke(app, [*words, *(["--json"] if as_json else [])])
    assert result.exit_code == 0, result.output
    if as_json:
        said = json.loads(result.output)
        assert (said["fallback"], said["destinations"]) == (True, ["general-approval", "municipal"])
        assert [one["as"] for one in said["matched"]] == ["fallback", "copy"]
    else:
        assert "兜底" in result.output
