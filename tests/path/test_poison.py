# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Poison in real processes, on both buses: what kills its hub is set aside after exactly so many deaths, and no neighbour loses
an attempt by it; what kills a connector's own process stops neither the hub nor any other destination.
"""

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from certs.api_key import digest_of
from contracts.bindings.http import write_structured
from tests.support.far_sides import idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.hubs import APPLICATION, event
from tests.support.rabbitmq import RabbitNode
from tests.support.saboteurs import environment, ledger

KEY = "ghk_test"
POISON = 4
NEIGHBOURS = 12
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)


@pytest.fixture(params=["memory", "rabbitmq"])
def node(request: pytest.FixtureRequest) -> RabbitNode | None:
    return None if request.param == "memory" else request.getfixturevalue("rabbit_node")


@pytest.fixture
async def bus(node: RabbitNode | None) -> str:
    return "memory" if node is None else await node.virtual_host("poison")


def deployment(directory: Path, journal: str, bus: str, far: str, **place: object) -> Path:
    (directory / "kept").mkdir()
    settings = {"ledger": str(directory / "kept" / "ledger"), **place.pop("settings", {})}  # type: ignore[dict-item]
    if place.get("isolation") != "hub":
        place["fence"] = {"folders": ["kept"]}
    return write_deployment(
        directory,
        {
            "hub": {"name": "poisoned", "listen": "127.0.0.1:0"},
            "journal": journal,
            "bus": bus,
            "systems": {"bench": {"keys": [digest_of(KEY)], "sends": ["*"]}, "far": {}, "other": {}},
            "destinations": {
                "far": {
                    "system": "far", "connector": "saboteur", "settings": settings,
                    "retry": {"poison": POISON, "first_seconds": 0.1, "longest_seconds": 0.2}, **place,
                },
                "other": {"system": "other", "connector": "rest", "settings": {"url": far, "mode": "binary"}},
            },
        },
        [{"name": "all", "when": {"contract": APPLICATION}, "to": ["far", "other"]}],
    )  # fmt: skip


class Supervised:
    """A hub that is started again whenever it dies."""

    def __init__(self, config: Path, variables: dict[str, str]) -> None:
        self.hub = HubProcess(config)
        self.deaths = 0
        self._variables = variables
        self._up = asyncio.Event()

    async def run(self) -> None:
        while True:
            with suppress(AssertionError):  # it may die before it serves: what it finds in the journal is what kills it
                await self.hub.start(self._variables)
                self._up.set()
            code = await self.hub.died()
            self._up.clear()
            assert code == -signal.SIGKILL, self.hub.log()
            self.deaths += 1

    async def send(self, case: str) -> None:
        """One application of its own case, as senders do: until it is answered."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents+json"}
        _, body = write_structured(event(case, source="bench"))
        async with aiohttp.ClientSession() as http:
            while True:
                await self._up.wait()
                try:
                    async with http.post(f"{self.hub.url}/v1/messages", data=body, headers=headers) as answer:
                        assert answer.status == 202, await answer.text()
                        return
                except (aiohttp.ClientError, ConnectionError):
                    await asyncio.sleep(0)


async def until_dead(dsn: str, seconds: float) -> asyncpg.Record:
    """The poison's delivery, once it is set aside and every neighbour is finished."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(seconds):
            while True:
                rows = await connection.fetch("select * from delivery_open where destination = 'far'")
                if [(row["case_no"], row["state"]) for row in rows] == [("poison", "dead")]:
                    return rows[0]
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def codes_of_neighbours(dsn: str) -> set[str]:
    """What their attempts came to."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select a.code, o.failures from attempt a join case_message c using (message_id) "
            "left join delivery_open o on o.message_id = a.message_id and o.destination = a.destination "
            "where a.destination = 'far' and c.case_no <> 'poison'"
        )
    finally:
        await connection.close()
    assert all(row["failures"] is None for row in rows), "none of them is unfinished"
    return {row["code"] for row in rows}


@pytest.mark.timeout(240)
async def test_what_kills_its_hub_is_dead_after_so_many_deaths_and_no_neighbour_loses_an_attempt(
    bus: str, journal_dsn: str, tmp_path: Path
) -> None:
    async with idempotent_far_side() as other:
        config = deployment(tmp_path, journal_dsn, bus, other.url, isolation="hub")
        hub = Supervised(config, environment(tmp_path / "site"))
        running = asyncio.create_task(hub.run())
        cases = [f"n{number}" for number in range(NEIGHBOURS)]
        await asyncio.gather(*(hub.send(case) for case in [*cases, "poison"]))
        dead = await until_dead(journal_dsn, 150)
        await other.until(NEIGHBOURS + 1, 60)
        running.cancel()
        assert await hub.hub.stop() == 0, hub.hub.log()

    did = ledger(tmp_path / "kept" / "ledger")
    harm = [line for line in did if line[0] == "harm"]
    assert (dead["code"], len(harm), hub.deaths) == ("POISON", POISON, POISON)
    assert len({key for _, _, key in harm}) == 1
    assert {case for what, case, _ in did if what == "done"} == set(cases)
    keys = Counter(key for what, _, key in did if what == "done")
    assert len(keys) == NEIGHBOURS, "a repeat bears the key of the first"
    assert await codes_of_neighbours(journal_dsn) <= {"DELIVERED", "CRASHED"}


@pytest.mark.parametrize("harm", ["exit", "block", "kill"])
async def test_what_ends_its_connectors_process_stops_nobody_else(harm: str, journal_dsn: str, tmp_path: Path) -> None:
    async with idempotent_far_side() as other:
        settings = {"harm": harm}
        config = deployment(tmp_path, journal_dsn, "memory", other.url, settings=settings, timeout_seconds=0.5)
        hub = Supervised(config, environment(tmp_path / "site"))
        running = asyncio.create_task(hub.run())
        await hub.send("poison")
        cases = [f"n{number}" for number in range(NEIGHBOURS)]
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(hub.send(case) for case in cases))
        await other.until(NEIGHBOURS + 1, 20)
        took = asyncio.get_running_loop().time() - began
        dead = await until_dead(journal_dsn, 90)
        assert hub.deaths == 0
        running.cancel()
        assert await hub.hub.stop() == 0, hub.hub.log()

    did = ledger(tmp_path / "kept" / "ledger")
    assert (dead["code"], sum(line[0] == "harm" for line in did)) == ("POISON", POISON)
    assert took < 10, "the other destination noticed nothing"
    assert {case for what, case, _ in did if what == "done"} == set(cases)
    assert "ATTEMPTS_EXHAUSTED" not in await codes_of_neighbours(journal_dsn)
