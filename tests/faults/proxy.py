# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that loses, delays and cuts what goes through it, as networks do."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to bytes. Replies are what the far end says."""

    held: bool = False
    """Nothing passes, in either direction, nor does an end of a connection. What was sent meanwhile comes later, if at all."""
    mute: bool = False
    """Replies are swallowed; requests pass."""
    mute_from: bytes = b""
    """The same on one connection, from the request on in which these bytes stand."""
    delay: float = 0.0
    """Seconds by which every piece is late."""
    pace: float = 0.0
    """Bytes of replies per second; 0: as they come."""
    refusing: bool = False
    """Every connection is reset at once."""


CLEAR = Weather()


@dataclass(eq=False, slots=True)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    muted: bool = False
    """The request from which on replies are swallowed has passed."""
    dead: bool = False
    """Half-open for good: each side believes the other is there, and hears nothing."""

    def cut(self) -> None:
        for writer in (self.client, self.server):
            reset(writer)


@dataclass(slots=True)
class Proxy:
    """Leads from a loopback port of its own to ``target``. Use as ``async with``; one event loop.

    ``swallowed`` is set when a reply was lost, ``met`` when a connection came.
    """

    target: int
    port: int = 0
    swallowed: asyncio.Event = field(default_factory=asyncio.Event)
    met: asyncio.Event = field(default_factory=asyncio.Event)
    _weather: Weather = CLEAR
    _passable: asyncio.Event = field(default_factory=asyncio.Event)
    _links: set[_Link] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._passable.set()
        self._server = await asyncio.start_server(self._met, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def weather(self) -> Weather:
        return self._weather

    def change(self, weather: Weather) -> None:
        """From now on, for connections that are open as well."""
        self._weather = weather
        if weather.held:
            self._passable.clear()
        else:
            self._passable.set()

    def clear(self, *, half_open: bool = False) -> None:
        """All is well again. ``half_open``: but not for the connections of before, which stay silent for ever."""
        if half_open:
            for link in self._links:
                link.dead = True
        self.change(CLEAR)

    def reset(self) -> None:
        """Reset every open connection, on both sides."""
        for link in list(self._links):
            link.cut()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.met.set()
        try:
            if self._weather.refusing:
                reset(writer)
                return
            await self._passable.wait()
            await self._lead(reader, writer)
        except OSError:
            reset(writer)
        except asyncio.CancelledError:  # the proxy is closed; asyncio would report it as an error of ours
            writer.transport.abort()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        link = _Link(writer, far_writer)
        self._links.add(link)
        try:
            await asyncio.gather(
                self._pump(link, reader, far_writer, reply=False), self._pump(link, far_reader, writer, reply=True)
            )
        finally:
            self._links.discard(link)
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pump(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool
    ) -> None:
        while piece := await reader.read(_PIECE):
            await self._passable.wait()
            if self._weather.delay:
                await asyncio.sleep(self._weather.delay)
            if link.dead:
                continue
            if not reply and self._weather.mute_from and self._weather.mute_from in piece:
                link.muted = True
            if reply and (self._weather.mute or (self._weather.mute_from and link.muted)):
                self.swallowed.set()
                continue
            await self._pass_on(piece, writer, paced=reply)
        await self._passable.wait()
        if link.dead:
            await asyncio.Event().wait()  # the other side never learns that this one is gone
        with suppress(OSError):
            writer.write_eof()

    async def _pass_on(self, piece: bytes, writer: asyncio.StreamWriter, *, paced: bool) -> None:
        while paced and self._weather.pace and piece:
            writer.write(piece[:1])
            piece = piece[1:]
            await writer.drain()
            await asyncio.sleep(1 / self._weather.pace)
        writer.write(piece)
        await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset instead of an orderly close."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
