# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Publishing: in one step, with what the reader waits for, never over another file, and no doubt where there is none."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.file_drop.config import SIDECAR, SinkConfig
from connectors.file_drop.connector import CONNECTOR
from connectors.file_drop.file_system import AwayError, Fault, Trouble
from connectors.file_drop.local import LocalFileSystem
from connectors.file_drop.sink import FileSink
from connectors.sdk import Context, Delivered, Idempotency, InDoubt, NotSeen, Parcel, Rejected, Unavailable

Make = Callable[..., Parcel]


def sink(folder: Path, context: Context, files: LocalFileSystem | None = None, **settings: object) -> FileSink:
    return FileSink(SinkConfig.model_validate({"folder": str(folder), "mode": "plain"} | settings), context, files)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Scripted(LocalFileSystem):
    """A folder that goes away at the numbered moves or writes, before or after it has done them."""

    def __init__(
        self, folder: Path, *, cut_moves: Sequence[int] = (), faults: Sequence[Fault] = (), late: bool = True
    ) -> None:
        super().__init__(bytes(folder))
        self._cut_moves = set(cut_moves)
        self._faults = list(faults)
        self._late = late
        self._moves = 0

    async def write(self, path: bytes, body: bytes) -> Fault | None:
        return self._faults.pop(0) if self._faults else await super().write(path, body)

    async def move(self, pairs: Sequence[tuple[bytes, bytes]], *, durable: bool) -> Sequence[Fault | None]:
        self._moves += 1
        if self._moves not in self._cut_moves:
            return await super().move(pairs, durable=durable)
        if self._late:
            await super().move(pairs, durable=durable)
        raise AwayError("cut", asked=True)


async def test_a_checksum_file_is_what_sha256sum_reads(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context, completion="sha256", name="{subject}_{key}.json") as out:
        sent = await out.send(parcel(attributes={"subject": "办件 1"}))
    assert sent == Delivered("办件 1_key-1.json")
    assert names(folder) == {"办件 1_key-1.json", "办件 1_key-1.json.sha256"}
    checking = await asyncio.create_subprocess_exec("sha256sum", "-c", "办件 1_key-1.json.sha256", cwd=folder)
    assert await checking.wait() == 0


async def test_an_sm3_file_holds_the_digest(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context, completion="sm3") as out:
        await out.send(parcel(body=b"abc"))
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, example 1
    assert (folder / "key-1.json.sm3").read_text() == f"{known}  key-1.json\n"


async def test_a_marker_comes_last(folder: Path, context: Context, parcel: Make) -> None:
    files = Scripted(folder, cut_moves=[2], late=False)
    async with sink(folder, context, files, completion="ok") as out:
        assert isinstance(await out.send(parcel()), InDoubt)
        assert names(folder) - {one for one in names(folder) if one.startswith(".")} == {"key-1.json"}
        assert await out.send(parcel(attempt=2)) == Delivered("key-1.json")
    assert names(folder) == {"key-1.json", "key-1.json.ok"}


async def test_a_cut_before_the_last_step_is_no_doubt(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context, Scripted(folder, cut_moves=[1]), completion="ok") as out:
        assert isinstance(
            await out.send(parcel()), Unavailable
        )  # the file lies there, but nobody reads it without its marker
        assert await out.send(parcel(attempt=2)) == Delivered("key-1.json")
    assert names(folder) == {"key-1.json", "key-1.json.ok"}


async def test_a_cut_at_the_last_step_is_a_doubt_that_looking_resolves(
    folder: Path, context: Context, parcel: Make
) -> None:
    for late, known in ((True, Delivered("key-1.json")), (False, NotSeen())):
        files = Scripted(folder, cut_moves=[1], late=late)
        async with sink(folder, context, files, idempotency="queryable") as out:
            assert isinstance(await out.send(parcel()), InDoubt)
            assert await out.query("key-1") == known
        (folder / "key-1.json").unlink(missing_ok=True)


async def test_what_the_reader_has_moved_away_is_found_there(folder: Path, context: Context, parcel: Make) -> None:
    (folder / "done").mkdir()
    async with sink(folder, context, idempotency="queryable", seen_in=["done"], completion="ok") as out:
        sent = await out.send(parcel())
        (folder / "key-1.json").rename(folder / "done" / "key-1.json")
        (folder / "key-1.json.ok").unlink()
        assert await out.query("key-1") == sent
        assert await out.query("key-2") == NotSeen()


async def test_a_file_without_its_marker_was_never_seen(folder: Path, context: Context) -> None:
    (folder / "key-1.json").write_bytes(b"half a message")
    async with sink(folder, context, idempotency="queryable", completion="ok") as out:
        assert await out.query("key-1") == NotSeen()


async def test_a_name_that_is_taken_is_never_overwritten(folder: Path, context: Context, parcel: Make) -> None:
    (folder / "key-1.json").write_bytes(b"somebody else's")
    async with sink(folder, context) as out:
        refused = await out.send(parcel())
    assert isinstance(refused, Rejected)
    assert refused.code == "NAME_TAKEN"
    assert (folder / "key-1.json").read_bytes() == b"somebody else's"
    assert names(folder) == {"key-1.json"}


async def test_a_repeat_after_the_reader_took_it_lies_there_again(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context) as out:
        await out.send(parcel())
        (folder / "key-1.json").unlink()
        assert await out.send(parcel(attempt=2)) == Delivered("key-1.json")
    assert names(folder) == {"key-1.json"}


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble.FULL, Unavailable),
        (Trouble.DENIED, Unavailable),
        (Trouble.GONE, Unavailable),
        (Trouble.BROKEN, Unavailable),
        (Trouble.TOO_LARGE, Rejected),
        (Trouble.BAD_NAME, Rejected),
    ],
)
async def test_troubles_of_the_folder_wait_and_troubles_of_the_message_do_not(
    folder: Path, context: Context, parcel: Make, trouble: Trouble, kind: type
) -> None:
    async with sink(folder, context, Scripted(folder, faults=[Fault(trouble)])) as out:
        assert isinstance(await out.send(parcel()), kind)
    assert names(folder) == set()


async def test_temporary_names_of_earlier_attempts_are_cleared_away(
    folder: Path, context: Context, parcel: Make
) -> None:
    files = Scripted(folder, cut_moves=[1], late=False)
    async with sink(folder, context, files) as out:
        await out.send(parcel(attempt=1))
        [left] = names(folder)
        assert left.startswith(".")
        await out.send(parcel(attempt=2))
    assert names(folder) == {"key-1.json"}


async def test_a_reader_who_looks_all_the_time_never_sees_a_part(folder: Path, context: Context, parcel: Make) -> None:
    body = hashlib.sha256(b"x").digest() * 50_000
    seen: set[int] = set()
    done = asyncio.Event()

    def look() -> None:
        while not done.is_set():
            seen.update(path.stat().st_size for path in folder.glob("*.json"))

    looking = asyncio.get_running_loop().run_in_executor(None, look)
    async with sink(folder, context) as out:
        for number in range(20):
            await out.send(parcel(f"k{number}", body=body))
    done.set()
    await looking
    assert seen == {len(body)}


async def test_many_sends_at_a_time(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context) as out:
        sent = await asyncio.gather(*(out.send(parcel(f"k{number}")) for number in range(100)))
    assert all(isinstance(one, Delivered) for one in sent)
    assert len(names(folder)) == 100


async def test_a_sidecar_that_json_cannot_write_is_refused(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context, mode="sidecar") as out:
        assert isinstance(await out.send(parcel(attributes={"id": "\ud800"})), Rejected)
    assert names(folder) == set()


async def test_a_sidecar_lies_there_before_its_file(folder: Path, context: Context, parcel: Make) -> None:
    async with sink(folder, context, Scripted(folder, cut_moves=[2], late=False), mode="sidecar") as out:
        assert isinstance(await out.send(parcel()), InDoubt)
    assert {one for one in names(folder) if not one.startswith(".")} == {"key-1.json" + SIDECAR}


@pytest.mark.parametrize(
    "settings",
    [
        {"folder": "relative"},
        {"name": "same.xml"},
        {"name": "{subject}.xml"},
        {"name": "../{key}"},
        {"idempotency": "queryable", "name": "{subject}_{key}"},
        {"seen_in": ["done"]},
        {"seen_in": ["../x"], "idempotency": "queryable"},
        {"host": "x"},
        {"carrier": "sftp", "host": "x", "user": "u", "password_secret": "p"},
        {"carrier": "sftp", "host": "x", "user": "u", "host_keys": ["ssh-ed25519 AAAA"]},
        {"carrier": "ftp", "host": "x", "user": "u"},
        {"carrier": "ftp", "host": "x@y", "user": "u", "password_secret": "p"},
        {"temporary_suffix": "/"},
        {"password_secret": "hunter2 is no name"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        SinkConfig.model_validate({"folder": "/srv/x"} | settings)
    assert "hunter2" not in str(refused.value)


def test_what_is_promised_is_what_is_configured() -> None:
    for idempotency in Idempotency:
        config = SinkConfig.model_validate({"folder": "/srv/x", "idempotency": idempotency.value})
        assert CONNECTOR.promises(config) == replace(CONNECTOR.manifest, idempotency=idempotency)
