# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub demo`` as a person runs it: a process of its own with a hub, a database and four far sides below it."""

import asyncio
import contextlib
import os
import re
import shlex
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from hub.demo.ledgers import Entry, read_book
from hub.demo.province import LICENCES, RESULTS
from hub.journal.embedded import erase
from hub.ports.clock import SystemClock

COMMAND = (sys.executable, "-m", "hub.cli.main", "demo", "--speed", "10")
PATIENCE = 55


@asynccontextmanager
async def demonstration(directory: Path, *options: str) -> AsyncIterator[Process]:
    """Its group is its own, as in a terminal; nothing of it is left behind by a test that fails."""
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "--directory", str(directory), *options), stdout=PIPE, stderr=PIPE, process_group=0
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE)
        for database in (directory / "data" / "postgres", directory / "province"):
            if database.is_dir():  # as root the data live elsewhere
                assert await erase(database, clock=SystemClock()) is None


async def test_twelve_cases_reconcile_to_the_last_message(tmp_path: Path) -> None:
    async with demonstration(tmp_path, "--once", "--cases", "12", "--json") as process:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)

    said = orjson.loads(out)
    assert (process.returncode, said["ok"], said["findings"]) == (0, True, []), err.decode()
    assert (said["lost"], said["duplicated"], said["out_of_order"]) == (0, 0, 0)
    assert set(said["other_faults"].values()) == {0}
    assert said["cases"] == {"promised": 12, "finished": 12}
    assert said["accepted"]["total"] == said["accepted"]["promised"] > 100
    assert said["delivered"]["total"] == said["delivered"]["promised"] == 2 * said["accepted"]["total"]
    assert said["refused"]["promised"] == sum(said["refused"]["by_code"].values()) == 3
    assert said["latency_ms"]["accept"]["count"] == said["accepted"]["total"]
    assert said["materials"]["fetched"] == said["materials"]["stored"] > 12
    books = Path(said["directory"]) / "ledgers"
    _services_by_their_own_count(
        said["flows"], orjson.loads((books / "providers.json").read_bytes()), read_book(books / "hall.jsonl")
    )
    _province_by_its_own_count(said, orjson.loads((books / "province.json").read_bytes()))
    _documents_hold(Path(said["directory"]), said["flows"]["documents"]["promised"])


def _services_by_their_own_count(told: dict[str, Any], providers: dict[str, Any], hall: list[Entry]) -> None:
    """What the demonstration tells of notices, documents and parcels is what gateway, platform, carrier and hall counted."""
    notices, documents, parcels = (told[name] for name in ("notices", "documents", "parcels"))
    came = Counter((one["kind"], one.get("status") or one.get("result")) for one in hall)

    assert (
        set(providers["texts"].values())
        == set(providers["seals"].values())
        == set(providers["parcels"].values())
        == {1}
    )
    assert notices["promised"] == notices["accepted"] == notices["sent"] == len(providers["texts"]) == 12
    assert notices["confirmed"] == came["confirmed", "delivered"] == 12
    assert documents["promised"] == documents["accepted"] == documents["sealed"] == len(providers["seals"]) == 2
    assert documents["fetched"] == documents["verified"] == came["sealed", "done"] == 2
    assert parcels["promised"] == parcels["accepted"] == parcels["ordered"] == len(providers["parcels"]) == 1
    assert parcels["routes"] == came["moved", "picked_up"] + came["moved", "delivered"] == 2
    assert all((one["lost"], one["twice"]) == (0, 0) for one in told.values())


def _province_by_its_own_count(said: dict[str, Any], found: dict[str, dict[str, int]]) -> None:
    """Rows, and the day's reconciliation: every completion of the morning, and the same on both sides."""
    told, [day] = said["flows"]["province"], said["reconciled_with_the_province"]
    completions = said["accepted"]["by_contract"]["cn.gov.completion.decided"]
    licences = said["accepted"]["by_contract"]["cn.gov.licence.issued"]

    assert {table: sum(cases.values()) for table, cases in found.items()} == {RESULTS: completions, LICENCES: licences}
    assert told["rows"] == told["promised"] == completions + licences > 12
    assert (day["verdict"], day["here"], day["there"], day["differing"]) == ("agreed", completions, completions, [])


def _documents_hold(folder: Path, promised: int) -> None:
    """What the hall fetched holds under the platform's authorities, by the command that anybody has."""
    sealed = sorted((folder / "sealed").iterdir())
    assert {file.suffix for file in sealed} == {".pdf", ".ofd"}
    assert len(sealed) == promised
    for file in sealed:
        told = CliRunner().invoke(app, ["seals", "verify", str(file), "--anchors", str(folder / "anchors"), "--json"])
        assert told.exit_code == 0, told.output


async def test_it_keeps_serving_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with demonstration(tmp_path, "--cases", "3") as process:
        assert process.stdout is not None
        shown = await asyncio.wait_for(_until(process.stdout, "Ctrl-C"), PATIENCE)
        everybody = descendants(process.pid)
        curl = next(line for line in shown.splitlines() if line.startswith("curl "))
        answer = await _asked_as(shlex.split(curl))
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), PATIENCE)

    assert re.search(r"与省级对账 reconciled with the province .*一致 agreed", shown)
    assert "电子签章（PDF、OFD） electronic seals (PDF, OFD)" in shown
    assert "丢失 0 重复 0 乱序 0\nlost 0, duplicated 0, out of order 0" in shown
    timeline = orjson.loads(answer)
    assert len(timeline["messages"]) >= 3
    assert {"portal", "municipal"} < set(timeline["parties"])
    assert process.returncode == 0
    assert len(everybody) >= 9
    await all_gone(everybody)


@pytest.mark.parametrize(
    ("signals", "code"),
    [((signal.SIGKILL,), -9), ((signal.SIGTERM,), 130), ((signal.SIGINT, signal.SIGINT), 130)],
    ids=["killed", "told to stop", "Ctrl-C twice"],
)
async def test_however_it_ends_it_takes_everything_with_it(
    tmp_path: Path, signals: tuple[signal.Signals, ...], code: int
) -> None:
    async with demonstration(tmp_path, "--cases", "40") as process:
        assert process.stdout is not None
        await asyncio.wait_for(_until(process.stdout, "accepted"), PATIENCE)
        everybody = descendants(process.pid)
        for number, one in enumerate(signals):
            if number:  # two signals that come together count as one
                await asyncio.wait_for(_until(process.stdout, "again"), PATIENCE)
            process.send_signal(one)
        await asyncio.wait_for(process.wait(), PATIENCE)

        assert process.returncode == code
        assert len(everybody) >= 9
        await all_gone(everybody)


async def test_a_hub_that_cannot_start_is_told_in_words(tmp_path: Path) -> None:
    async with demonstration(tmp_path, "--once", "--cases", "1", "--journal", "mysql://127.0.0.1/other") as process:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 1
    assert "hub 提前结束" in out.decode()
    assert "Traceback" not in err.decode()


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_place_that_cannot_be_used_is_told_in_words(tmp_path: Path, *, as_json: bool) -> None:
    (tmp_path / "file").touch()
    async with demonstration(tmp_path / "file", "--once", *(["--json"] if as_json else [])) as process:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert process.returncode == 2
    assert err == b""
    assert "--directory" in (orjson.loads(out)["remedy"]["en"] if as_json else out.decode())


async def _until(stream: asyncio.StreamReader, word: str) -> str:
    said = ""
    while word not in said:
        line = await stream.readline()
        assert line, said
        said += line.decode()
    return said


async def _asked_as(curl: Sequence[str]) -> bytes:
    """What the printed command asks for; not every machine has curl."""
    _, _, _, header, url = curl
    name, _, value = header.partition(": ")
    async with aiohttp.request("GET", url, headers={name: value}) as response:
        return await response.read()


def descendants(pid: int) -> dict[int, int]:
    """A pidfd of every process below this one: it names that very process, whoever gets the number later."""
    found: dict[int, int] = {}
    for child in re.findall(r"\d+", Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")):
        with contextlib.suppress(OSError):
            found |= {int(child): os.pidfd_open(int(child))} | descendants(int(child))
    return found


async def all_gone(pidfds: dict[int, int]) -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(_ended(pidfd) for pidfd in pidfds.values()))


async def _ended(pidfd: int) -> None:
    """A pidfd can be read from when its process has ended."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, ended.set)
    await ended.wait()
    asyncio.get_running_loop().remove_reader(pidfd)
    os.close(pidfd)
