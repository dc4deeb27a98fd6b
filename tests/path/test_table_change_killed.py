# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables change under traffic while hubs are killed: no message is lost, and each is planned by one whole table.

Two hubs as real processes on one broker and one journal. The operator's hub is killed with SIGKILL in the middle of the
activation's transaction, and again as soon as it has answered. Each table is several routes that all take every message, so that
half a table would show in the plan of a message.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import yaml

from certs.api_key import digest_of
from hub.bench.payload import CONTRACT, Payload
from hub.journal.tables import LOCK
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.rabbitmq import RabbitNode

SENDER, OPERATOR = "ghk_made-up-sender", "ghk_made-up-operator"
CASES = 6
BOXES = {"first": ("a1", "a2", "a3"), "second": ("b1", "b2", "b3")}


def routes(of: str) -> list[Mapping[str, object]]:
    """A route to the far side, and one to each mailbox of the table."""
    return [{"name": f"to-{name}", "when": {"contract": CONTRACT}, "to": [name]} for name in ("far", *BOXES[of])]


def text(of: str) -> str:
    return yaml.safe_dump({"version": 1, "routes": routes(of)})


class Town:
    """Two hubs, a sender that uses whichever is there, and an operator at the first."""

    def __init__(self, http: aiohttp.ClientSession, hubs: tuple[HubProcess, HubProcess]) -> None:
        self._http = http
        self.hubs = hubs
        self.accepted: list[str] = []
        self.enough = asyncio.Event()
        self._more = asyncio.Event()
        self._number = 0

    async def send(self, case: int) -> None:
        """Messages of one case, one after the other, each until it is answered; until it is enough."""
        payload = Payload(CASES)
        headers = {"Authorization": f"Bearer {SENDER}", "Content-Type": "application/cloudevents+json"}
        while not self.enough.is_set():
            self._number += 1
            body = payload.body(case, float(self._number))
            for turn in range(10_000):
                hub = self.hubs[(case + turn) % 2]
                with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with self._http.post(f"{hub.url}/v1/messages", data=body, headers=headers) as answer:
                        said = await answer.json(content_type=None)
                        if answer.status == 202:
                            self.accepted.append(said["id"])
                            self._more.set()
                            break
                        assert answer.status in {429, 503}, said
                await asyncio.sleep(0.01)  # because both may be away, and a refused connection answers at once
            else:
                raise AssertionError("nobody took it")

    async def activate(self, table: str, request: str) -> Any:
        body = {"request": request, "reason": "a trial", "table": table}
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        async with self._http.post(f"{self.hubs[0].url}/v1/routes/activate", json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def until_accepted(self, more: int) -> None:
        wanted = len(self.accepted) + more
        async with asyncio.timeout(60):
            while len(self.accepted) < wanted:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def town(dsn: str, bus: str, far: IdempotentFarSide, folder: Path) -> AsyncIterator[Town]:
    def deployment(name: str) -> dict[str, object]:
        boxes = {box: {"system": "far", "connector": "mailbox"} for boxes in BOXES.values() for box in boxes}
        return {
            "hub": {"name": name, "listen": "127.0.0.1:0"},
            "journal": dsn,
            "bus": bus,
            "systems": {"bench": {"keys": [digest_of(SENDER)], "sends": ["*"], "any_case": True}, "far": {}},
            "operators": {"keeper": {"keys": [digest_of(OPERATOR)], "may": ["act"]}},
            "destinations": {
                "far": {"system": "far", "connector": "rest", "settings": {"url": far.url, "mode": "binary"}},
                **boxes,
            },
        }

    hubs = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        hubs.append(HubProcess(write_deployment(folder / name, deployment(name), list(routes("first")))))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
        try:
            for hub in hubs:
                await hub.start()
            yield Town(http, (hubs[0], hubs[1]))
        finally:
            for hub in hubs:
                if hub.running:
                    await hub.kill()


async def killed_in_its_transaction(here: Town, connection: asyncpg.Connection, table: str, request: str) -> None:
    """The activation waits for the lock that we hold, inside its transaction; there its hub dies."""
    await connection.fetchval("select pg_advisory_lock($1)", LOCK)
    act = asyncio.create_task(here.activate(table, request))
    async with asyncio.timeout(30):
        while not await connection.fetchval(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted and "
            "database = (select oid from pg_database where datname = current_database()) and "
            "(classid::bigint << 32) + objid::bigint = $1",
            LOCK,
        ):
            assert not act.done(), act
    await here.hubs[0].kill()
    with suppress(aiohttp.ClientError):
        await act
    await connection.fetchval("select pg_advisory_unlock($1)", LOCK)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)
async def test_a_death_in_an_activation_loses_nothing_and_plans_nothing_by_half(
    journal_dsn: str, rabbit_node: RabbitNode, tmp_path: Path
) -> None:
    bus = await rabbit_node.virtual_host("table-change")
    async with idempotent_far_side() as far, town(journal_dsn, bus, far, tmp_path) as here:
        connection = await asyncpg.connect(journal_dsn)
        sending = [asyncio.create_task(here.send(case)) for case in range(CASES)]
        await here.until_accepted(10)
        history = ["first"]
        for turn, of in enumerate(("second", "first", "second")):
            await killed_in_its_transaction(here, connection, text(of), f"r{turn}")
            assert len(await activations(connection)) == len(history), "nothing of it was written"
            await here.until_accepted(5)  # by the other hub alone
            await here.hubs[0].start()
            assert (await here.activate(text(of), f"r{turn}"))["applied"] == 1, "the same request is done now"
            await here.hubs[0].kill()
            history.append(of)
            assert len(await activations(connection)) == len(history), "what was answered stands"
            await here.until_accepted(5)
            await here.hubs[0].start()
            assert (await here.activate(text(of), f"r{turn}"))["again"] is True, "and is not done twice"
            await here.until_accepted(10)
        here.enough.set()
        await asyncio.gather(*sending)
        await far.until(len(here.accepted), 150)
        versions = await activations(connection)
        planned = await connection.fetch(
            "select m.sender_id, m.table_version, array_agg(d.destination order by d.destination) as destinations "
            "from message m join delivery d on d.message_id = m.id group by m.id, m.sender_id, m.table_version"
        )
        await connection.close()

    assert len(set(here.accepted)) == len(here.accepted)
    assert sorted(row["sender_id"] for row in planned) == sorted(here.accepted), "every receipt's message, and no other"
    assert sorted(event for _, event in far.effects) == sorted(here.accepted), "each delivered, and once"
    assert versions == [versions[0], versions[1]] * 2
    whole = {versions[0]: sorted(("far", *BOXES["first"])), versions[1]: sorted(("far", *BOXES["second"]))}
    assert {row["table_version"] for row in planned} == set(whole), "both tables planned some"
    assert all(row["destinations"] == whole[row["table_version"]] for row in planned)


async def activations(connection: asyncpg.Connection) -> list[str]:
    """The versions in the order in which they came into force."""
    return [row["version_id"] for row in await connection.fetch("select version_id from route_activation order by seq")]
