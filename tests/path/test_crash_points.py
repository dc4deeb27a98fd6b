# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub that dies at any named point of the path loses nothing, has no effect twice, and keeps every case in order.

Real processes, a real database, both buses. The sender keeps its own ledger and repeats what was not answered, as senders do.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from certs.api_key import digest_of
from hub.bench.payload import CONTRACT, Payload
from hub.ports.crash import VARIABLE
from hub.ports.probe import Point
from tests.faults.sizes import chosen
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.rabbitmq import RabbitNode

CASES = 8
MESSAGES = 64
KEY = "ghk_test"
CRASH_AT = 3  # the third time a point is reached, so that something is before and something after it


class Sender:
    """Sends each case's messages one after the other, each until it is answered; remembers what was accepted."""

    def __init__(self, http: aiohttp.ClientSession, hub: HubProcess) -> None:
        self._http = http
        self._hub = hub
        self.up = asyncio.Event()
        self.accepted: dict[str, list[str]] = {}

    async def all(self) -> None:
        payload = Payload(CASES)
        by_case: dict[str, list[bytes]] = {}
        for number in range(MESSAGES):
            by_case.setdefault(f"{number % CASES}", []).append(payload.body(number % CASES, float(number)))
        await asyncio.gather(*(self._case(bodies) for bodies in by_case.values()))

    async def _case(self, bodies: list[bytes]) -> None:
        for body in bodies:
            while not await self._sent(body):
                pass

    async def _sent(self, body: bytes) -> bool:
        await self.up.wait()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents+json"}
        try:
            async with self._http.post(f"{self._hub.url}/v1/messages", data=body, headers=headers) as answer:
                receipt = await answer.json(content_type=None)
        except (aiohttp.ClientError, ConnectionError):
            await asyncio.sleep(0)
            return False
        assert answer.status == 202, receipt
        self.accepted.setdefault(receipt["case"], []).append(receipt["id"])
        return True


@pytest.fixture(params=["memory", "rabbitmq"])
def node(request: pytest.FixtureRequest) -> RabbitNode | None:
    """The broker's node; none for the memory bus."""
    return None if request.param == "memory" else request.getfixturevalue("rabbit_node")


@pytest.fixture
async def bus(node: RabbitNode | None) -> str:
    """The address of a bus. The broker keeps what earlier deaths left on it: frames of deliveries nobody knows."""
    return "memory" if node is None else await node.virtual_host("crash-points")


@pytest.fixture
async def far_side() -> AsyncIterator[IdempotentFarSide]:
    async with idempotent_far_side() as opened:
        yield opened


@pytest.mark.parametrize("point", list(Point))
@pytest.mark.parametrize("time", range(1, chosen().crashes + 1))
@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)
async def test_a_death_at_any_point_loses_repeats_and_reorders_nothing(
    point: Point, time: int, bus: str, journal_dsn: str, far_side: IdempotentFarSide, tmp_path: Path
) -> None:
    config = write_deployment(
        tmp_path,
        {
            "hub": {"name": "crash", "listen": "127.0.0.1:0"},
            "journal": journal_dsn,
            "bus": bus,
            "systems": {"bench": {"keys": [digest_of(KEY)], "sends": ["*"]}, "far": {}},
            "destinations": {
                "far": {"system": "far", "connector": "rest", "settings": {"url": far_side.url, "mode": "binary"}}
            },
        },
        [{"name": "all", "when": {"contract": CONTRACT}, "to": ["far"]}],
    )
    hub = HubProcess(config)
    async with aiohttp.ClientSession() as http:
        await hub.start({VARIABLE: f"{point.value}:{CRASH_AT}"})
        sender = Sender(http, hub)
        sender.up.set()
        sending = asyncio.create_task(sender.all())

        assert await asyncio.wait_for(hub.died(), 60) == -signal.SIGKILL, "it died at the point"
        sender.up.clear()
        await hub.start()
        sender.up.set()
        await asyncio.wait_for(sending, 60)
        await far_side.until(MESSAGES, 60)
        assert await hub.stop() == 0, hub.log()

    effects: dict[str, list[str]] = {}
    for case, event in far_side.effects:
        effects.setdefault(case, []).append(event)
    assert effects == sender.accepted, "each case's effects are its accepted messages, each once, in their order"
    accepted = {one for ids in sender.accepted.values() for one in ids}
    assert await recorded(journal_dsn) == {(one, "far", "delivered") for one in accepted}, "as without the death"


async def recorded(dsn: str) -> set[tuple[str, str, str]]:
    """Sender's id, destination and final state of everything in the journal; nothing is open."""
    connection = await asyncpg.connect(dsn)
    try:
        assert await connection.fetchval("select count(*) from delivery_open") == 0
        rows = await connection.fetch(
            "select m.sender_id, s.destination, s.state from message m join settlement s on s.message_id = m.id"
        )
        assert len(rows) == MESSAGES
        return {(row["sender_id"], row["destination"], row["state"]) for row in rows}
    finally:
        await connection.close()
