# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Taking in: whole files only, in order, each once, whatever else lies in the folder or happens to it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import orjson
import pytest
from pydantic import ValidationError

from connectors.file_drop.config import SIDECAR, SourceConfig
from connectors.file_drop.digests import checksum_file
from connectors.file_drop.source import FileSource
from connectors.sdk import Context, Delivered, Item, NotNow, Refused, Source, Taken, Unavailable

NO = Refused("E_CONTRACT_INVALID", b'{"code":"E_CONTRACT_INVALID"}')
FAST = {"mode": "plain", "poll_seconds": 0.01, "quiet_seconds": 0.05, "attributes": {"type": "cn.gov.test"}}


def source(folder: Path, context: Context, **settings: object) -> FileSource:
    return FileSource(SourceConfig.model_validate({"folder": str(folder)} | FAST | settings), context)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as entered:
        yield entered


async def taken(into: Source, number: int) -> Sequence[Item]:
    items: list[Item] = []
    async with asyncio.timeout(20):
        while len(items) < number:
            items += await into.take()
    return items


async def all_of(folder: Path, context: Context, number: int, **settings: object) -> list[bytes]:
    """Take and settle so many; their bodies."""
    async with source(folder, context, **settings) as into:
        items = await taken(into, number)
        await into.settle([(item.token, Taken()) for item in items])
    return [item.body for item in items]


async def nothing_comes(into: Source) -> bool:
    waiting = asyncio.ensure_future(into.take())
    await asyncio.wait({waiting}, timeout=0.3)
    came = waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})
    return not came


async def until(folder: Path, name: str) -> Path:
    async with asyncio.timeout(20):
        while not (folder / name).exists():  # noqa: ASYNC110  # because a folder tells nobody that it has changed
            await asyncio.sleep(0.01)
    return folder / name


def lying(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}


def archived(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("archive/*/*")}


async def test_files_come_by_name_and_are_archived_by_day(folder: Path, context: Context) -> None:
    for name in ("b", "a", "c", "10", "2"):
        (folder / name).write_bytes(name.encode())
    assert await all_of(folder, context, 5) == [b"10", b"2", b"a", b"b", b"c"]
    assert lying(folder) == set()
    assert archived(folder) == {"10", "2", "a", "b", "c"}
    [day] = [path.name for path in (folder / "archive").iterdir()]
    assert len(day) == 8
    assert day.isdigit()


async def test_files_come_by_time(folder: Path, context: Context) -> None:
    for age, name in enumerate(("a", "b", "c")):
        (folder / name).write_bytes(name.encode())
        os.utime(folder / name, (1_700_000_000 - age, 1_700_000_000 - age))
    assert await all_of(folder, context, 3, order="time") == [b"c", b"b", b"a"]


async def test_temporary_names_are_passed_over(folder: Path, context: Context) -> None:
    for name in (".hidden", "x.part", "x.TMP", "~x", "x.filepart", "x.xml~"):
        (folder / name).write_bytes(b"half")
    (folder / "whole.xml").write_bytes(b"whole")
    async with source(folder, context) as into:
        [item] = await taken(into, 1)
        assert item.body == b"whole"
        assert await nothing_comes(into)


async def test_only_what_is_included_is_taken(folder: Path, context: Context) -> None:
    for name in ("a.xml", "b.XML", "c.txt"):
        (folder / name).write_bytes(name.encode())
    assert await all_of(folder, context, 2, include=["*.xml"]) == [b"a.xml", b"b.XML"]
    assert lying(folder) == {"c.txt"}


async def test_without_its_marker_a_file_is_not_read(folder: Path, context: Context) -> None:
    (folder / "a.xml").write_bytes(b"half")
    async with source(folder, context, complete="marker") as into:
        assert await nothing_comes(into)
        (folder / "a.xml").write_bytes(b"whole")
        (folder / "a.xml.ok").touch()
        [item] = await taken(into, 1)
        assert item.body == b"whole"
        await into.settle([(item.token, Taken())])
    assert lying(folder) == set()
    assert archived(folder) == {"a.xml", "a.xml.ok"}


async def test_a_marker_without_a_file_is_set_aside_after_a_while(folder: Path, context: Context) -> None:
    (folder / "a.xml.ok").touch()
    (folder / "b.xml").write_bytes(b"x")
    (folder / "b.xml.ok").touch()
    async with source(folder, context, complete="marker") as into:
        [item] = await taken(into, 1)
        assert item.body == b"x"
        waiting = asyncio.ensure_future(into.take())
        reason = await until(folder, "error/a.xml.error.json")
        waiting.cancel()
        await asyncio.wait({waiting})
    assert orjson.loads(reason.read_bytes())["code"] == "E_FILE_MISSING"
    assert (folder / "error" / "a.xml.ok").exists()


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
async def test_a_checksum_must_agree(folder: Path, context: Context, algorithm: str) -> None:
    (folder / "a.xml").write_bytes(b"damaged")
    (folder / f"a.xml.{algorithm}").write_bytes(checksum_file(algorithm, b"a.xml", b"sound"))
    (folder / "b.xml").write_bytes(b"sound")
    (folder / f"b.xml.{algorithm}").write_bytes(checksum_file(algorithm, b"other name", b"sound").upper())
    async with source(folder, context, complete="checksum", checksum=algorithm) as into:
        [item] = await taken(into, 1)
        assert item.body == b"sound"
        waiting = asyncio.ensure_future(into.take())
        reason = await until(folder, "error/a.xml.error.json")
        waiting.cancel()
        await asyncio.wait({waiting})
        await into.settle([(item.token, Taken())])
    assert orjson.loads(reason.read_bytes())["code"] == "E_FILE_CHECKSUM"
    assert (folder / "error" / "a.xml").read_bytes() == b"damaged"


async def test_a_file_that_grows_is_left_until_it_is_quiet(folder: Path, context: Context) -> None:
    with (folder / "a.xml").open("wb") as growing:
        async with source(folder, context, complete="quiet", quiet_seconds=0.4) as into:
            waiting = asyncio.ensure_future(into.take())
            for _ in range(30):
                growing.write(b"x")
                growing.flush()
                await asyncio.wait({waiting}, timeout=0.03)
                assert not waiting.done()
            [item] = await waiting
    assert item.body == b"x" * 30


async def test_links_pipes_folders_and_giants_block_nobody(folder: Path, context: Context, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "a-link").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "b-pipe")
    (folder / "c-folder").mkdir()
    with (folder / "d-giant").open("wb") as giant:
        giant.truncate(1 << 40)
    (folder / "e-empty").touch()
    (folder / "f-sound").write_bytes(b"sound")
    async with source(folder, context, largest_bytes=1000) as into:
        items = await taken(into, 2)
        assert [item.body for item in items] == [b"", b"sound"]
        for name, code in (
            ("a-link", "E_FILE_KIND"),
            ("b-pipe", "E_FILE_KIND"),
            ("d-giant", "E_FILE_TOO_LARGE"),
        ):
            reason = await until(folder, f"error/{name}.error.json")
            assert orjson.loads(reason.read_bytes())["code"] == code
        await into.settle([(item.token, Taken()) for item in items])
    assert (folder / "c-folder").is_dir()
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert (folder / "error" / "a-link").is_symlink()
    assert archived(folder) == {"e-empty", "f-sound"}


async def test_a_refused_file_lies_with_its_reason_and_may_be_mended(folder: Path, context: Context) -> None:
    for attempt in range(3):
        (folder / "a.xml").write_bytes(b"bad %d" % attempt)
        async with source(folder, context) as into:
            [item] = await taken(into, 1)
            await into.settle([(item.token, NO)])
    errors = {path.name: path.read_bytes() for path in (folder / "error").iterdir()}
    assert errors == {
        "a.xml": b"bad 0",
        "a.xml.error.json": NO.problem,
        "a.xml.2": b"bad 1",
        "a.xml.2.error.json": NO.problem,
        "a.xml.3": b"bad 2",
        "a.xml.3.error.json": NO.problem,
    }


async def test_the_same_name_again_is_another_message_unless_its_content_is_the_same(
    folder: Path, context: Context
) -> None:
    ids = []
    for body in (b"x", b"x", b"y"):
        (folder / "a.xml").write_bytes(body)
        async with source(folder, context) as into:
            [item] = await taken(into, 1)
            ids.append(item.headers["cloudEvents:id"])
            await into.settle([(item.token, Taken())])
    assert ids[0] == ids[1] != ids[2]
    assert archived(folder) == {"a.xml", "a.xml.2", "a.xml.3"}


async def test_attributes_come_from_the_name(folder: Path, context: Context) -> None:
    settings = {
        "name_encoding": "gb18030",
        "name_pattern": r"(?P<case>[^_]+)_(?P<serial>\d+)\.xml",
        "attributes": {"type": "cn.gov.completion.decided", "subject": "{case}", "id": "{case}-{serial}"},
        "content_type": "application/xml",
    }
    names = ["办件𠮷_1.xml".encode("gb18030"), "办件_x.xml".encode("gb18030"), b"\xff_1.xml"]
    for name in names:
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_bytes(b"<a/>")
    async with source(folder, context, **settings) as into:
        [item] = await taken(into, 1)
        assert item.content_type == "application/xml"
        assert item.headers == {
            "cloudEvents:specversion": "1.0",
            "cloudEvents:type": "cn.gov.completion.decided",
            "cloudEvents:subject": "办件𠮷",
            "cloudEvents:id": "办件𠮷-1",
        }
        for name in names[1:]:
            reason = await until(folder, os.fsdecode(b"error/" + name + b".error.json"))
            assert orjson.loads(reason.read_bytes())["code"] == "E_FILE_NAME"
        await into.settle([(item.token, Taken())])
    kept = {os.fsencode(path.name) for path in folder.glob("archive/*/*")}
    assert kept == {names[0]}


async def test_a_sidecar_that_never_comes_or_is_nonsense_sets_its_file_aside(folder: Path, context: Context) -> None:
    (folder / "a").write_bytes(b"x")
    (folder / "b").write_bytes(b"x")
    (folder / f"b{SIDECAR}").write_bytes(b'{"attributes": {"id": 7}}')
    async with source(folder, context, mode="sidecar", attributes={}) as into:
        waiting = asyncio.ensure_future(into.take())
        for name in ("a", "b"):
            reason = await until(folder, f"error/{name}.error.json")
            assert orjson.loads(reason.read_bytes())["code"] == "E_FILE_ATTRIBUTES"
        await until(folder, f"error/b{SIDECAR}")
        waiting.cancel()
        await asyncio.wait({waiting})


async def test_one_that_vanishes_before_it_is_read_is_nothing(folder: Path, context: Context) -> None:
    for number in range(3):
        (folder / f"{number}").write_bytes(b"%d" % number)
    async with source(folder, context, prefetch=1) as into:
        [first] = await into.take()
        (folder / "1").unlink()
        await into.settle([(first.token, Taken())])
        [then] = await taken(into, 1)
    assert then.body == b"2"


async def test_one_that_vanishes_before_it_is_settled_is_settled(folder: Path, context: Context) -> None:
    (folder / "a").write_bytes(b"x")
    async with source(folder, context) as into:
        [item] = await taken(into, 1)
        (folder / "a").unlink()
        await into.settle([(item.token, Taken())])
    assert lying(folder) == set()


async def test_two_hubs_never_have_the_same_file(folder: Path, context: Context, stack: AsyncExitStack) -> None:
    for number in range(50):
        (folder / f"{number:03d}").write_bytes(b"%d" % number)
    first = source(folder, context)
    async with first:
        items = await taken(first, 50)
        second = await stack.enter_async_context(source(folder, context))
        assert await nothing_comes(second)
        await first.settle([(item.token, Taken()) for item in items[:20]])
    rest = await taken(second, 30)
    assert [item.body for item in rest] == [item.body for item in items[20:]]


_READER = """
import asyncio, sys, structlog, aiohttp
from connectors.file_drop.config import SourceConfig
from connectors.file_drop.source import FileSource
from connectors.sdk import Context

async def main():
    async with aiohttp.ClientSession() as session:
        context = Context(destination="x", http=session, log=structlog.get_logger(), secret={}.__getitem__,
                          monotonic=asyncio.get_running_loop().time)
        settings = {"folder": sys.argv[1], "mode": "plain", "attributes": {"type": "t"}}
        async with FileSource(SourceConfig.model_validate(settings), context) as into:
            print(len(await into.take()), flush=True)
            await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_a_killed_hub_had_in_hand_comes_again_at_once(folder: Path, context: Context) -> None:
    for number in range(5):
        (folder / f"{number}").write_bytes(b"%d" % number)
    reader = await asyncio.create_subprocess_exec(sys.executable, "-c", _READER, folder, stdout=asyncio.subprocess.PIPE)
    assert reader.stdout is not None
    assert await reader.stdout.readline() == b"5\n"
    async with source(folder, context) as into:
        assert await nothing_comes(into)
        reader.kill()
        await reader.wait()
        assert len(await taken(into, 5)) == 5


async def test_a_folder_of_very_many_is_looked_into_seldom_and_in_order(
    folder: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3000):
        (folder / f"{number:05d}").write_bytes(b"%d" % number)
    looks = 0
    scandir = os.scandir

    def counting(path: bytes) -> object:
        nonlocal looks
        looks += path == bytes(folder)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counting)
    brought: list[bytes] = []
    async with source(folder, context, window=1000, prefetch=100) as into:
        while len(brought) < 3000:
            items = await into.take()
            brought += [item.body for item in items]
            await into.settle([(item.token, Taken()) for item in items])
    assert brought == [b"%d" % number for number in range(3000)]
    assert looks <= 6


async def test_what_does_not_fit_in_hand_waits(folder: Path, context: Context) -> None:
    for number in range(10):
        (folder / f"{number}").write_bytes(bytes(1000))
    async with source(folder, context, held_bytes=2500) as into:
        items = await taken(into, 3)
        assert len(items) == 3  # the third crosses the limit
        assert await nothing_comes(into)
        await into.settle([(item.token, Taken()) for item in items])
        assert await taken(into, 3)


async def test_one_that_cannot_be_moved_away_is_not_taken_twice_and_shows_in_the_check(
    folder: Path, context: Context
) -> None:
    (folder / "a").write_bytes(b"x")
    (folder / "archive").write_bytes(b"a file where the folder should be")
    async with source(folder, context, include=["a"]) as into:
        [item] = await taken(into, 1)
        await into.settle([(item.token, Taken())])
        assert await nothing_comes(into)
        assert isinstance(await into.check(), Unavailable)
        (folder / "archive").unlink()
        async with asyncio.timeout(20):
            while (folder / "a").exists():  # noqa: ASYNC110  # because a folder tells nobody that it has changed
                await asyncio.sleep(0.05)
        assert await into.check() == Delivered()


async def test_names_that_differ_in_case_alone_are_two_files(folder: Path, context: Context) -> None:
    (folder / "A.xml").write_bytes(b"1")
    (folder / "a.xml").write_bytes(b"2")
    assert await all_of(folder, context, 2) == [b"1", b"2"]
    assert archived(folder) == {"A.xml", "a.xml"}


async def test_old_archives_are_deleted_and_nothing_else(folder: Path, context: Context) -> None:
    for name in ("archive/20200101/a", "archive/29991231/b", "archive/keep/c", "error/d"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    async with source(folder, context):
        async with asyncio.timeout(20):
            while (folder / "archive/20200101").exists():  # noqa: ASYNC110  # because a folder tells nobody
                await asyncio.sleep(0.01)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name[0] != ".") == ["b", "c", "d"]


async def test_what_was_taken_may_be_deleted(folder: Path, context: Context) -> None:
    (folder / "a.xml").write_bytes(b"x")
    (folder / "a.xml.ok").touch()
    await all_of(folder, context, 1, after="delete", complete="marker")
    assert [path.name for path in folder.iterdir() if path.name[0] != "."] == []


async def test_what_is_given_back_keeps_its_place(folder: Path, context: Context) -> None:
    for number in range(6):
        (folder / f"{number}").write_bytes(b"%d" % number)
    async with source(folder, context, prefetch=3) as into:
        items = await taken(into, 3)
        await into.settle([(items[1].token, NotNow()), (items[0].token, Taken()), (items[2].token, Taken())])
        again = await taken(into, 3)
    assert [item.body for item in again] == [b"1", b"3", b"4"]


@pytest.mark.parametrize(
    "settings",
    [
        {"archive": "error"},
        {"archive": "a/b"},
        {"mode": "structured"},
        {"attributes": {"type": "{nobody}"}},
        {"attributes": {"Type": "x"}},
        {"attributes": {"type": "{"}},
        {"name_pattern": "("},
        {"prefetch": 0},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SourceConfig.model_validate({"folder": "/srv/x"} | FAST | settings)
