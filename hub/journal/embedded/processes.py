# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's processes as the kernel shows them: is that pid alive, since when, and on which data directory?

A pid proves nothing: it is used again, and a dead process that nobody has waited for still answers signal 0 (common in
containers). So a process is a pid *and* its start time (field 22 of ``/proc/<pid>/stat``, proc(5)), and it is a server
of ours only if its working directory is our data directory, which PostgreSQL enters and never leaves.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Running:
    """A process that lives. ``started`` is in clock ticks since boot."""

    pid: int
    started: int


def look(pid: int) -> Running | None:
    """The process of that pid; None if there is none, or only a zombie."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return None if fields[0] in {"Z", "X"} else Running(pid, int(fields[19]))


def serves(process: Running, data: Path) -> bool:
    """Whether that process is PostgreSQL on that data directory, and still the one we looked at."""
    place = _PROC / str(process.pid)
    try:
        program = (place / "exe").readlink().name.removesuffix(" (deleted)")
        inside = os.path.samestat((place / "cwd").stat(), data.stat())
        owner = place.stat().st_uid == data.stat().st_uid
    except OSError:
        return False
    return program == "postgres" and inside and owner and look(process.pid) == process


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server on our data, and the folder of its socket (None if it has none)."""

    process: Running
    socket: Path | None


def postmaster(data: Path) -> Postmaster | None:
    """The server that runs on this data, by its own ``postmaster.pid``, proved as above."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        process = look(int(lines[0]))
    except (OSError, ValueError, IndexError):  # none, or torn
        return None
    if process is None or not serves(process, data):
        return None
    socket = lines[4].strip() if len(lines) > 4 else ""
    return Postmaster(process, Path(socket) if socket else None)


def kill_leftovers(data: Path) -> None:
    """SIGKILL every PostgreSQL process on this data: children of a killed server that have not noticed yet."""
    for process in list(_all()):
        if serves(process, data):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)


def _all() -> Iterator[Running]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (process := look(int(entry.name))) is not None:
            yield process
