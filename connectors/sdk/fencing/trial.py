# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Trying the fence on this machine: a process behind it tries to get out in every way we know, and tells how it went.

What a kernel says it has is not believed; what it did is. Run as ``python -m connectors.sdk.fencing.trial MEMORY_BYTES
PARENT_PID FENCE FILE``; not for people.
"""

import ctypes
import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.sdk.fencing.confinement import confine
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.fencing.privileges import effective_capabilities
from connectors.sdk.spawning import KEPT, environment

_MEMORY_BYTES = 1024 * 1024 * 1024
_SECONDS = 30
_STANDARD = 3


class Attempt(StrEnum):
    """One way out."""

    READ = "read"
    """Read a file that it was not given, and that its user may read."""
    WRITE = "write"
    """Write a file beside it."""
    LOOK_INTO = "look_into"
    """Read the memory of the process that began it."""
    SIGNAL = "signal"
    """Signal that process."""
    SLOW = "slow"
    """Change that process's priority."""
    PROGRAM = "program"
    """Begin another process, which no limit of its own would count."""
    LISTEN = "listen"
    """Listen on a TCP port."""
    CAPABILITY = "capability"
    """Have a capability."""
    DESCRIPTOR = "descriptor"
    """Find a file or socket that was open in the process that began it."""
    ENVIRONMENT = "environment"
    """Find a variable of that process's environment."""


def attempt(fence: Fence) -> Mapping[Attempt, bool] | str:
    """Which attempts this fence stops on this machine; or why that could not be seen. Blocks for about a second."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "not-for-connectors")
        file.write_text("made up", encoding="utf-8")
        if fence.account is not None:
            # Whether its user may read it is not the question here.
            Path(folder).chmod(0o755)  # because nothing else lies there
            file.chmod(0o666)
        try:
            done = subprocess.run(  # noqa: S603  # because every part of it is written here
                [
                    sys.executable, "-P", "-m", "connectors.sdk.fencing.trial",
                    str(_MEMORY_BYTES), str(os.getpid()), fence.written(), str(file),
                ],
                capture_output=True, env=environment(), cwd="/", timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return type(error).__name__
    try:
        told = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return said[-1][:200] if said else f"it ended with {done.returncode}"
    return {one: bool(told[one]) for one in Attempt}


def _stopped(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError as error:
        return error.errno in {errno.EPERM, errno.EACCES}
    return False


def _look_into(parent: int) -> None:
    """A byte that is certainly not there: allowed to look, one is told so; not allowed, one is not told even that."""

    class Piece(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    room = ctypes.create_string_buffer(1)
    ours, theirs = Piece(ctypes.addressof(room), 1), Piece(1, 1)
    library = ctypes.CDLL(None, use_errno=True)
    if library.process_vm_readv(parent, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def _begin_another() -> None:
    if os.fork() == 0:
        os._exit(0)


def _listen() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))


def _open_here() -> set[int]:
    found = set()
    for number in range(_STANDARD, 1024):
        with suppress(OSError):
            os.fstat(number)
            found.add(number)
    return found


def _try_all(parent: int, file: Path) -> Mapping[Attempt, bool]:
    return {
        Attempt.READ: _stopped(file.read_bytes),
        Attempt.WRITE: _stopped(lambda: file.with_name("left-behind").write_bytes(b"")),
        Attempt.LOOK_INTO: _stopped(lambda: _look_into(parent)),
        Attempt.SIGNAL: _stopped(lambda: os.kill(parent, 0)),
        Attempt.SLOW: _stopped(
            lambda: os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent))
        ),
        Attempt.PROGRAM: _stopped(_begin_another),
        Attempt.LISTEN: _stopped(_listen),
        Attempt.CAPABILITY: effective_capabilities() == 0,
        Attempt.DESCRIPTOR: not _open_here(),
        Attempt.ENVIRONMENT: os.environ.keys() <= KEPT,
    }


if __name__ == "__main__":
    _parent = int(sys.argv[2])
    confine(int(sys.argv[1]), _parent, sys.argv[3])
    print(json.dumps(_try_all(_parent, Path(sys.argv[4]))))  # noqa: T201  # because its parent reads it there
