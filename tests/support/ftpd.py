# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A private FTP server (Debian's pyftpdlib) on a loopback port."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path
from typing import Self

from hub.bench.broker import free_ports

REMEDY = "install pyftpdlib for the system's Python (apt-get install python3-pyftpdlib)"
PYTHON = "/usr/bin/python3"
_PROGRAM = """
import sys, logging
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
port, folder = int(sys.argv[1]), sys.argv[2]
users = DummyAuthorizer()
users.add_user("hub", "made-up", folder, perm="elradfmwMT")
handler = FTPHandler
handler.authorizer = users
handler.unicode_errors = "surrogateescape"
logging.disable(logging.CRITICAL)
server = FTPServer(("127.0.0.1", port), handler)
print("ready", flush=True)
server.serve_forever()
"""


async def is_installed() -> bool:
    """Whether there is a Python that has it."""
    if not Path(PYTHON).exists():
        return False
    asked = await asyncio.create_subprocess_exec(
        PYTHON, "-W", "ignore", "-c", "import pyftpdlib", stdout=DEVNULL, stderr=DEVNULL
    )
    return await asked.wait() == 0


class Ftpd:
    """Used as an async context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        [self.port] = free_ports(1)
        self._server: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.create_subprocess_exec(
            PYTHON, "-W", "ignore", "-c", _PROGRAM, str(self.port), self._folder,
            stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True,
        )  # fmt: skip
        assert self._server.stdout is not None
        async with asyncio.timeout(20):
            if await self._server.stdout.readline() != b"ready\n":
                raise RuntimeError("the FTP server did not start")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)
            await self._server.wait()
