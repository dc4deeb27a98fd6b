# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of this machine, or one that is mounted here. Everything that touches the disk happens in threads."""

# ruff: noqa: PTH102, PTH104, PTH106, PTH108, PTH116, PTH120  # because pathlib has no paths of bytes, and names must stay the bytes they are

import asyncio
import errno
import fcntl
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar

from connectors.file_drop.file_system import AwayError, Content, Entry, Fault, Kind, Trouble, is_sound, join

_CHUNK = 2000
_TROUBLES = {
    errno.ENOENT: Trouble.GONE,
    errno.ENOTDIR: Trouble.GONE,
    errno.EEXIST: Trouble.EXISTS,
    errno.ENOTEMPTY: Trouble.EXISTS,
    errno.EACCES: Trouble.DENIED,
    errno.EPERM: Trouble.DENIED,
    errno.EROFS: Trouble.DENIED,
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EFBIG: Trouble.TOO_LARGE,
    errno.ELOOP: Trouble.NOT_A_FILE,
    errno.EISDIR: Trouble.NOT_A_FILE,
    errno.ENXIO: Trouble.NOT_A_FILE,
    errno.ENAMETOOLONG: Trouble.BAD_NAME,
    errno.EINVAL: Trouble.BAD_NAME,
    errno.EILSEQ: Trouble.BAD_NAME,
}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV, errno.ENOSYS}
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

Answer = TypeVar("Answer")


class LocalFileSystem:
    """``root`` must exist: a folder that is not there is a share that is not mounted, and nothing is made in its place.

    ``needs`` is a name that must lie in it, for shares whose mount point is there without them.
    """

    def __init__(self, root: bytes, needs: bytes = b"") -> None:
        self._root = root
        self._needs = needs
        self._closed = False

    async def look(self, path: bytes) -> Entry | Fault:
        """As the port says."""
        return await self._run(lambda: _look(self._at(path), path.rpartition(b"/")[2]))

    async def entries(self, folder: bytes, *, details: bool) -> AsyncIterator[Sequence[Entry]]:
        """As the port says."""
        listing = _Listing(self._at(folder), details=details)
        try:
            while piece := await self._run(listing.piece):
                yield [entry for entry in piece if entry is not None]
        finally:
            listing.close()

    async def read(self, paths: Sequence[bytes], most: int, budget: int) -> Sequence[Content | Fault]:
        """As the port says."""

        def work() -> list[Content | Fault]:
            answers: list[Content | Fault] = []
            left = budget
            for path in paths:
                answer = _read(self._at(path), most)
                answers.append(answer)
                left -= len(answer.body) if isinstance(answer, Content) else 0
                if left <= 0:
                    break
            return answers

        return await self._run(work)

    async def write(self, path: bytes, body: bytes) -> Fault | None:
        """As the port says."""
        return await self._run(lambda: _fault_of(lambda: _write(self._at(path), body)))

    async def move(self, pairs: Sequence[tuple[bytes, bytes]], *, durable: bool) -> Sequence[Fault | None]:
        """As the port says. A name is given by a hard link where the file system has them: that never replaces anything."""

        def work() -> list[Fault | None]:
            answers = [_fault_of(partial(_move, self._at(old), self._at(new))) for old, new in pairs]
            if durable:
                for folder in {os.path.dirname(self._at(new)) for _, new in pairs}:
                    _sync(folder)
            return answers

        return await self._run(work)

    async def remove(self, paths: Sequence[bytes]) -> Sequence[Fault | None]:
        """As the port says."""
        return await self._run(lambda: [_fault_of(partial(os.unlink, self._at(path))) for path in paths])

    async def make_folder(self, path: bytes) -> Fault | None:
        """As the port says."""
        return await self._run(lambda: _fault_of(lambda: os.mkdir(self._at(path))))

    async def remove_folder(self, path: bytes) -> Fault | None:
        """As the port says."""
        return await self._run(lambda: _fault_of(lambda: os.rmdir(self._at(path))))

    def guard(self, name: bytes, patience: float) -> "LocalGuard":
        """As the port says; ``patience`` does not matter, since the system sees a process end."""
        del patience
        return LocalGuard(self, name)

    async def close(self) -> None:
        """As the port says."""
        self._closed = True

    async def locked(self, name: bytes) -> int | None:
        """An open file that this process has locked; None when another has."""
        return await self._run(lambda: _lock(self._at(name)))

    def _at(self, path: bytes) -> bytes:
        return join(self._root, path) if path else self._root

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if self._closed:
            raise AwayError("closed by us")

        def seen() -> Answer:
            self._see()
            try:
                return work()
            except OSError as error:
                raise AwayError(_reason(error), asked=True) from error

        return await asyncio.to_thread(seen)

    def _see(self) -> None:
        try:
            if not stat.S_ISDIR(os.stat(self._root).st_mode):
                raise AwayError("the folder is not a folder")
            if self._needs:
                os.stat(self._at(self._needs))
        except OSError as error:
            raise AwayError(f"the folder is not there: {_reason(error)}") from error


class LocalGuard:
    """A lock of the operating system, which lets go when the process ends in whatever way."""

    def __init__(self, files: LocalFileSystem, name: bytes) -> None:
        self._files = files
        self._name = name
        self._locking: asyncio.Task[int | None] | None = None
        self._locked: int | None = None

    async def held(self) -> bool:
        """As the port says."""
        if self._locked is None:
            if self._locking is None:
                self._locking = asyncio.create_task(self._files.locked(self._name))
                self._locking.add_done_callback(self._done)
            await asyncio.shield(self._locking)  # a lock that was got must not get lost with whoever waited for it
        return self._locked is not None

    async def release(self) -> None:
        """As the port says."""
        if self._locking is not None:
            await asyncio.wait({self._locking})
        if self._locked is not None:
            os.close(self._locked)
            self._locked = None

    def _done(self, locking: asyncio.Task[int | None]) -> None:
        self._locking = None
        if not locking.cancelled() and locking.exception() is None:
            self._locked = locking.result()


class _Listing:
    """A folder that is being listed in threads, and closed by whoever is the last to be done with it."""

    def __init__(self, path: bytes, *, details: bool) -> None:
        self._path = path
        self._details = details
        self._turn = threading.Lock()
        self._found: os._ScandirIterator[bytes] | None = None
        self._unwanted = False

    def piece(self) -> list[Entry | None]:
        """The next few; none when there are no more."""
        try:
            with self._turn:
                if self._unwanted:
                    return []
                if self._found is None:
                    self._found = os.scandir(self._path)
                return list(_entries(islice(self._found, _CHUNK), details=self._details))
        finally:
            if self._unwanted:
                self.close()

    def close(self) -> None:
        """Never waits: a thread that is still listing closes it."""
        self._unwanted = True
        if self._turn.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._turn.release()

    def _close(self) -> None:
        if self._found is not None:
            self._found.close()
            self._found = None


def _lock(path: bytes) -> int | None:
    opened = os.open(path, os.O_RDWR | os.O_CREAT | _OPEN, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    except BaseException:
        os.close(opened)
        raise
    return opened


def _look(path: bytes, name: bytes) -> Entry | Fault:
    try:
        found = os.lstat(path)
    except (OSError, ValueError) as error:
        return _fault(error)
    return Entry(name, _kind(found.st_mode), found.st_size, found.st_mtime)


def _entries(listing: "Iterator[os.DirEntry[bytes]]", *, details: bool) -> Iterator[Entry | None]:
    for one in listing:
        try:
            if details:
                found = one.stat(follow_symlinks=False)
                entry = Entry(one.name, _kind(found.st_mode), found.st_size, found.st_mtime)
            elif one.is_file(follow_symlinks=False):
                entry = Entry(one.name, Kind.FILE)
            else:
                entry = Entry(one.name, Kind.FOLDER if one.is_dir(follow_symlinks=False) else Kind.OTHER)
        except OSError:
            yield None  # it went away in between
        else:
            yield entry if is_sound(one.name) else None


def _kind(mode: int) -> Kind:
    return Kind.FILE if stat.S_ISREG(mode) else Kind.FOLDER if stat.S_ISDIR(mode) else Kind.OTHER


def _read(path: bytes, most: int) -> Content | Fault:
    try:
        opened = os.open(path, os.O_RDONLY | _OPEN)
    except (OSError, ValueError) as error:
        return _fault(error)
    try:
        before = os.fstat(opened)
        if not stat.S_ISREG(before.st_mode):
            return Fault(Trouble.NOT_A_FILE)
        if before.st_size > most:
            return Fault(Trouble.TOO_LARGE)
        pieces = []
        left = most + 1
        while left > 0 and (piece := os.read(opened, min(left, before.st_size + 1))):
            pieces.append(piece)
            left -= len(piece)
        after = os.fstat(opened)
    except OSError as error:
        return _fault(error)
    finally:
        os.close(opened)
    body = b"".join(pieces)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(body) != after.st_size:
        return Fault(Trouble.CHANGING)
    return Content(body)


def _write(path: bytes, body: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o666)
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(opened, rest) :]
        os.fsync(opened)
    except OSError:
        with suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(opened)


def _move(old: bytes, new: bytes) -> None:
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
    else:
        os.unlink(old)
        return
    if os.path.lexists(new):
        raise FileExistsError(errno.EEXIST, "it is there")
    os.rename(old, new)


def _sync(folder: bytes) -> None:
    with suppress(FileNotFoundError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(opened)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some file systems cannot, and say so in this way
                raise
        finally:
            os.close(opened)


def _fault_of(work: Callable[[], None]) -> Fault | None:
    try:
        work()
    except (OSError, ValueError) as error:
        return _fault(error)
    return None


def _fault(error: OSError | ValueError) -> Fault:
    if isinstance(error, OSError):
        return Fault(_TROUBLES.get(error.errno or 0, Trouble.BROKEN), _reason(error))
    return Fault(Trouble.BAD_NAME, "a name the system cannot take")


def _reason(error: OSError) -> str:
    """What the system says, without the path: names of files may be names of people."""
    return os.strerror(error.errno) if error.errno else type(error).__name__
