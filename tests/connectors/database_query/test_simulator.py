# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated register does as its script says, on both makes of database, and the lookup says of each trouble what it is."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.database_query import CONNECTOR
from connectors.database_query.simulator import SIMULATOR, Register
from connectors.database_query.simulator_words import RECORDS, TABLE, LookupOptions, Step
from connectors.sdk import Context, Found, NotFound, Question, Rejected, Unavailable
from hub.bench.broker import free_ports
from tests.connectors.far_database import MariadbServer, Server
from tests.support.mariadb import PASSWORD

WITHIN = 30.0
EXPECTED: dict[Step, type] = {
    Step.OK: Found,
    Step.SLOW: Found,
    Step.LOCK: Unavailable,
    Step.MISSING: Rejected,
    Step.CUT: Unavailable,
    Step.HANG: Unavailable,
    Step.GARBAGE: Unavailable,
    Step.RESTART: Unavailable,
}
STATEMENT = f"select code, name, status, since, share from {TABLE} where code = :code order by name"


def test_the_table_is_whole() -> None:
    assert EXPECTED.keys() == set(Step)


def options_of(server: Server, **changes: Any) -> LookupOptions:
    address = f"{server.scheme}://{server.host}:{server.port}/{server.database}"
    chosen = {"url": address, "user": server.user, "slow_seconds": 0.1, "away_seconds": 1.5, **changes}
    return LookupOptions.model_validate(chosen)


@pytest.fixture(autouse=True)
def password(server: Server, monkeypatch: pytest.MonkeyPatch, secrets: dict[str, str]) -> None:
    secrets["register"] = PASSWORD if isinstance(server, MariadbServer) else secrets["front-db"]
    monkeypatch.setenv("PGPASSWORD", secrets["register"])


@asynccontextmanager
async def register(server: Server, script: Sequence[Step], **changes: Any) -> AsyncIterator[Register]:
    async with Register(script, "127.0.0.1", 0, options_of(server, **changes)) as running:
        yield running


def settings(running: Register, **changes: Any) -> Any:
    said = {
        "url": running.address, "user": running.options.user, "password_secret": "register", "statement": STATEMENT,
        "criteria": {"code": {"kind": "text"}}, "lock_seconds": 1, "statement_seconds": 1, **changes,
    }  # fmt: skip
    return CONNECTOR.lookup_config.model_validate(said)


def asks(code: str, timeout: float = 10.0) -> Question:
    return Question(criteria={"code": code}, timeout=timeout)


@pytest.mark.parametrize("step", Step)
async def test_it_answers_as_its_script_says(server: Server, context: Context, step: Step) -> None:
    async with (
        register(server, [step], away_seconds=2.0) as running,
        CONNECTOR.lookup(settings(running), context) as lookup,
    ):
        async with running.restarts, running.restored:
            finding = await lookup.ask(asks("SIM-0001", 1.5 if step is Step.HANG else 10.0))
            signals = {Step.RESTART: running.restarts, Step.LOCK: running.restored, Step.MISSING: running.restored}
            if (back := signals.get(step)) is not None:
                async with asyncio.timeout(WITHIN):
                    await back.wait()
        after = await lookup.ask(asks("SIM-0001"))
    assert type(finding) is EXPECTED[step], finding
    assert after == Found((dict(RECORDS[0]),))
    assert running.asked == 2


async def test_its_records_are_as_they_are_written(server: Server, context: Context) -> None:
    async with register(server, []) as running:
        config = settings(running)
        async with CONNECTOR.lookup(config, context) as lookup:
            found = [await lookup.ask(asks(f"SIM-{number:04}")) for number in range(1, 7)]
    assert found[:4] == [Found((dict(one),)) for one in RECORDS[:4]]
    assert found[4] == Found(tuple(map(dict, RECORDS[4 : 4 + config.most_records])), complete=False)
    assert found[5] == NotFound()


async def test_it_takes_its_table_away(server: Server) -> None:
    async with register(server, []):
        assert len(await server.fetch(f"select code from {TABLE}")) == len(RECORDS)
    with pytest.raises(Exception, match=TABLE):
        await server.fetch(f"select code from {TABLE}")


async def test_a_database_that_is_not_there_is_told(server: Server) -> None:
    [port] = free_ports(1)
    options = options_of(server, url=f"{server.scheme}://127.0.0.1:{port}/{server.database}")
    with pytest.raises(OSError, match=str(port)):
        async with SIMULATOR.start([], "127.0.0.1", 0, options):
            pass
    with pytest.raises(OSError, match="host"):
        async with SIMULATOR.start([], "127.0.0.1", 0, options_of(server, url="sqlite:///a.db")):
            pass


async def test_the_command_starts_it(server: Server, context: Context) -> None:
    options = options_of(server)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "database-query", "--script", "cut", "--json",
        "--option", f"url={options.url}", "--option", f"user={options.user}", stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), WITHIN))
        config = CONNECTOR.lookup_config.model_validate(
            {
                "url": told["address"], "user": options.user, "password_secret": "register", "statement": STATEMENT,
                "criteria": {"code": {"kind": "text"}},
            }
        )  # fmt: skip
        async with CONNECTOR.lookup(config, context) as lookup:
            findings = [await lookup.ask(asks("SIM-0003")), await lookup.ask(asks("SIM-0003"))]
        process.send_signal(signal.SIGINT)
        ended = await asyncio.wait_for(process.wait(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert isinstance(findings[0], Unavailable)
    assert findings[1] == Found((dict(RECORDS[2]),))
    assert (told["kind"], ended) == ("database_query", 0)
