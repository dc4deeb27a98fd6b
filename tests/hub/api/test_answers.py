# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A whole deployment: a far side accepts over HTTP, and says by a webhook what became of it. Either may be in a child process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from certs.api_key import digest_of
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.hub.api.house import House, application, key_of, open_house

_CONFIG = """\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  portal: {{keys: ["{portal}"], sends: ["*"], any_case: true}}
  seals: {{keys: ["{seals}"]}}
destinations:
  seals:
    system: seals
    connector: rest
    isolation: {isolation}
    settings:
      url: {url}
      accepted_statuses: [202]
      reference_pointer: /flow
      answer_within: 3600
      idempotency: none
sources:
  sealed:
    system: seals
    connector: rest
    isolation: {isolation}
    settings:
      anybody: true
      answers_for: seals
      answer: {{reference: "{{/flow}}", outcome: "{{/status}}", delivered: [COMPLETE], rejected: [REFUSED], receipt: "{{/seal}}"}}
routes: routes.yaml
"""
_ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: seals}\n"


class Seals:
    """The far side: it accepts, and remembers under which reference."""

    def __init__(self) -> None:
        self.flows: list[str] = []
        self.address = ""

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        self.flows.append(f"flow-{len(self.flows) + 1}")
        return web.json_response({"flow": self.flows[-1]}, status=202)


@pytest.fixture
async def seals() -> AsyncIterator[Seals]:
    far = Seals()
    app = web.Application()
    app.router.add_post("/", far.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    far.address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield far
    await runner.cleanup()


def deployed(folder: Path, journal: str, url: str, isolation: str) -> Loaded:
    (folder / "routes.yaml").write_text(_ROUTES)
    (folder / "govhub.yaml").write_text(
        _CONFIG.format(
            journal=journal,
            url=url,
            isolation=isolation,
            portal=digest_of(key_of("portal")),
            seals=digest_of(key_of("seals")),
        )
    )
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    return loaded


async def until(house: House, message: str, state: str) -> dict[str, Any]:
    """The delivery, once it is in that state."""
    async with asyncio.timeout(30):
        while True:
            status, found = await house.get(f"/v1/messages/{message}")
            assert status == 200
            (only,) = found["deliveries"]
            if only["state"] == state:
                return dict(only)
            await asyncio.sleep(0.05)


async def call(house: House, said: dict[str, str]) -> int:
    async with house.http.post(f"{house.url}/v1/in/sealed", json=said) as answer:
        return answer.status


@pytest.mark.parametrize("isolation", ["hub", "process"])
async def test_accepted_now_and_answered_later(tmp_path: Path, journal_dsn: str, seals: Seals, isolation: str) -> None:
    async with open_house(deployed(tmp_path, journal_dsn, seals.address, isolation), Limits()) as house:
        _, _, first = await house.send(application())
        accepted = await until(house, first["message"], "accepted")
        assert await call(house, {"flow": "flow-1", "status": "COMPLETE", "seal": "S-7"}) == 202
        delivered = await until(house, first["message"], "delivered")
        assert await call(house, {"flow": "flow-1", "status": "COMPLETE", "seal": "S-7"}) == 202
        assert await call(house, {"flow": "flow-1", "status": "REFUSED"}) == 202
        contradicted = await until(house, first["message"], "delivered")

        _, _, second = await house.send(application())
        await until(house, second["message"], "accepted")
        assert await call(house, {"flow": "flow-2", "status": "REFUSED"}) == 202
        dead = await until(house, second["message"], "dead")
        assert await call(house, {"flow": "flow-2", "status": "SOMETHING"}) == 422

    assert accepted["reference"] == "flow-1"
    assert accepted["answerDueAt"] is not None
    assert (delivered["reference"], delivered["answerDueAt"]) == ("S-7", None)
    assert [one["state"] for one in delivered["attempts"]] == ["accepted", "delivered"]
    assert contradicted["attempts"][1]["toldLate"]["state"] == "dead"
    assert dead["code"] == "REFUSED"
