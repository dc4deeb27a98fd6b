# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A replay whose hub is killed in the middle, twice: the next one carries it on, and each delivery has one effect."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from certs.api_key import digest_of
from hub.bench.payload import CONTRACT, Payload
from tests.support.far_sides import idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

SENDER, OPERATOR = "ghk_made-up-sender", "ghk_made-up-operator"
MESSAGES = 60


class Client:
    """A sender and an operator, at whichever address the hub serves now."""

    def __init__(self, http: aiohttp.ClientSession, hub: HubProcess) -> None:
        self._http = http
        self._hub = hub

    async def send(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {SENDER}", "Content-Type": "application/cloudevents+json"}
        body = Payload(MESSAGES).body(number, 0.0)
        async with self._http.post(f"{self._hub.url}/v1/messages", data=body, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def operate(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        async with self._http.request(method, f"{self._hub.url}{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def until_dead(self, count: int) -> int:
        """The group, once it has so many."""
        async with asyncio.timeout(60):
            while True:
                groups = (await self.operate("GET", "/v1/dead"))["groups"]
                if groups and groups[0]["count"] == count:
                    return int(groups[0]["group"])

    async def until_over(self, replay: str) -> Any:
        async with asyncio.timeout(60):
            while (found := await self.operate("GET", f"/v1/replays/{replay}"))["state"] == "running":
                pass
        return found


async def test_a_replay_outlives_the_hubs_that_carry_it_on(journal_dsn: str, tmp_path: Path) -> None:
    async with idempotent_far_side() as far_side, aiohttp.ClientSession() as http:
        config = write_deployment(
            tmp_path,
            {
                "hub": {"name": "hub-1", "listen": "127.0.0.1:0"},
                "journal": journal_dsn,
                "bus": "memory",
                "systems": {"bench": {"keys": [digest_of(SENDER)], "sends": ["*"], "any_case": True}, "far": {}},
                "operators": {"keeper": {"keys": [digest_of(OPERATOR)], "may": ["act"]}},
                "destinations": {
                    "far": {"system": "far", "connector": "rest", "settings": {"url": far_side.url, "mode": "binary"}}
                },
            },
            [{"name": "all", "when": {"contract": CONTRACT}, "to": ["far"]}],
        )
        hub = HubProcess(config)
        client = Client(http, hub)
        try:
            await hub.start()
            far_side.refuses = True
            for number in range(MESSAGES):
                await client.send(number)
            group = await client.until_dead(MESSAGES)
            far_side.refuses = False
            wanted = {"request": "r1", "reason": "mended", "group": group, "rate": 30}
            replay = (await client.operate("POST", "/v1/replays", wanted))["replay"]
            for effects in (5, 20):
                await far_side.until(effects, 60)
                await hub.kill()
                await hub.start()
            assert (await client.operate("POST", "/v1/replays", wanted))["replay"] == replay, (
                "the click still counts once"
            )
            finished = await client.until_over(replay)
        finally:
            await hub.kill()

        assert (finished["state"], finished["counts"]) == ("finished", {"done": MESSAGES}), finished
        assert len(far_side.effects) == len(set(far_side.effects)) == MESSAGES
