# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The materials port, on every adapter: nothing but the whole and right bytes is ever kept."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.materials.local import LocalMaterials
from hub.ports.materials import DigestMismatch, Materials, Stored, StoreDown, TooLong

LIMIT = 8 * 1024 * 1024
BYTES = b"\x00\xffmaterial" * 300_000


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def read(materials: Materials, digest: str) -> bytes | StoreDown | None:
    async with materials.open(digest) as reading:
        if reading is None or isinstance(reading, StoreDown):
            return reading
        found = b""
        while piece := await reading.read():
            assert isinstance(piece, bytes)
            found += piece
        assert reading.size == len(found)
        return found


def files_of(folder: Path) -> set[str]:
    """What lies in the folder, finished or not."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def materials(tmp_path: Path) -> LocalMaterials:
    return LocalMaterials(tmp_path / "materials")


@pytest.mark.parametrize("content", [BYTES, b"", b"x", BYTES[: 1024 * 1024]])
async def test_what_was_put_is_read_back(materials: Materials, content: bytes) -> None:
    digest = digest_of(content)
    assert await materials.exists(digest) is False
    assert await read(materials, digest) is None
    assert await materials.put(digest, pieces(content), LIMIT) == Stored(len(content), new=True)
    assert await materials.exists(digest) is True
    assert await read(materials, digest) == content


async def test_putting_it_again_is_no_news_and_leaves_one_file(materials: Materials, tmp_path: Path) -> None:
    digest = digest_of(BYTES)
    assert await materials.put(digest, pieces(BYTES), LIMIT) == Stored(len(BYTES), new=True)
    assert await materials.put(digest, pieces(BYTES), LIMIT) == Stored(len(BYTES), new=False)
    assert files_of(tmp_path) == {digest.removeprefix("sha256:")}


async def test_naming_a_digest_is_not_having_the_bytes(materials: Materials) -> None:
    digest = digest_of(BYTES)
    await materials.put(digest, pieces(BYTES), LIMIT)
    assert await materials.put(digest, pieces(b""), LIMIT) == DigestMismatch()
    assert await materials.put(digest, pieces(BYTES + b"!"), LIMIT) == DigestMismatch()
    assert await read(materials, digest) == BYTES


@pytest.mark.parametrize("wrong", [b"", BYTES[:-1], BYTES + b"!", b"!" + BYTES[1:]])
async def test_wrong_bytes_are_not_kept(materials: Materials, tmp_path: Path, wrong: bytes) -> None:
    assert await materials.put(digest_of(BYTES), pieces(wrong), LIMIT) == DigestMismatch()
    assert files_of(tmp_path) == set()


async def test_the_limit_is_exact_and_stops_the_taking(materials: Materials, tmp_path: Path) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield b"0" * 1000

    assert await materials.put(digest_of(BYTES), endless(), 5000) == TooLong()
    assert taken == 6000
    assert files_of(tmp_path) == set()
    assert await materials.put(digest_of(b"0" * 5000), pieces(b"0" * 5000), 5000) == Stored(5000, new=True)


async def test_many_at_once_on_one_digest(materials: Materials, tmp_path: Path) -> None:
    digest = digest_of(BYTES)
    results = await asyncio.gather(*(materials.put(digest, pieces(BYTES), LIMIT) for _ in range(5)))
    assert all(isinstance(result, Stored) for result in results)
    assert await read(materials, digest) == BYTES
    assert files_of(tmp_path) == {digest.removeprefix("sha256:")}


async def test_a_cancelled_put_leaves_nothing(materials: Materials, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield BYTES[: 2 * 1024 * 1024]
        begun.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(materials.put(digest_of(BYTES), stuck(), LIMIT))
    await begun.wait()
    assert len(files_of(tmp_path)) == 1
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert files_of(tmp_path) == set()


async def test_a_put_may_be_cancelled_anywhere(materials: Materials, tmp_path: Path) -> None:
    digest = digest_of(BYTES)
    for turns in range(0, 60, 3):
        putting = asyncio.create_task(materials.put(digest, pieces(BYTES, 1024 * 1024), LIMIT))
        for _ in range(turns):
            await asyncio.to_thread(int)
        putting.cancel()
        await asyncio.wait([putting])
    assert files_of(tmp_path) <= {digest.removeprefix("sha256:")}


async def test_a_source_that_breaks_leaves_nothing(materials: Materials, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BYTES
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await materials.put(digest_of(BYTES), broken(), LIMIT)
    assert files_of(tmp_path) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_full_disk_is_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_a_full_disk(dir: Path) -> tuple[int, str]:  # noqa: A002  # because mkstemp has it so
        (dir / "upload").touch()
        return os.open("/dev/full", os.O_WRONLY), str(dir / "upload")

    monkeypatch.setattr("hub.materials.local.mkstemp", on_a_full_disk)
    materials = LocalMaterials(tmp_path)
    assert await materials.put(digest_of(BYTES), pieces(BYTES), LIMIT) == StoreDown("ENOSPC")
    assert files_of(tmp_path) == set()


async def test_a_folder_that_cannot_be_is_a_value(tmp_path: Path) -> None:
    (tmp_path / "materials").write_text("in the way")
    materials, digest = LocalMaterials(tmp_path / "materials"), digest_of(BYTES)
    assert await materials.put(digest, pieces(BYTES), LIMIT) == StoreDown("ENOTDIR")
    assert await materials.exists(digest) == StoreDown("ENOTDIR")
    assert await read(materials, digest) == StoreDown("ENOTDIR")


async def test_a_file_that_cannot_be_read_is_a_value(materials: Materials, tmp_path: Path) -> None:
    digest = digest_of(BYTES)
    name = digest.removeprefix("sha256:")
    (tmp_path / "materials" / name[:2] / name[2:4] / name).mkdir(parents=True)
    assert await read(materials, digest) == StoreDown("EISDIR")


async def test_what_a_dead_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name, age in (("left", 2 * 86_400), ("being-written", 60)):
        (incoming / name).write_bytes(b"part")
        now = (incoming / name).stat().st_mtime
        os.utime(incoming / name, (now - age, now - age))
    assert isinstance(await LocalMaterials(tmp_path).put(digest_of(b"x"), pieces(b"x"), 10), Stored)
    assert files_of(incoming) == {"being-written"}


async def test_a_digest_never_leads_out_of_the_folder(materials: Materials) -> None:
    for wrong in ("sha256:../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "a" * 64, "sha256:" + "a" * 64 + "\n"):
        with pytest.raises(AssertionError):
            await materials.exists(wrong)


async def test_nobody_else_on_the_machine_may_look(materials: Materials, tmp_path: Path) -> None:
    assert await materials.put(digest_of(b"a scanned page"), pieces(b"a scanned page"), LIMIT) == Stored(14, new=True)
    assert (tmp_path / "materials").stat().st_mode & 0o077 == 0
