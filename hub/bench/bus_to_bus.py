# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From one queue to another: what waits in the first is carried by a peer, or by the hub, and counted in the second.

Nothing but the contestant works while it is measured: the first queue is full before, the second is emptied after.
"""

import asyncio
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.bench.payload import Payload
from hub.bench.queues import drain, fill
from hub.bus.yardstick import Counter, counter

SOURCE, TARGET, REFUSED = "govhub.bench.in", "govhub.bench.out", "govhub.bench.in.refused"
_START_SECONDS = 60.0
_QUIET_SECONDS = 60.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Carried:
    """``rate``: messages per second that arrived in the measured time. ``backlog``: what the contestant had in hand at its
    beginning and at its end. ``cpu_ms``: CPU milliseconds per message, by part.
    """

    rate: float
    backlog: tuple[int, int]
    cpu_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the stock. ``repeats`` came again under their own key, which whoever reads the queue may ignore;
    ``duplicated`` came under a second key.
    """

    lost: int
    duplicated: int
    repeats: int
    refused: int


class StockExhausted(RuntimeError):  # noqa: N818  # because it ends one measurement, which may be made with more
    """The contestant worked off everything before it had been measured."""


class Stock:
    """A full queue, and an empty one."""

    def __init__(self, url: str, queues: Counter, messages: int) -> None:
        self._url = url
        self._queues = queues
        self._messages = messages

    async def watch(self, seconds: float, warm_up: float, cpu: Callable[[], dict[str, float]] = dict) -> Carried:
        """Watch a contestant that is at work, after so long a warm-up.

        Raises :class:`StockExhausted` when there was too little for it.
        """
        await self._begun()
        await asyncio.sleep(warm_up)
        before, spent, begun, had = await self._in_hand(), cpu(), time.monotonic(), await self.arrived()
        await asyncio.sleep(seconds)
        got, ended, used, after = await self.arrived(), time.monotonic(), cpu(), await self._in_hand()
        if await self._finished() >= self._messages:
            raise StockExhausted("存量太少。 The stock of messages was too small for this machine.")
        per_message = {part: 1000 * (used[part] - spent[part]) / max(1, got - had) for part in spent}
        return Carried((got - had) / (ended - begun), (before, after), per_message)

    async def arrived(self) -> int:
        """How many have arrived so far."""
        return await self._queues.depth(TARGET)

    async def balance(self) -> Balance:
        """Take away what nobody has in hand, let the contestant finish the rest, and count."""
        expected = self._messages - await self._queues.purge(SOURCE)
        try:
            async with asyncio.timeout(_QUIET_SECONDS):
                while await self._finished() < expected:  # noqa: ASYNC110  # because a broker does not say
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            pass
        refused = await self._queues.depth(REFUSED)
        came = await drain(self._url, TARGET, await self.arrived())
        events = {event for event, _ in came}
        return Balance(
            lost=expected - refused - len(events),
            duplicated=len(came) - len(events),
            repeats=came.total() - len(came),
            refused=refused,
        )

    async def _begun(self) -> None:
        async with asyncio.timeout(_START_SECONDS):
            while not await self.arrived():  # noqa: ASYNC110  # because a broker does not say
                await asyncio.sleep(_LOOK_SECONDS)

    async def _finished(self) -> int:
        return await self.arrived() + await self._queues.depth(REFUSED)

    async def _in_hand(self) -> int:
        return self._messages - await self._queues.depth(SOURCE) - await self._finished()


@asynccontextmanager
async def stocked(url: str, messages: int, cases: int) -> AsyncIterator[Stock]:
    """The queues, the first of them full, until the block ends."""
    async with counter(url) as queues:
        await queues.make(SOURCE, TARGET, REFUSED)
        payload, first = Payload(cases), secrets.randbelow(2**40) * 10**6  # a journal remembers earlier ids
        await fill(url, SOURCE, (payload.event(first + number) for number in range(messages)))
        try:
            yield Stock(url, queues, messages)
        finally:
            async with counter(url) as last:  # the broker may have been away in between
                await last.remove(SOURCE, TARGET, REFUSED)


@asynccontextmanager
async def peer(module: str, url: str, window: int) -> AsyncIterator[None]:
    """A peer at work in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, url, SOURCE, TARGET, str(window), stdin=PIPE, stdout=DEVNULL
    )
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
