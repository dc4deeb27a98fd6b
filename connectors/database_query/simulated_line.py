# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The line from the hub to a database in a simulator: a relay of bytes that does to a question what it is told.

It knows nothing of what is spoken but this: a question names the table, or brings the code of a record, and nothing else does.
PostgreSQL's request for TLS is answered with no, since it could not see into that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from connectors.database_query.simulator_words import PREFIX, TABLE, LookupOptions, Step

_PIECE = 65_536
_TLS_WANTED = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's SSLRequest (protocol 3.0, section 55.7)."""
_CODE, _TABLE = PREFIX.encode(), TABLE.encode()
_BOUNDARIES = (b"BEGIN", b"COMMIT", b"ROLLBACK")
_GARBAGE = b"\xff\xfe{ nobody can read this"
_CLOSE_SECONDS = 5.0

Befall = Callable[[], Awaitable[Step]]


class Line:
    """Listens as long as it is entered, used as an async context manager. Entering raises ``OSError`` where it cannot listen.

    ``befall`` is asked at each question, and may do something to the database before it answers. ``restarts`` is notified when
    a restarted line listens again.
    """

    def __init__(
        self,
        to: tuple[str, int],
        place: tuple[str, int],
        befall: Befall,
        options: LookupOptions,
        restarts: asyncio.Condition,
    ) -> None:
        self._to = to
        self.place = place
        """Where it listens; the port is known when it is entered."""
        self._befall = befall
        self._options = options
        self._restarts = restarts
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
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
            for task in list(self._serving):
                task.cancel()
            await asyncio.wait(self._serving, timeout=_CLOSE_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self.place)
        self.place = self._server.sockets[0].getsockname()[:2]

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._serving.values():
            writer.transport.abort()

    async def _restart(self) -> None:
        self._close()
        await asyncio.sleep(self._options.away_seconds)
        await self._listen()
        async with self._restarts:
            self._restarts.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a handler runs in one"
        self._serving[task] = writer
        try:
            # Whoever is at the other end sees it hang up; and a handler that was cancelled is one that ended.
            with suppress(OSError, EOFError, asyncio.CancelledError):
                far_reader, far_writer = await asyncio.open_connection(*self._to)
                try:
                    await self._carry(_Session(reader, writer, far_reader, far_writer))
                finally:
                    far_writer.transport.abort()
        finally:
            writer.transport.abort()
            del self._serving[task]

    async def _carry(self, session: "_Session") -> None:
        ways = [asyncio.create_task(self._there(session)), asyncio.create_task(self._back(session))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _there(self, session: "_Session") -> None:
        while said := await session.reader.read(_PIECE):
            if said == _TLS_WANTED:
                session.writer.write(b"N")
                continue
            if session.asks(said):
                session.word = await self._befall()
            if session.word is Step.RESTART:
                self._restarting = asyncio.create_task(self._restart())
                return
            session.far_writer.write(said)
            await session.far_writer.drain()

    async def _back(self, session: "_Session") -> None:
        while said := await session.far_reader.read(_PIECE):
            word, session.word = session.word, Step.OK
            match word:
                case Step.SLOW:
                    await asyncio.sleep(self._options.slow_seconds)
                case Step.CUT:
                    return
                case Step.HANG:
                    await asyncio.sleep(self._options.away_seconds)
                    return
                case Step.GARBAGE:
                    session.writer.write(_GARBAGE)
                    await session.writer.drain()
                    return
                case _:
                    pass
            session.writer.write(said)
            await session.writer.drain()


class _Session:
    """One connection of the hub's, and what its next answer will suffer."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.far_reader = far_reader
        self.far_writer = far_writer
        self.word = Step.OK
        self._named = False

    def asks(self, said: bytes) -> bool:
        """Whether a question begins with this. A driver may name the table first, and bring the code after that was answered."""
        if any(one in said for one in _BOUNDARIES):
            self._named = False
        brings, names, known = _CODE in said, _TABLE in said, self._named
        self._named = (names or known) and not brings
        return (brings or names) and not known
