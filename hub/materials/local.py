# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials as files of one folder: ``ab/cd/<64 hex digits>``, written aside, flushed to disk, then renamed.

Several hubs may share the folder over a network file system with atomic rename.
"""

import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, ParamSpec, TypeVar

from hub.materials.checked import PIECE, CheckedReading, hex_of
from hub.materials.sealed import Sealer, sealer, unsealed
from hub.ports.materials import DigestMismatch, Listed, MaterialKeys, PutResult, Reading, Stored, StoreDown, TooLong

_BLOCK = 1024 * 1024  # written at once: a thread's turn costs more than a small write
_DIGITS = frozenset("0123456789abcdef")

P = ParamSpec("P")
T = TypeVar("T")


class LocalMaterials:
    """The port :class:`hub.ports.materials.Materials` on a folder, made when it is first needed."""

    def __init__(self, folder: Path, keys: MaterialKeys | None = None) -> None:
        self._folder = folder
        self._keys = keys

    async def put(self, digest: str, pieces: AsyncIterable[bytes], limit: int, system: str = "") -> PutResult:
        place = self._place(digest)
        sealing = await sealer(self._keys, digest, system)
        if isinstance(sealing, StoreDown):
            return sealing
        incoming = _Incoming(self._folder / "incoming", sealing)
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
        try:
            file = await _in_thread(_File.of, self._place(digest))
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            yield _down(error)
            return
        try:
            found = await unsealed(self._keys, digest, file.size, file.read)
            yield CheckedReading(digest, *found) if isinstance(found, tuple) else found
        finally:
            await _in_thread(file.close)

    async def exists(self, digest: str) -> bool | StoreDown:
        try:
            await _in_thread(self._place(digest).stat)
        except FileNotFoundError:
            return False
        except OSError as error:
            return _down(error)
        return True

    async def listed(self, after: str, limit: int) -> Sequence[Listed] | StoreDown:
        try:
            return await _in_thread(lambda: list(islice(_walk(self._folder, after and hex_of(after)), limit)))
        except OSError as error:
            return _down(error)

    async def remove(self, digest: str) -> StoreDown | None:
        return await _tried(_remove, self._place(digest))

    async def clear(self, before: datetime) -> int | StoreDown:
        try:
            return await _in_thread(_clear, self._folder / "incoming", before.timestamp())
        except OSError as error:
            return _down(error)

    def _place(self, digest: str) -> Path:
        name = hex_of(digest)
        return self._folder / name[:2] / name[2:4] / name

    async def _begin(self, incoming: "_Incoming", place: Path) -> bool | StoreDown:
        """Whether the bytes are to be written at all: what is there already is only checked against its digest."""
        try:
            if await _in_thread(place.is_file):
                return False
            await _in_thread(incoming.open)
        except OSError as error:
            return _down(error)
        return True


class _Incoming:
    """A temporary file on its way to its place. Methods block; one runs at a time."""

    def __init__(self, folder: Path, sealing: Sealer | None) -> None:
        self._folder = folder
        self._sealing = sealing
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
        self._write(block if self._sealing is None else self._sealing.feed(block))

    def end(self) -> None:
        """Everything was written."""
        if self._sealing is not None:
            self._write(self._sealing.finish())

    def _write(self, block: bytes) -> None:
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


class _File:
    """An open file and its size."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size

    @classmethod
    def of(cls, place: Path) -> "_File":
        file = place.open("rb", buffering=0)
        return cls(file, os.fstat(file.fileno()).st_size)

    async def read(self) -> bytes | StoreDown:
        try:
            return await _in_thread(self._file.read, PIECE)
        except OSError as error:
            return _down(error)

    def close(self) -> None:
        self._file.close()


def _walk(folder: Path, after: str) -> Iterator[Listed]:
    """Every finished file behind this name, in order. Folders that cannot hold one are not looked into."""
    for first in _names(folder, 2, after[:2]):
        within = after if first == after[:2] else ""
        for second in _names(folder / first, 2, within[2:4]):
            behind = within if second == within[2:4] else ""
            for name in _names(folder / first / second, 64, behind):
                if name == behind:
                    continue
                with suppress(FileNotFoundError):
                    found = (folder / first / second / name).stat()
                    yield Listed(f"sha256:{name}", found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _names(folder: Path, length: int, least: str) -> list[str]:
    try:
        names = [entry.name for entry in folder.iterdir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if len(name) == length and set(name) <= _DIGITS and name >= least)


def _remove(place: Path) -> None:
    place.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        _flush(place.parent)


def _clear(folder: Path, before: float) -> int:
    removed = 0
    with suppress(FileNotFoundError):
        for left in folder.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < before:
                    left.unlink()
                    removed += 1
    return removed


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
    return await _tried(incoming.write, bytes(block)) or await _tried(incoming.end) or incoming.digest()


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
