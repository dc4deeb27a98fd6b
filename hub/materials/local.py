# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials as files of one folder: ``ab/cd/<64 hex digits>``, written aside, flushed to disk, then renamed.

Several hubs may share the folder over a network file system with atomic rename.
"""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, ParamSpec, TypeVar

from hub.ports.materials import DigestMismatch, PutResult, Reading, Stored, StoreDown, TooLong

_BLOCK = 1024 * 1024  # written at once: a thread's turn costs more than a small write
_PIECE = 256 * 1024
_STALE_SECONDS = 86_400.0  # no upload lasts that long, so its process must have died
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")

P = ParamSpec("P")
T = TypeVar("T")


class LocalMaterials:
    """The port :class:`hub.ports.materials.Materials` on a folder, made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._swept = False

    async def put(self, digest: str, pieces: AsyncIterable[bytes], limit: int) -> PutResult:
        place = self._place(digest)
        incoming = _Incoming(self._folder / "incoming")
        try:
            new = await self._begin(incoming, place)
            if isinstance(new, StoreDown):
                return new
            found = await _fill(incoming, pieces, limit)
            if not isinstance(found, str):
                return found
            if found != digest:
                return DigestMismatch()
            if new and (down := await _tried(incoming.move_to, place)):
                return down
            return Stored(incoming.size, new)
        finally:
            await _in_thread(incoming.discard)

    @asynccontextmanager
    async def open(self, digest: str) -> AsyncIterator[Reading | StoreDown | None]:
        reading: _Reading | StoreDown | None
        try:
            reading = await _in_thread(_Reading.of, self._place(digest))
        except FileNotFoundError:
            reading = None
        except OSError as error:
            reading = _down(error)
        try:
            yield reading
        finally:
            if isinstance(reading, _Reading):
                await _in_thread(reading.close)

    async def exists(self, digest: str) -> bool | StoreDown:
        try:
            await _in_thread(self._place(digest).stat)
        except FileNotFoundError:
            return False
        except OSError as error:
            return _down(error)
        return True

    def _place(self, digest: str) -> Path:
        named = _DIGEST.fullmatch(digest)
        assert named, "a digest is sha256: and 64 hexadecimal digits"
        return self._folder / named[1][:2] / named[1][2:4] / named[1]

    async def _begin(self, incoming: "_Incoming", place: Path) -> bool | StoreDown:
        """Whether the bytes are to be written at all: what is there already is only checked against its digest."""
        try:
            if await _in_thread(place.is_file):
                return False
            await _in_thread(incoming.open)
            if not self._swept:
                self._swept = True
                await _in_thread(incoming.remove_older_neighbours, _STALE_SECONDS)
        except OSError as error:
            return _down(error)
        return True


class _Incoming:
    """A temporary file on its way to its place. Methods block; one runs at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._hash = hashlib.sha256()
        self.size = 0

    def open(self) -> None:
        if not self._folder.parent.exists():
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: nobody else may look
        self._folder.mkdir(mode=0o700, exist_ok=True)
        descriptor, name = mkstemp(dir=self._folder)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, block: bytes) -> None:
        self._hash.update(block)
        rest = memoryview(block)
        while self._file is not None and rest:
            rest = rest[self._file.write(rest) :]

    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def move_to(self, place: Path) -> None:
        """Durable before it is visible, visible durably."""
        assert self._file is not None
        assert self._path is not None
        os.fsync(self._file.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        self._path.rename(place)
        self._path = None
        for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
            _flush(folder)

    def discard(self) -> None:
        """Close, and remove what did not find its place. Harmless when repeated."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
            self._path = None

    def remove_older_neighbours(self, seconds: float) -> None:
        assert self._path is not None
        mine = self._path.stat().st_mtime
        for neighbour in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if neighbour.stat().st_mtime < mine - seconds:
                    neighbour.unlink()


class _Reading:
    """An open file and its size."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size

    @classmethod
    def of(cls, place: Path) -> "_Reading":
        file = place.open("rb", buffering=0)
        return cls(file, os.fstat(file.fileno()).st_size)

    async def read(self) -> bytes | StoreDown:
        try:
            return await _in_thread(self._file.read, _PIECE)
        except OSError as error:
            return _down(error)

    def close(self) -> None:
        self._file.close()


async def _fill(incoming: _Incoming, pieces: AsyncIterable[bytes], limit: int) -> str | TooLong | StoreDown:
    """Everything written; the digest of it."""
    block = bytearray()
    async for piece in pieces:
        incoming.size += len(piece)
        if incoming.size > limit:
            return TooLong()
        block += piece
        if len(block) >= _BLOCK:
            if down := await _tried(incoming.write, bytes(block)):
                return down
            block.clear()
    return await _tried(incoming.write, bytes(block)) or incoming.digest()


async def _tried(work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> StoreDown | None:
    try:
        await _in_thread(work, *args, **kwargs)
    except OSError as error:
        return _down(error)
    return None


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _down(error: OSError) -> StoreDown:
    return StoreDown(errno.errorcode.get(error.errno or 0, type(error).__name__))


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Off the loop. A cancellation takes effect once the thread is done, so that nobody closes a file under it."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()
        raise
