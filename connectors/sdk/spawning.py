# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a child process of a connector is begun with, and what the system says of it."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from connectors.sdk.fencing.fence import Fence
from connectors.sdk.wire import Frame, frame_bytes, read_frame

KEPT = frozenset({"PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "LC_CTYPE", "MALLOC_ARENA_MAX", "PYTHONPATH"})
"""The variables that a child finds in its environment; python itself adds LC_CTYPE."""
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float | None:
    """What a process has used so far, in user and in system mode (proc(5)); None: there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def spawn(
    control: socket.socket, secrets: socket.socket, errors: int, memory_bytes: int, fence: Fence
) -> Process:
    """A process group of its own, with its ends of the two sockets and nothing else of ours, behind its fence. Raises
    ``OSError``.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "connectors.sdk.child",
        *map(str, (control.fileno(), secrets.fileno(), memory_bytes, os.getpid())),
        fence.written(),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=errors,
        env=environment(),
        cwd="/",  # not where the hub was started, which may be the deployment's folder
        pass_fds=(control.fileno(), secrets.fileno()),
        start_new_session=True,
    )


async def tell_secrets(link: socket.socket, secret: Callable[[str], str]) -> None:
    """Answer a child's questions for secrets; ``secret`` knows only those of its destination."""
    reader, writer = await asyncio.open_connection(sock=link)
    try:
        with suppress(OSError):
            while isinstance(frame := await read_frame(reader, 0), Frame):
                try:
                    answer = {"value": secret(str(frame.head.get("name")))}
                except KeyError:
                    answer = {}
                written = frame_bytes(answer)
                writer.write(written if isinstance(written, bytes) else b"")
                await writer.drain()
    finally:
        writer.transport.abort()


def environment() -> dict[str, str]:
    """What a child needs to find the same modules and certificates, and nothing else of ours."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # arenas are address space, which the memory limit counts
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
    }
