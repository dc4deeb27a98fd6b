# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub archive`` and ``govhub cases`` as processes of their own: killed, run again, and the same case in the same bytes."""

import asyncio
import hashlib
import json
import signal
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.support.hub_process import write_deployment
from tests.support.town import Town, town_on

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True)


@pytest.fixture
async def town(dsn: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town_on(dsn, tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def config(town: Town, tmp_path: Path) -> Path:
    return write_deployment(
        tmp_path,
        {
            "hub": {"data": "data"},
            "journal": town.dsn,
            "systems": {"portal": {}, "housing": {}},
            "destinations": {"housing": {"system": "housing", "connector": "mailbox"}},
            "retention": {"online_months": 2},
        },
        [{"name": "all", "when": {}, "to": ["housing"]}],
    )


async def govhub(config: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", *arguments, "-c", str(config),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def said(config: Path, *arguments: str, code: int = 0) -> Any:
    process = await govhub(config, *arguments, "--json")
    out, err = await process.communicate()
    assert process.returncode == code, err.decode()
    return json.loads(out)


async def test_an_archived_case_is_shown_and_exported_as_before(town: Town, config: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    shown = await said(config, "cases", "show", "long")
    assert [m["id"] for m in shown["messages"]] == ["l1", "l2", "l3"]
    exported = await said(config, "cases", "export", "long", "-o", str(before))
    assert exported["messages"] == 3

    done = await said(config, "archive", "run")
    assert [(one["month"], one["state"]) for one in done["months"] if one["state"] != "nothing"] == [
        ("2023-01", "archived"),
        ("2023-02", "archived"),
        ("2023-06", "archived"),
    ]
    assert await town.count("message", "case_no = 'long'") == 0
    assert await said(config, "cases", "show", "long") == shown
    await said(config, "cases", "export", "long", "-o", str(after))
    assert after.read_bytes() == before.read_bytes()

    with zipfile.ZipFile(after) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for file in manifest["files"]:
            content = archive.read(file["name"])
            assert (f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)) == (file["digest"], file["size"])
        assert json.loads(archive.read("messages/0001/receipt.json"))["id"] == "l1"
        record = json.loads(archive.read("messages/0001/record.json"))
        assert record["settlements"][0]["state"] == "delivered"
        names = set(archive.namelist())
        assert {"messages/0001/received", "messages/0003/leaves/01-accepted.json"} <= names
        assert set(manifest["missing"].values()) <= {"not stored"}

    listed = await said(config, "archive", "list")
    assert [part["state"] for part in listed["parts"]] == ["dropped"] * 3
    verified = await said(config, "archive", "verify")
    assert verified["ok"]
    (file, *_) = sorted((tmp_path / "data/archive").rglob("*/*/*"))
    file.write_bytes(b"!")
    assert (await said(config, "archive", "verify", code=1))["damaged"] == [f"sha256:{file.name}"]
    assert "error" in await said(config, "cases", "show", "nothing", code=1)
    assert "error" in await said(config, "cases", "export", "stuck", "-o", str(tmp_path / "no/such/folder.zip"), code=2)


async def test_a_run_that_is_killed_is_carried_on(town: Town, config: Path) -> None:
    """SIGKILL as soon as its first rows are seen, again and again, until a run comes to its end."""
    connection = await asyncpg.connect(town.dsn)
    killed = 0
    try:
        for seen in (
            "select count(*) > 0 from archive_part",
            "select count(*) > 0 from archive_segment",
            "select count(*) > 0 from archive_part where state = 'written'",
            "select count(*) > 0 from archive_part where dropped_at is not null",
        ):
            process = await govhub(config, "archive", "run", "--json")
            while process.returncode is None and not await connection.fetchval(seen):
                pass
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            await process.communicate()
            await town.assert_as_before()
    finally:
        await connection.close()
    assert killed
    await said(config, "archive", "run")
    await town.assert_as_before()
    assert (await said(config, "archive", "verify"))["ok"]
    assert await town.count("message", "case_no = 'done'") == 0
