# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A command beside a running hub enters the hub's own database, and keeps out of everything else."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from certs.api_key import digest_of
from contracts.bindings.http import write_structured
from hub.journal.embedded import EmbeddedPostgres, erase
from hub.journal.embedded.processes import look
from hub.journal.embedded.visiting import visit
from hub.ports.clock import SystemClock
from tests.hub.journal.conftest import Ground, ask, kill
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.hubs import bearer, event, key_of

PATIENCE = 60


def address_of(directory: Path) -> str:
    found = visit(directory)
    assert found is not None
    return found


async def test_the_address_leads_to_the_database_of_the_hub(running: EmbeddedPostgres) -> None:
    assert await ask(address_of(running.directory), "select pg_postmaster_start_time()") == await ask(
        running.dsn, "select pg_postmaster_start_time()"
    )


async def test_the_database_that_a_hub_left_behind_is_entered_too(ground: Ground) -> None:
    hub, said = await ground.hub()
    await kill(hub)

    assert look(said["pid"]) is not None
    assert await ask(address_of(ground.directory), "select count(*) from kept") == 1


async def test_nobody_is_at_home_after_a_stop(ground: Ground) -> None:
    server = await ground.start()
    assert visit(ground.directory) is not None
    await server.stop()

    assert visit(ground.directory) is None


async def test_a_directory_that_never_had_one(tmp_path: Path) -> None:
    assert visit(tmp_path) is None
    assert visit(tmp_path / "nowhere") is None


@pytest.fixture
async def copied(running: EmbeddedPostgres, tmp_path: Path) -> Path:
    """The record and the password of a server that runs, to be damaged."""
    for name in ("server.json", "password"):
        (tmp_path / name).write_bytes((running.directory / name).read_bytes())
    assert visit(tmp_path) == running.dsn
    return tmp_path


@pytest.mark.parametrize(
    "changes", [{"pid": 2**22 + 1}, {"started": 1}, {"pid": None}, {"pid": -1}, {"socket": 3}, {"pid": "1e400"}]
)
async def test_another_process_that_took_the_number_is_not_taken_for_it(copied: Path, changes: dict[str, Any]) -> None:
    record = json.loads((copied / "server.json").read_text(encoding="utf-8"))
    (copied / "server.json").write_text(json.dumps({**record, **changes}), encoding="utf-8")

    assert visit(copied) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
async def test_a_record_that_cannot_be_read(copied: Path, content: bytes) -> None:
    (copied / "server.json").write_bytes(content)

    assert visit(copied) is None


async def test_a_password_that_cannot_be_read(copied: Path) -> None:
    (copied / "password").write_bytes(b"\xff")
    assert visit(copied) is None
    (copied / "password").unlink()
    assert visit(copied) is None


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Path]:
    """A deployment that brings its own database."""
    yield write_deployment(
        tmp_path,
        {
            "hub": {"listen": "127.0.0.1:0"},
            "systems": {
                "portal": {"keys": [digest_of(key_of("portal"))], "sends": ["*"]},
                "housing": {"speaks": {"contracts": {"*": [1]}}},
            },
            "destinations": {"housing": {"system": "housing", "connector": "mailbox"}},
        },
        [{"name": "all", "when": {}, "to": ["housing"]}],
    )
    assert await erase(tmp_path / "var" / "postgres", clock=SystemClock()) is None


async def told(config: Path, *arguments: str) -> dict[str, Any]:
    """What ``govhub contracts …`` says, run as a person would: as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.cli.main", "contracts", *arguments, "-c", str(config), "--json"),
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, err.decode()
    said: dict[str, Any] = json.loads(out)
    return said


async def test_a_command_reads_the_journal_beside_the_running_hub_and_without_it(deployment: Path) -> None:
    hub = HubProcess(deployment)
    await hub.start()
    one = event("case-1")
    kind, body = write_structured(one)
    headers = {"Content-Type": kind, "Authorization": bearer("portal")}
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{hub.url}/v1/messages", data=body, headers=headers) as answer,
        ):
            assert answer.status == 202, await answer.text()
        beside = await told(deployment, "check", "--against-journal", "1h")
        active = await told(deployment, "active")
        async with aiohttp.ClientSession() as http, http.get(f"{hub.url}/health/live") as answer:
            still_there = answer.status
    finally:
        code = await hub.stop()
    alone = await told(deployment, "check", "--against-journal", "1h")

    assert (still_there, code) == (200, 0)
    assert active == {"active": [one.dataschema]}
    assert beside["messages"] == 1
    assert [(sender["system"], sender["refused"]) for sender in beside["senders"]] == [("portal", 0), ("portal", 0)]
    assert alone == beside
