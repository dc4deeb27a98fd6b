# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated department that exchanges files does as its script says, and the connector says of each trouble what it is."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from yarl import URL

from connectors.file_drop.config import SinkConfig, SourceConfig
from connectors.file_drop.connector import CONNECTOR
from connectors.file_drop.simulated_door import Door
from connectors.file_drop.simulator import SIMULATOR, WorkingDepartment
from connectors.file_drop.simulator_words import FilesOptions, Step
from connectors.sdk import Context, Delivered, Item, Parcel, Taken, Unavailable

WITHIN = 30.0
CASES = ["510500-20260302-000001", "510500-20260302-000002"]
DOORS = {
    Door.OK: ("Delivered", True),
    Door.SLOW: ("Delivered", True),
    Door.REFUSE: ("Unavailable", False),
    Door.FULL: ("Unavailable", False),
    Door.CUT: ("InDoubt", True),
    Door.LOST: ("InDoubt", False),
    Door.HANG: ("InDoubt", True),
    Door.RESTART: ("InDoubt", False),
}
FILES: dict[Step, tuple[list[str], list[str]]] = {
    Step.GOOD: (CASES[:1], []),
    Step.HALF: (CASES[:1], []),
    Step.NO_OK: ([], []),
    Step.ONLY_OK: ([], ["E_FILE_MISSING"]),
    Step.WRONG_CHECKSUM: ([], ["E_FILE_CHECKSUM"]),
    Step.GB18030: (CASES[:1], []),
    Step.TWICE: ([CASES[0], CASES[0]], []),
    Step.CHANGED: ([CASES[0], CASES[0]], []),
    Step.GARBAGE: (["unreadable"], []),
    Step.LARGE: ([], ["E_FILE_TOO_LARGE"]),
    Step.LINK: ([], ["E_FILE_KIND"]),
    Step.ABANDONED: ([], []),
    Step.AWAY: ([], []),
}


def test_the_tables_are_whole() -> None:
    assert DOORS.keys() == set(Door)
    assert FILES.keys() | {Step(str(one)) for one in Door} == set(Step)


@asynccontextmanager
async def department(folder: Path, script: Sequence[Step], **options: Any) -> AsyncIterator[WorkingDepartment]:
    chosen = {"folder": folder, "every_seconds": 0.02, "slow_seconds": 0.2, "away_seconds": 0.2} | options
    async with WorkingDepartment(script, "127.0.0.1", 0, FilesOptions.model_validate(chosen)) as running:
        yield running


def reach(running: WorkingDepartment, folder: Path, sub: str) -> dict[str, Any]:
    """The settings that lead to one of its folders."""
    if not running.address.startswith(("sftp", "ftp")):
        return {"carrier": "local", "folder": str(folder / sub)}
    url = URL(running.address)
    keys = {"host_keys": [running.host_key]} if running.host_key else {}
    return {
        "carrier": url.scheme, "host": url.host, "port": url.port, "user": url.user, "password_secret": "files",
        "folder": f"/{sub}", **keys,
    }  # fmt: skip


def structured(case: str) -> bytes:
    return orjson.dumps({"specversion": "1.0", "subject": case, "data": {}})


@pytest.mark.parametrize("carrier", ["sftp", "ftp"])
@pytest.mark.parametrize("door", Door)
async def test_its_server_is_troubled_as_its_script_says(
    context: Context, parcel: Callable[..., Parcel], secrets: dict[str, str], tmp_path: Path, carrier: str, door: Door
) -> None:
    secrets["files"] = "made-up"
    async with department(tmp_path, [Step(str(door))], carrier=carrier, away_seconds=0.8) as running:
        config = SinkConfig.model_validate(reach(running, tmp_path, "in") | {"idempotency": "none"})
        async with CONNECTOR.sink(config, context) as sink:
            async with running.restarts:
                outcome = await sink.send(parcel(timeout=0.5))
                if door is Door.RESTART:
                    async with asyncio.timeout(WITHIN):
                        await running.restarts.wait()
            after = await sink.send(parcel("key-2"))
            if door is Door.HANG and carrier == "sftp":  # what stands behind it on its connection ends with that
                assert isinstance(after, Unavailable)
                after = await sink.send(parcel("key-2"))
            await taken_by(running, "key-2.json")

    expected, there = DOORS[door]
    assert (type(outcome).__name__, "key-1.json" in running.department.taken) == (expected, there)
    assert after == Delivered("key-2.json")


async def taken_by(running: WorkingDepartment, name: str) -> None:
    async with asyncio.timeout(WITHIN), running.round:
        await running.round.wait_for(lambda: name in running.department.taken)


@pytest.mark.parametrize("step", FILES)
async def test_it_puts_files_as_its_script_says(context: Context, tmp_path: Path, step: Step) -> None:
    settings = {
        "complete": "checksum", "name_encoding": "gb18030", "poll_seconds": 0.02, "quiet_seconds": 0.3,
        "largest_bytes": 100_000,
    }  # fmt: skip
    async with department(
        tmp_path, [step, Step.GOOD], completion="sha256", name_encoding="gb18030", large_bytes=100_001
    ) as running:
        place = reach(running, tmp_path, "out")
        async with CONNECTOR.source(SourceConfig.model_validate(place | settings), context) as source:
            came, refused = FILES[step]
            items: list[Item] = []

            async def take() -> None:
                while True:
                    more = await source.take()
                    items.extend(more)
                    await source.settle([(one.token, Taken()) for one in more])

            async with asyncio.timeout(WITHIN), running.round, asyncio.TaskGroup() as group:
                taking = group.create_task(take())
                # The department's rounds are the pulse: a folder tells nobody that it has changed.
                await running.round.wait_for(
                    lambda: len(items) > len(came) and len(problems(tmp_path / "out" / "error")) >= len(refused)
                )
                taking.cancel()

    assert sorted(map(case_in, items)) == sorted([*came, CASES[1]])
    assert [document["code"] for document in problems(tmp_path / "out" / "error")] == refused


def case_in(item: Item) -> str:
    try:
        return str(orjson.loads(item.body)["subject"])
    except orjson.JSONDecodeError:
        return "unreadable"


def problems(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(one.read_bytes()) for one in sorted(folder.glob("*.error.json"))] if folder.exists() else []


async def test_a_changed_file_has_the_same_id_and_other_content(context: Context, tmp_path: Path) -> None:
    async with department(tmp_path, [Step.CHANGED], mode="sidecar", completion="marker") as running:
        place = reach(running, tmp_path, "out") | {"mode": "sidecar", "complete": "marker", "poll_seconds": 0.02}
        async with CONNECTOR.source(SourceConfig.model_validate(place), context) as source:
            first = await one_of(source)
            second = await one_of(source)
    assert first.headers["cloudEvents:id"] == second.headers["cloudEvents:id"]
    assert first.headers["cloudEvents:subject"] == second.headers["cloudEvents:subject"] == CASES[0]
    assert first.body != second.body


async def one_of(source: Any) -> Item:
    async with asyncio.timeout(WITHIN):
        [item] = await source.take()
    await source.settle([(item.token, Taken())])
    return item  # type: ignore[no-any-return]  # because a source is told by its port


async def test_the_folder_is_away_and_comes_back(context: Context, tmp_path: Path) -> None:
    async with department(tmp_path, [], every_seconds=3600) as running:
        config = SourceConfig.model_validate(reach(running, tmp_path, "out"))
        async with CONNECTOR.source(config, context) as source:
            assert await source.check() == Delivered()
            running.department.words.append(Step.AWAY)
            running.department.turn()
            assert isinstance(await source.check(), Unavailable)
            for _ in range(3):
                running.department.turn()
            assert await source.check() == Delivered()


async def test_what_it_takes_it_replies_to(context: Context, parcel: Callable[..., Parcel], tmp_path: Path) -> None:
    async with department(tmp_path, [Step.GB18030], reply=True, completion="sm3") as running:
        sink_config = SinkConfig.model_validate(
            reach(running, tmp_path, "in") | {"completion": "sm3", "name": "{key}.json"}
        )
        place = reach(running, tmp_path, "out") | {"complete": "checksum", "checksum": "sm3", "poll_seconds": 0.02}
        async with (
            CONNECTOR.sink(sink_config, context) as sink,
            CONNECTOR.source(SourceConfig.model_validate(place), context) as source,
        ):
            assert await sink.send(parcel(body=structured("办件-7"))) == Delivered("key-1.json")
            item = await one_of(source)
    assert orjson.loads(item.body)["subject"] == "办件-7"
    assert running.department.faults == []


async def test_what_is_not_as_its_checksum_says_it_leaves(tmp_path: Path) -> None:
    async with department(tmp_path, [], completion="sha256") as running:
        (tmp_path / "in" / "a.json").write_bytes(b"{}")
        (tmp_path / "in" / "a.json.sha256").write_bytes(b"0" * 64 + b"  a.json\n")
        async with asyncio.timeout(WITHIN), running.round:
            await running.round.wait_for(lambda: running.department.faults)
    assert (running.department.faults, running.department.taken) == (["a.json"], [])
    assert (tmp_path / "in" / "a.json").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [([Step.CUT], "carrier"), ([Step.WRONG_CHECKSUM], "completion")],
)
async def test_a_script_that_does_not_fit_its_options_is_told(tmp_path: Path, script: list[Step], said: str) -> None:
    with pytest.raises(OSError, match=said):
        async with department(tmp_path, script):
            pass


async def test_the_command_starts_it(
    context: Context, parcel: Callable[..., Parcel], secrets: dict[str, str], tmp_path: Path
) -> None:
    secrets["files"] = "made-up"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "file-drop", "--option", f"folder={tmp_path}",
        "--option", "carrier=sftp", "--script", "refuse,good", "--json", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), WITHIN))
        url = URL(told["address"])
        settings = {
            "carrier": "sftp", "host": url.host, "port": url.port, "user": url.user, "password_secret": "files",
            "folder": "/in", "host_keys": [(tmp_path / "host_key.pub").read_text("ascii").strip()],
        }  # fmt: skip
        async with CONNECTOR.sink(SinkConfig.model_validate(settings), context) as sink:
            outcomes = [await sink.send(parcel()), await sink.send(parcel())]
        process.send_signal(signal.SIGINT)
        ended = await asyncio.wait_for(process.wait(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert [type(one) for one in outcomes] == [Unavailable, Delivered]
    assert (told["kind"], ended) == (SIMULATOR.name, 0)
