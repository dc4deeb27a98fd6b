# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What may stand between a client and the hub: it says that it is busy, or loses the answer after the hub has acted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.faults.proxy import reset

_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: text/html\r\nContent-Length: 5\r\n"
    b"Connection: close\r\n\r\nbusy\n"
)
_PIECE = 64 * 1024


class Fate(Enum):
    """What becomes of one connection."""

    BUSY = auto()
    """503 from something that is not the hub, which never hears of it."""
    EATEN = auto()
    """The hub gets the request and acts; its answer is lost and the connection cut."""


@dataclass(slots=True)
class BadLine:
    """Leads to ``target``. The next connections meet the ``fates``, those after them nothing; ``met`` are those that did."""

    target: int
    url: str = ""
    fates: deque[Fate] = field(default_factory=deque)
    met: list[Fate] = field(default_factory=list)
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Reset every connection that is open, so that no client goes on with an old one."""
        for writer in self._writers:
            reset(writer)

    def meet(self, fates: Iterable[Fate]) -> None:
        """What the next connections meet."""
        self.fates.extend(fates)
        self.met.clear()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        self._writers.add(writer)
        fate = self.fates.popleft() if self.fates else None
        if fate is not None:
            self.met.append(fate)
        try:
            if fate is Fate.BUSY:
                await _heard(reader)
                writer.write(_BUSY)
                await writer.drain()
                writer.close()
            else:
                await self._through(reader, writer, eaten=fate is Fate.EATEN)
        except OSError:
            reset(writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, eaten: bool) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        up = asyncio.create_task(_pump(reader, far_writer))
        try:
            if eaten:
                await far_reader.read(_PIECE)  # it has acted
                reset(writer)
            else:
                await _pump(far_reader, writer)
        finally:
            up.cancel()
            far_writer.transport.abort()
            writer.close()

    async def close(self) -> None:
        for task in list(self._busy):
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)


async def _heard(reader: asyncio.StreamReader) -> None:
    """One request, whole: whoever closes earlier may lose the answer he gave."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
    await reader.readexactly(length)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()


@asynccontextmanager
async def bad_line(target: int) -> AsyncIterator[BadLine]:
    """One, on a free loopback port."""
    line = BadLine(target)
    server = await asyncio.start_server(line.lead, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
        await line.close()
