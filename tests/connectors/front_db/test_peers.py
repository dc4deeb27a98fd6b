# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The other side of makers that are not ours: the databases' own command line clients; and our simulator, as its users run it."""

import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

from connectors.front_db import CONNECTOR
from connectors.front_db.simulator import SIMULATOR, DepartmentOptions, Row
from connectors.sdk import Context, Item, Refused, Taken
from contracts.catalogue import builtin
from contracts.dialects.dialect import Decoded
from contracts.dialects.loading import Dialects, load_dialects
from contracts.refusal import Refusal
from tests.connectors.far_database import PASSWORD, Relay, Server

_MAP = Path(__file__).parents[3] / "examples/sites/river_city.yaml"
_V3 = "map: 1\ntitle: {zh: 示例, en: example}\nextends: MAP\nsuffix: _v3\n"


async def run(*words: str) -> str:
    """What a program says; its password stands in the environment."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PGPASSWORD": PASSWORD, "MYSQL_PWD": PASSWORD},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def client(server: Server, statement: str) -> str:
    """``psql`` or ``mariadb``."""
    where = ["-h", server.host, "-u" if server.make == "mysql" else "-U", server.user]
    if server.make == "mysql":
        return await run(
            "mariadb", "--no-defaults", *where, "-P", str(server.port), "-N", "-e", statement, server.database
        )
    return await run("psql", "-X", "-A", "-t", *where, "-p", str(server.port), "-c", statement, server.database)


def url_of(server: Server) -> str:
    return f"{server.scheme}://127.0.0.1:{server.port}/{server.database}"


async def simulate(relay: Relay, *words: str) -> str:
    url = url_of(relay.server)
    return await run(sys.executable, "-m", "connectors.front_db.simulator", url, "--user", relay.server.user, *words)


async def test_what_plain_clients_and_the_simulator_write_is_taken_and_answered(
    relay: Relay, context: Context, tmp_path: Path
) -> None:
    (tmp_path / "site.yaml").write_text(_V3.replace("MAP", str(_MAP)))
    dialects = load_dialects({"site": tmp_path / "site.yaml"}, builtin())
    assert isinstance(dialects, Dialects), dialects
    await simulate(relay, "prepare")
    await simulate(relay, "write", "good", "rare", "wrong_code", "hostile")
    await client(
        relay.server,
        "insert into up_pro_result_v3 (row_guid, cd_operation, cd_time, project_no, result_date, result_type, "
        "result_cetr_name, is_delivery_results) values ('plain', 'I', '2026-03-05 10:00:05', 'plain-1', "
        "'2026-03-05 10:00:00', '1', '许可证', '0')",
    )
    settings = {**relay.address, "profile": "national_v3", "poll_seconds": 0.05}
    brought: dict[str, Decoded | Refusal] = {}
    async with CONNECTOR.source(CONNECTOR.source_config.model_validate(settings), context) as source:
        async with asyncio.timeout(60):
            while len(brought) < 5:
                items = await source.take()
                read = [(item, _read(dialects, item)) for item in items]
                brought |= {_key(item): one for item, one in read}
                answers = [
                    (item.token, Taken() if isinstance(one, Decoded) else Refused(one.code, b"{}"))
                    for item, one in read
                ]
                await source.settle(answers)
    told = await client(relay.server, "select is_sync from up_pro_result_v3 where row_guid = 'plain'")
    flags = await simulate(relay, "look")

    assert told.strip() == "1"
    assert {key for key, one in brought.items() if isinstance(one, Refusal)} == {"sim-3"}
    assert flags == "1: 4\n3 E_DIALECT_INVALID: 1\n"


def _read(dialects: Dialects, item: Item) -> Decoded | Refusal:
    return dialects.by_name["site"].decode(item.body, item.content_type or "")


def _key(item: Item) -> str:
    return str(orjson.loads(item.body)["rows"][0]["row"]["row_guid"])


async def test_the_simulated_department_works_until_it_is_ended(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    options = DepartmentOptions(url=url_of(relay.server), user=relay.server.user, every_seconds=0.05)
    async with SIMULATOR.start([Row.GOOD, Row.UNNAMED], "", 0, options) as department:
        once = await simulate(relay, "look")
        # Started again, it finds its tables and goes on.
        async with SIMULATOR.start([], "", 0, options):
            assert department.address == options.url
    assert once == "0: 2\n"
