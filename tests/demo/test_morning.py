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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
import pytest

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
        if (database := directory / "data" / "postgres").is_dir():  # as root the data live elsewhere
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


async def test_it_keeps_serving_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with demonstration(tmp_path, "--cases", "3") as process:
        assert process.stdout is not None
        shown = await asyncio.wait_for(_until(process.stdout, "Ctrl-C"), PATIENCE)
        everybody = descendants(process.pid)
        curl = next(line for line in shown.splitlines() if line.startswith("curl "))
        answer = await _asked_as(shlex.split(curl))
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), PATIENCE)

    assert "丢失 0 重复 0 乱序 0\nlost 0, duplicated 0, out of order 0" in shown
    timeline = orjson.loads(answer)
    assert len(timeline["messages"]) >= 3
    assert {"portal", "municipal"} < set(timeline["parties"])
    assert process.returncode == 0
    assert len(everybody) >= 6
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
        assert len(everybody) >= 6
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
