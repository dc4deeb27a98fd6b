# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A relay of AMQP frames before a broker, which can keep its confirms back, and lose one with the connection."""

import asyncio
import ssl
from contextlib import suppress
from typing import Self

from hub.ports.clock import Clock
from hub.sandbox.far_side import Temper

LATE_SECONDS = 1.5
_HEAD = 7
_GREETING = 8
_CONFIRM = b"\x00\x3c\x00\x50"
"""Class and method of ``basic.ack`` (AMQP 0-9-1, 1.8.3.13), which only a broker that confirms says to a client that publishes."""


class Relay:
    """Listens on loopback as long as it is entered, used as an async context manager; ``port`` is then known."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, clock: Clock) -> None:
        self._to = (host, port)
        self._tls = tls
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.temper = Temper.READY
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a handler runs in one"
        self._tasks.add(task)
        writers = [writer]
        ways: list[asyncio.Task[None]] = []
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._to, ssl=self._tls)
            writers.append(far_writer)
            far_writer.write(await reader.readexactly(_GREETING))
            ways = [
                asyncio.create_task(_carry(reader, far_writer)),
                asyncio.create_task(self._answer(far_reader, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, EOFError):
            pass  # whoever is at the other end sees it hang up
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for one in writers:
                one.transport.abort()
            self._tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the broker says. A confirm comes as the temper has it."""
        while (frame := await _frame(reader)) is not None:
            if frame[_HEAD : _HEAD + len(_CONFIRM)] == _CONFIRM and self.temper is not Temper.READY:
                if self.temper is Temper.SILENT:
                    self.temper = Temper.READY
                    return
                await self._clock.sleep(LATE_SECONDS)
            writer.write(frame)
            await writer.drain()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame, its end included; None: there are no more."""
    with suppress(EOFError):
        head = await reader.readexactly(_HEAD)
        return head + await reader.readexactly(int.from_bytes(head[3:], "big") + 1)
    return None
