# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A private IMAP server (pymap, with mails in its memory) on a loopback port; its certificate is the caller's."""

import asyncio
import imaplib
import signal
import ssl
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Callable
from pathlib import Path
from typing import Self

from hub.bench.broker import free_ports

USER, PASSWORD = "bounces", "made-up"
_START_SECONDS = 20.0


class Pymap:
    """Used as an async context manager; ``pem`` holds key and certificate. It knows STARTTLS."""

    def __init__(self, pem: Path) -> None:
        self._pem = pem
        [self.port] = free_ports(1)
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        program = Path(sys.executable).with_name("pymap")
        self._process = await asyncio.create_subprocess_exec(
            program, "--no-service", "admin", "--host", "127.0.0.1", "--port", str(self.port), "--cert", self._pem,
            "--key", self._pem, "dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD,
            stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(_START_SECONDS):
            while not await self._answers():
                assert self._process.returncode is None, "the server ended at once"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._process is not None, "entered before"
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Lay mails there, unseen."""

        def put(client: imaplib.IMAP4) -> None:
            for mail in mails:
                assert client.append(folder, None, None, mail)[0] == "OK"

        await self._do(put)

    async def clear(self) -> None:
        """Take away the mails that the server has made by itself."""

        def clear(client: imaplib.IMAP4) -> None:
            client.select("INBOX")
            client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()

        await self._do(clear)

    async def flags(self) -> list[str]:
        """The flags of each mail, in order."""
        found: list[str] = []

        def look(client: imaplib.IMAP4) -> None:
            client.select("INBOX", readonly=True)
            _, told = client.fetch("1:*", "(FLAGS)")
            lines = [one.decode() for one in told if isinstance(one, bytes)]
            found.extend(" ".join(sorted(one.split("FLAGS (")[1].rstrip(")").split())) for one in lines)

        await self._do(look)
        return found

    async def _do(self, work: Callable[[imaplib.IMAP4], None]) -> None:
        def do() -> None:
            client = imaplib.IMAP4("127.0.0.1", self.port, timeout=_START_SECONDS)
            client.starttls(ssl.create_default_context(cafile=self._pem))
            client.login(USER, PASSWORD)
            work(client)
            client.logout()

        await asyncio.to_thread(do)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            await asyncio.sleep(0.05)  # it tells nobody that it listens
            return False
        writer.close()
        return True
