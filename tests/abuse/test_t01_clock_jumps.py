# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""T1: the clock of a real hub's machine jumps ten minutes forwards and back while it works; libfaketime moves it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest

from certs.api_key import digest_of
from tests.hub.identities.secure_house import KEY, event
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.missing import missing

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
_numbers = itertools.count(1)
_LIBRARIES = [
    *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
    *Path("/usr/lib").glob("faketime/libfaketimeMT.so.1"),
]


class Machine:
    """The clock of the hub's machine, and of nothing else on it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.ahead("+0")

    def ahead(self, seconds: str) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.write_text(f"{seconds}\n")
        temporary.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(_LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }


@asynccontextmanager
async def working(folder: Path, dsn: str, machine: Machine) -> AsyncIterator[HubProcess]:
    config = write_deployment(
        folder,
        {
            "hub": {"name": "hub-1", "listen": "127.0.0.1:0"},
            "journal": dsn,
            "bus": "memory",
            "partitions": 2,
            "systems": {"portal": {"keys": [digest_of(KEY)], "sends": ["*"], "any_case": True}, "archives": {}},
            "destinations": {"archives": {"system": "archives", "connector": "mailbox"}},
        },
        [{"name": "all", "when": {"contract": "cn.gov.application.submitted"}, "to": "archives"}],
    )
    process = HubProcess(config)
    await process.start(machine.environment)
    try:
        yield process
    finally:
        await process.stop()


async def send(http: aiohttp.ClientSession, url: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents+json"}
    async with http.post(f"{url}/v1/messages", data=event(f"clock-{next(_numbers)}"), headers=headers) as answer:
        return answer.status, orjson.loads(await answer.read())


async def told(http: aiohttp.ClientSession, url: str, words: str) -> None:
    """Wait until health has these words among its concerns."""
    async with asyncio.timeout(60):
        while True:
            async with http.get(f"{url}/health/ready") as answer:
                if words in (await answer.read()).decode():
                    return
            await asyncio.sleep(0.2)  # the hub is another process, and looks once a second


async def test_t01_a_hub_works_on_and_says_that_its_clock_jumped(tmp_path: Path, dsn: str) -> None:
    if not _LIBRARIES:
        missing("libfaketime, of Debian's package faketime")
    machine = Machine(tmp_path)
    accepted: list[str] = []
    async with (
        working(tmp_path, dsn, machine) as process,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as http,
    ):
        for step, words in (
            ("+0", ""),
            ("+600", "600 s forwards"),
            ("-600", "1200 s backwards"),
            ("+0", "600 s forwards"),
        ):
            machine.ahead(step)
            for _ in range(5):
                status, said = await send(http, process.url)
                assert status == 202, said
                accepted.append(said["message"])
            if words:
                await told(http, process.url, words)
            if step != "+0":
                way = "ahead of" if step == "+600" else "behind"
                await told(http, process.url, f"{way} that of the database")
        async with asyncio.timeout(60):
            while True:
                async with http.get(f"{process.url}/health/ready") as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.2)  # as above
        assert process.running

    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select message_id, state from delivery_open order by message_id")
        leaves = await connection.fetchval("select count(distinct message_id) from leaf")
    finally:
        await connection.close()
    assert {str(row["message_id"]) for row in rows} == set(accepted), "nothing is lost, nothing is dead"
    assert leaves == len(accepted)
    assert accepted == sorted(accepted), "ids grow whatever the clock says"
