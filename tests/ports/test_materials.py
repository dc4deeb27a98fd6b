# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The materials port, on every adapter: nothing but the whole and right bytes is ever kept."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hub.materials.local import LocalMaterials
from hub.materials.s3 import PART, S3Materials, s3_materials
from hub.materials.s3_client import Bucket
from hub.materials.sealed import CHUNK, HEAD
from hub.ports.clock import SystemClock
from hub.ports.materials import Corrupt, DigestMismatch, Listed, Materials, Piece, Stored, StoreDown, TooLong
from tests.support.s3 import KEYS, S3Server, client_of, objects_of
from tests.support.sealing import KeysInMemory

LIMIT = 64 * 1024 * 1024
BYTES = b"\x00\xffmaterial" * 300_000
LARGE = BYTES * 6  # three parts in a store that wants parts


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def read(materials: Materials, digest: str) -> Piece | None:
    async with materials.open(digest) as reading:
        if reading is None or isinstance(reading, StoreDown):
            return reading
        found = bytearray()
        while piece := await reading.read():
            if not isinstance(piece, bytes):
                return piece
            found += piece
        assert reading.size == len(found)
        return bytes(found)


def files_of(folder: Path) -> set[str]:
    """What lies in the folder, finished or not."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True, slots=True)
class Store:
    """One adapter under test: what lies in it by name, finished or not, and a way to change that behind its back."""

    materials: Materials
    names: Callable[[], Awaitable[set[str]]]
    overwrite: Callable[[str, bytes], Awaitable[None]]


@asynccontextmanager
async def local_store(folder: Path, keys: KeysInMemory | None = None) -> AsyncIterator[Store]:
    async def names() -> set[str]:
        return files_of(folder)

    async def overwrite(digest: str, content: bytes) -> None:
        name = digest.removeprefix("sha256:")
        (folder / name[:2] / name[2:4] / name).write_bytes(content)

    yield Store(LocalMaterials(folder, keys), names, overwrite)


@asynccontextmanager
async def s3_store(bucket: Bucket, keys: KeysInMemory | None = None) -> AsyncIterator[Store]:
    async def overwrite(digest: str, content: bytes) -> None:
        async with client_of(bucket) as client:
            key = bucket.prefix + digest.removeprefix("sha256:")
            await client.put_object(Bucket=bucket.name, Key=key, Body=content)

    async with s3_materials(bucket, lambda: KEYS, keys) as materials:
        yield Store(materials, lambda: objects_of(bucket), overwrite)


@pytest.fixture(params=["local", "s3", "local-sealed", "s3-sealed"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> AbstractAsyncContextManager[Store]:
    """Each adapter in turn."""
    keys = KeysInMemory() if request.param.endswith("sealed") else None
    if request.param.startswith("local"):
        return local_store(tmp_path / "materials", keys)
    return s3_store(request.getfixturevalue("bucket"), keys)


@pytest.fixture
async def store(opening: AbstractAsyncContextManager[Store]) -> AsyncIterator[Store]:
    async with opening as opened:
        yield opened


@pytest.fixture
def materials(store: Store) -> Materials:
    return store.materials


@pytest.fixture
def folder(tmp_path: Path) -> LocalMaterials:
    return LocalMaterials(tmp_path / "materials")


@pytest.mark.parametrize("content", [BYTES, b"", b"x", BYTES[: 1024 * 1024], LARGE, LARGE[: 2 * PART]])
async def test_what_was_put_is_read_back(materials: Materials, content: bytes) -> None:
    digest = digest_of(content)
    assert await materials.exists(digest) is False
    assert await read(materials, digest) is None
    assert await materials.put(digest, pieces(content), LIMIT) == Stored(len(content), new=True)
    assert await materials.exists(digest) is True
    assert await read(materials, digest) == content


async def test_putting_it_again_is_no_news_and_leaves_one_file(materials: Materials, store: Store) -> None:
    digest = digest_of(BYTES)
    assert await materials.put(digest, pieces(BYTES), LIMIT) == Stored(len(BYTES), new=True)
    assert await materials.put(digest, pieces(BYTES), LIMIT) == Stored(len(BYTES), new=False)
    assert await store.names() == {digest.removeprefix("sha256:")}


async def test_naming_a_digest_is_not_having_the_bytes(materials: Materials) -> None:
    digest = digest_of(BYTES)
    await materials.put(digest, pieces(BYTES), LIMIT)
    assert await materials.put(digest, pieces(b""), LIMIT) == DigestMismatch()
    assert await materials.put(digest, pieces(BYTES + b"!"), LIMIT) == DigestMismatch()
    assert await read(materials, digest) == BYTES


@pytest.mark.parametrize("wrong", [b"", BYTES[:-1], BYTES + b"!", b"!" + BYTES[1:]])
async def test_wrong_bytes_are_not_kept(materials: Materials, store: Store, wrong: bytes) -> None:
    assert await materials.put(digest_of(BYTES), pieces(wrong), LIMIT) == DigestMismatch()
    assert await store.names() == set()


async def test_the_limit_is_exact_and_stops_the_taking(materials: Materials, store: Store) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield b"0" * 1000

    assert await materials.put(digest_of(BYTES), endless(), 5000) == TooLong()
    assert taken == 6000
    assert await store.names() == set()
    assert await materials.put(digest_of(b"0" * 5000), pieces(b"0" * 5000), 5000) == Stored(5000, new=True)


async def test_many_at_once_on_one_digest(materials: Materials, store: Store) -> None:
    digest = digest_of(BYTES)
    results = await asyncio.gather(*(materials.put(digest, pieces(BYTES), LIMIT) for _ in range(5)))
    assert all(isinstance(result, Stored) for result in results)
    assert await read(materials, digest) == BYTES
    assert await store.names() == {digest.removeprefix("sha256:")}


async def test_a_cancelled_put_leaves_nothing(materials: Materials, store: Store) -> None:
    begun = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield LARGE[: PART + 1]
        begun.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(materials.put(digest_of(BYTES), stuck(), LIMIT))
    await begun.wait()
    assert len(await store.names()) == 1
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert await store.names() == set()


async def test_a_put_may_be_cancelled_anywhere(materials: Materials, store: Store) -> None:
    """What a store was told in the very moment of the end may stay begun; it is cleared."""
    content = LARGE[: PART + 1]
    digest = digest_of(content)
    for turns in range(0, 60, 6):
        putting = asyncio.create_task(materials.put(digest, pieces(content, 1024 * 1024), LIMIT))
        for _ in range(turns):
            await asyncio.to_thread(int)
        putting.cancel()
        await asyncio.wait([putting])
    name = digest.removeprefix("sha256:")
    assert await store.names() <= {name, f"upload:{name}"}
    assert isinstance(await materials.clear(SystemClock().now() + timedelta(days=1)), int)
    assert await store.names() <= {name}


async def test_a_source_that_breaks_leaves_nothing(materials: Materials, store: Store) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield LARGE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await materials.put(digest_of(BYTES), broken(), LIMIT)
    assert await store.names() == set()


async def test_bytes_that_changed_in_the_store_are_never_given_whole(materials: Materials, store: Store) -> None:
    for wrong in (BYTES[:-1] + b"!", b"!" + BYTES[1:], BYTES[:-1], BYTES + b"!", b""):
        digest = digest_of(BYTES)
        await materials.put(digest, pieces(BYTES), LIMIT)
        await store.overwrite(digest, wrong)
        given = b""
        async with materials.open(digest) as reading:
            assert reading is not None
            assert not isinstance(reading, StoreDown)
            while isinstance(piece := await reading.read(), bytes):
                assert piece, "the end was never given"
                given += piece
            assert piece == Corrupt()
            assert await reading.read() == Corrupt()
        assert len(given) < len(BYTES)
        await materials.remove(digest)


async def test_what_is_stored_is_listed_in_order_and_page_by_page(materials: Materials) -> None:
    contents = {digest_of(bytes([n])): bytes([n]) for n in range(10)}
    for digest, content in contents.items():
        await materials.put(digest, pieces(content), 1)
    found: list[Listed] = []
    while True:
        page = await materials.listed(found[-1].digest if found else "", 3)
        assert not isinstance(page, StoreDown)
        found += page
        if len(page) < 3:
            break
    assert [one.digest for one in found] == sorted(contents)
    assert {one.size for one in found} <= {1, 1 + HEAD + 16}
    now = SystemClock().now()
    assert all(now - timedelta(minutes=5) < one.stored_at < now + timedelta(minutes=5) for one in found)
    assert await materials.listed(found[-1].digest, 3) == []


async def test_what_is_removed_is_gone_and_may_come_again(materials: Materials, store: Store) -> None:
    digest = digest_of(b"x")
    assert await materials.listed("", 3) == []
    assert await materials.remove(digest) is None
    await materials.put(digest, pieces(b"x"), 1)
    assert await materials.remove(digest) is None
    assert await materials.remove(digest) is None
    assert (await materials.exists(digest), await store.names()) == (False, set())
    assert await materials.put(digest, pieces(b"x"), 1) == Stored(1, new=True)


async def test_what_a_dead_process_left_is_cleared_and_what_a_living_one_writes_is_not(
    materials: Materials, store: Store
) -> None:
    begun = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield LARGE[: PART + 1]
        begun.set()
        await asyncio.Event().wait()

    assert await materials.clear(SystemClock().now()) == 0
    putting = asyncio.create_task(materials.put(digest_of(LARGE), stuck(), LIMIT))
    await begun.wait()
    if isinstance(materials, S3Materials):
        materials._client = Dated(materials._client)
    assert await materials.clear(SystemClock().now() - timedelta(hours=1)) == 0
    assert len(await store.names()) == 1
    assert await materials.clear(SystemClock().now() + timedelta(hours=1)) == 1
    assert await store.names() == set()
    putting.cancel()
    await asyncio.wait([putting])


async def test_a_digest_never_leads_out_of_the_store(materials: Materials) -> None:
    for wrong in ("sha256:../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "a" * 64, "sha256:" + "a" * 64 + "\n"):
        with pytest.raises(AssertionError):
            await materials.exists(wrong)


class TestFolder:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    async def test_a_full_disk_is_a_value(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def on_a_full_disk(dir: Path) -> tuple[int, str]:  # noqa: A002  # because mkstemp has it so
            (dir / "upload").touch()
            return os.open("/dev/full", os.O_WRONLY), str(dir / "upload")

        monkeypatch.setattr("hub.materials.local.mkstemp", on_a_full_disk)
        materials = LocalMaterials(tmp_path)
        assert await materials.put(digest_of(BYTES), pieces(BYTES), LIMIT) == StoreDown("ENOSPC")
        assert files_of(tmp_path) == set()

    async def test_a_folder_that_cannot_be_is_a_value(self, folder: LocalMaterials, tmp_path: Path) -> None:
        (tmp_path / "materials").write_text("in the way")
        digest = digest_of(BYTES)
        assert await folder.put(digest, pieces(BYTES), LIMIT) == StoreDown("ENOTDIR")
        assert await folder.exists(digest) == StoreDown("ENOTDIR")
        assert await read(folder, digest) == StoreDown("ENOTDIR")
        assert await folder.listed("", 1) == StoreDown("ENOTDIR")
        assert await folder.remove(digest) == StoreDown("ENOTDIR")
        assert await folder.clear(SystemClock().now()) == StoreDown("ENOTDIR")

    async def test_a_file_that_cannot_be_read_is_a_value(self, folder: LocalMaterials, tmp_path: Path) -> None:
        digest = digest_of(BYTES)
        name = digest.removeprefix("sha256:")
        (tmp_path / "materials" / name[:2] / name[2:4] / name).mkdir(parents=True)
        assert await read(folder, digest) == StoreDown("EISDIR")

    async def test_nobody_else_on_the_machine_may_look(self, folder: LocalMaterials, tmp_path: Path) -> None:
        page = b"a scanned page"
        assert await folder.put(digest_of(page), pieces(page), LIMIT) == Stored(14, new=True)
        assert (tmp_path / "materials").stat().st_mode & 0o077 == 0

    async def test_foreign_files_are_not_listed(self, folder: LocalMaterials, tmp_path: Path) -> None:
        await folder.put(digest_of(b"x"), pieces(b"x"), 1)
        for foreign in ("README", "ab/cd/README", "ab/README", "lost+found/x"):
            path = tmp_path / "materials" / foreign
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        listed = await folder.listed("", 10)
        assert not isinstance(listed, StoreDown)
        assert [one.digest for one in listed] == [digest_of(b"x")]


class TestS3:
    async def test_objects_of_others_are_neither_listed_nor_cleared(self, bucket: Bucket) -> None:
        async with s3_materials(bucket, lambda: KEYS) as materials, client_of(bucket) as client:
            for key in ("a" * 64, bucket.prefix + "README", bucket.prefix + "archive/" + "a" * 64):
                await client.put_object(Bucket=bucket.name, Key=key, Body=b"x")
                await client.create_multipart_upload(Bucket=bucket.name, Key=key)
            assert await materials.listed("", 10) == []
            assert await materials.clear(SystemClock().now() + timedelta(days=1)) == 0

    async def test_two_hubs_share_it(self, bucket: Bucket) -> None:
        async with s3_materials(bucket, lambda: KEYS) as one, s3_materials(bucket, lambda: KEYS) as other:
            results = await asyncio.gather(
                *(hub.put(digest_of(LARGE), pieces(LARGE), LIMIT) for hub in (one, other, one, other))
            )
            assert all(isinstance(result, Stored) for result in results)
            assert await read(other, digest_of(LARGE)) == LARGE
        assert await objects_of(bucket) == {digest_of(LARGE).removeprefix("sha256:")}

    async def test_a_store_without_conditions_is_written_without(
        self, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with s3_materials(bucket, lambda: KEYS) as materials:
            assert isinstance(materials, S3Materials)
            monkeypatch.setattr(materials, "_client", Unconditional(materials._client))
            for content in (b"x", LARGE):
                put = await materials.put(digest_of(content), pieces(content), LIMIT)
                assert put == Stored(len(content), new=True)
                assert await read(materials, digest_of(content)) == content

    async def test_keys_rotate_without_a_restart(self, bucket: Bucket) -> None:
        present: list[tuple[str, str] | None] = [KEYS]
        asked = 0

        def keys() -> tuple[str, str] | None:
            nonlocal asked
            asked += 1
            return present[0]

        async with s3_materials(bucket, keys) as materials:
            assert await materials.exists(digest_of(b"x")) is False
            present[0] = None
            assert await materials.exists(digest_of(b"x")) == StoreDown("NoCredentialsError")
            present[0] = ("new", "new")
            assert await materials.exists(digest_of(b"x")) is False
            assert asked >= 3

    async def test_a_bucket_that_is_not_there_is_a_value(self, bucket: Bucket) -> None:
        async with s3_materials(replace(bucket, name="nowhere"), lambda: KEYS) as materials:
            assert await materials.put(digest_of(b"x"), pieces(b"x"), 1) == StoreDown("NoSuchBucket")
            assert await materials.listed("", 1) == StoreDown("NoSuchBucket")

    async def test_an_outage_is_a_value_and_ends(self) -> None:
        server = S3Server()
        try:
            await server.start()
            bucket = await server.new_bucket("outage", seconds=0.3)
            async with s3_materials(bucket, lambda: KEYS) as materials:
                assert isinstance(await materials.put(digest_of(LARGE), pieces(LARGE), LIMIT), Stored | StoreDown)
                await materials.put(digest_of(BYTES), pieces(BYTES), LIMIT)
                async with materials.open(digest_of(BYTES)) as reading:
                    assert not isinstance(reading, StoreDown)
                server.freeze()
                async with asyncio.timeout(20):
                    for answer in await everything(materials):
                        assert isinstance(answer, StoreDown), answer
                server.thaw()
                await server.end()
                async with asyncio.timeout(20):
                    for answer in await everything(materials):
                        assert isinstance(answer, StoreDown), answer
        finally:
            await server.end()

    async def test_memory_does_not_grow_with_the_material(self, bucket: Bucket) -> None:
        """The store takes one piece at a time and keeps less than two parts of it."""
        held = most = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal held, most
            for _ in range(10 * PART // 1_000_000):
                held += 1_000_000
                most = max(most, held)
                yield b"0" * 1_000_000

        class Counting(S3Materials):
            async def ask(self, operation: str, **parameters: object) -> object:  # type: ignore[override]
                nonlocal held
                if operation == "upload_part":
                    body = parameters["Body"]
                    assert isinstance(body, bytes)
                    held -= len(body)
                return await super().ask(operation, **parameters)

        content = b"0" * (10 * PART // 1_000_000 * 1_000_000)
        async with client_of(bucket) as client:
            put = await Counting(client, bucket).put(digest_of(content), endless(), 2**30)
        assert put == Stored(len(content), new=True)
        assert most < 2 * PART


class Dated:
    """A client whose list of begun uploads says when they were begun: moto says 2010 of every one."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> object:
        return getattr(self._client, operation)

    async def list_multipart_uploads(self, **parameters: object) -> Any:
        answer = await self._client.list_multipart_uploads(**parameters)
        for one in answer.get("Uploads", ()):
            one["Initiated"] = SystemClock().now()
        return answer


class Unconditional:
    """A client of a store that does not know ``If-None-Match`` on writes, as older ones do not."""

    def __init__(self, client: object) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> object:
        async def ask(**parameters: object) -> object:
            if "IfNoneMatch" in parameters:
                raise ClientError({"Error": {"Code": "NotImplemented"}}, operation)
            return await getattr(self._client, operation)(**parameters)

        return ask


async def everything(materials: Materials) -> list[object]:
    """What each operation answers."""
    digest = digest_of(BYTES)
    return [
        await materials.put(digest_of(b"x"), pieces(b"x"), 1),
        await materials.exists(digest),
        await read(materials, digest),
        await materials.listed("", 1),
        await materials.remove(digest),
        await materials.clear(SystemClock().now()),
    ]


class TestSealed:
    """What lies in a store that seals."""

    @pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
    async def test_it_comes_back_and_nobody_reads_it_there(self, tmp_path: Path, size: int) -> None:
        content, keys = os.urandom(size), KeysInMemory()
        store = LocalMaterials(tmp_path, keys)
        digest = digest_of(content)
        assert await store.put(digest, _pieces(content), size, "portal") == Stored(size, new=True)
        assert await read(store, digest) == content
        async with store.open(digest) as reading:
            assert not isinstance(reading, StoreDown)
            assert reading is not None
            assert reading.size == size
        (file,) = [one for one in tmp_path.rglob("*") if one.is_file()]
        assert size < 16 or content[:16] not in file.read_bytes()

    async def test_chunks_that_were_exchanged_or_cut_off_are_corrupt(self, tmp_path: Path) -> None:
        content, keys = os.urandom(3 * CHUNK), KeysInMemory()
        store, digest = LocalMaterials(tmp_path, keys), digest_of(content)
        await store.put(digest, _pieces(content), len(content), "portal")
        (file,) = [one for one in tmp_path.rglob("*") if one.is_file()]
        stored = file.read_bytes()
        one, two = stored[HEAD : HEAD + CHUNK + 16], stored[HEAD + CHUNK + 16 : HEAD + 2 * (CHUNK + 16)]
        for changed in (
            stored[:HEAD] + two + one + stored[HEAD + 2 * (CHUNK + 16) :],
            stored[: -CHUNK - 16],
            stored[:-1],
        ):
            file.write_bytes(changed)
            assert isinstance(await read(store, digest), Corrupt)

    async def test_what_was_there_before_is_read_and_what_is_shredded_is_not_there(self, tmp_path: Path) -> None:
        old, new, keys = b"old" * 100, b"new" * 100, KeysInMemory()
        await LocalMaterials(tmp_path).put(digest_of(old), _pieces(old), 1000)
        store = LocalMaterials(tmp_path, keys)
        await store.put(digest_of(new), _pieces(new), 1000, "portal")
        assert await read(store, digest_of(old)) == old
        assert isinstance(await read(LocalMaterials(tmp_path), digest_of(new)), StoreDown)
        keys.gone.add(1)
        assert await read(store, digest_of(new)) is None


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]
