# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The line from the hub to a broker in a simulator: a relay of frames that does to a publication what it is told."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from connectors.sdk.simulator import Word

_HEAD = 7
_GREETING = 8
_PUBLISH = b"\x00\x3c\x00\x28"
"""Class and method of ``basic.publish`` (AMQP 0-9-1, 1.8.3.7)."""
_CLOSE_SECONDS = 5.0


class Trouble(Word):
    """What becomes of one message that the hub publishes, on its way to the broker and back."""

    PASS = "pass", "原样通过", "carried as it is"
    LATE = "late", "送达，代理的确认迟到", "carried, and the broker's confirm comes late"
    CUT = "cut", "送达，确认未回即断开", "carried, and the connection is cut before the confirm"
    LOST = "lost", "未送达，断开", "not carried, and the connection is cut"
    HANG = "hang", "送达，再无回音，片刻之后断开", "carried, and nothing is heard; after a while the connection is cut"
    RESTART = (
        "restart",
        "未送达，全部断开，片刻之后才能再连",
        "not carried: everything is cut, and nothing listens for a while",
    )


@dataclass(slots=True, eq=False)
class _Session:
    """One connection of the hub's, and what is being done to it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    delay: float = 0.0
    cut: bool = False
    silent: bool = False
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def abort(self) -> None:
        for one in (self.near, self.far):
            one.transport.abort()
        for timer in self.timers:
            timer.cancel()


class Line:
    """Listens as long as it is entered, used as an async context manager. ``restarts`` is notified when it listens again.

    ``next_word`` is asked at each publication. Entering raises ``OSError`` where it cannot listen.
    """

    def __init__(
        self,
        to: tuple[str, int, ssl.SSLContext | None],
        place: tuple[str, int],
        next_word: Callable[[], Trouble],
        *,
        slow_seconds: float,
        away_seconds: float,
        restarts: asyncio.Condition,
    ) -> None:
        self._to = to
        self.place = place
        """Where it listens; the port is known when it is entered."""
        self._next_word = next_word
        self._slow_seconds = slow_seconds
        self._away_seconds = away_seconds
        self._restarts = restarts
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._sessions: set[_Session] = set()
        self._restarting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.wait({self._restarting})
        self._close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=_CLOSE_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self.place)
        self.place = self._server.sockets[0].getsockname()[:2]

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.abort()

    async def _restart(self) -> None:
        self._close()
        await asyncio.sleep(self._away_seconds)
        await self._listen()
        async with self._restarts:
            self._restarts.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a handler runs in one"
        self._serving.add(task)
        host, port, tls = self._to
        try:
            with suppress(OSError, EOFError):  # whoever is at the other end sees it hang up
                far_reader, far_writer = await asyncio.open_connection(host, port, ssl=tls)
                session = _Session(writer, far_writer)
                self._sessions.add(session)
                try:
                    far_writer.write(await reader.readexactly(_GREETING))
                    await self._carry(session, reader, far_reader)
                finally:
                    session.abort()
                    self._sessions.discard(session)
        finally:
            writer.transport.abort()
            self._serving.discard(task)

    async def _carry(self, session: _Session, reader: asyncio.StreamReader, far_reader: asyncio.StreamReader) -> None:
        ways = [
            asyncio.create_task(self._there(session, reader)),
            asyncio.create_task(self._back(session, far_reader)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _there(self, session: _Session, reader: asyncio.StreamReader) -> None:
        while (frame := await _frame(reader)) is not None:
            if frame[_HEAD : _HEAD + len(_PUBLISH)] == _PUBLISH and not self._befall(session):
                return
            session.far.write(frame)
            await session.far.drain()

    async def _back(self, session: _Session, reader: asyncio.StreamReader) -> None:
        while (frame := await _frame(reader)) is not None:
            if session.cut:
                return
            if session.silent:
                continue
            if session.delay:
                delay, session.delay = session.delay, 0.0
                await asyncio.sleep(delay)
            session.near.write(frame)
            await session.near.drain()

    def _befall(self, session: _Session) -> bool:
        """What the next word says; whether the message goes on its way."""
        match self._next_word():
            case Trouble.PASS:
                pass
            case Trouble.LATE:
                session.delay = self._slow_seconds
            case Trouble.CUT:
                session.cut = True
            case Trouble.HANG:
                session.silent = True
                session.timers.append(asyncio.get_running_loop().call_later(self._away_seconds, session.abort))
            case Trouble.LOST:
                return False
            case Trouble.RESTART:
                self._restarting = asyncio.create_task(self._restart())
                return False
        return True


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame, its end included; None: there are no more."""
    with suppress(EOFError, OSError):
        head = await reader.readexactly(_HEAD)
        return head + await reader.readexactly(int.from_bytes(head[3:], "big") + 1)
    return None
