# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two locks, both released by the kernel however their holder ends.

``hub.lock`` is held by the living hub. ``server.lock`` is inherited by PostgreSQL, whose every process then holds it:
as long as it cannot be taken, something of that server lives, be it in another container that shares the directory. On
a network file system the second may prove nothing; there the look at ``/proc`` and PostgreSQL's own checks remain.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault

HUB: Final = "hub.lock"
SERVER: Final = "server.lock"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_HARMLESS: Final = frozenset({"lost+found"})  # in the root of a fresh volume


@dataclass(slots=True)
class Claim:
    """The hold of this process on a directory; the directory is absolute and free of symbolic links."""

    directory: Path
    _descriptor: int

    def release(self) -> None:
        """Let another hub have it. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def claim(directory: Path) -> Claim | EmbeddedFault:
    """Take the directory for this process, making it if need be. Raises OSError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=directory, detail="not a directory")
    directory = directory.resolve()
    if directory.stat().st_uid != os.geteuid():
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=directory, detail=f"uid {directory.stat().st_uid}")
    found = {entry.name for entry in directory.iterdir()} - _HARMLESS
    if found and HUB not in found:
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=directory, detail=min(found))
    return _take(directory)


def _take(directory: Path) -> Claim | EmbeddedFault:
    while True:
        descriptor = os.open(directory / HUB, _FLAGS, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            return fault(FaultCode.IN_USE, directory=directory, detail=f"pid {holder or '?'}")
        if _is_at(descriptor, directory / HUB):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return Claim(directory, descriptor)
        os.close(descriptor)  # removed between opening and locking: what we hold is no longer the lock


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def try_server_lock(directory: Path) -> int | None:
    """A descriptor to be inherited by PostgreSQL and then closed here; None while some server process has it."""
    descriptor = os.open(directory / SERVER, _FLAGS, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
