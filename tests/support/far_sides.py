# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Far sides for tests: real HTTP servers with a ledger of the effects they had."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class IdempotentFarSide:
    """Has one effect per idempotency key and answers a repeat as it answered the first; while it ``refuses``, it has none."""

    url: str = ""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """(case, event id) of every effect, in order."""
    marks: dict[str, str] = field(default_factory=dict)
    """The rules by which messages waited in vain, by event id."""
    repeats: int = 0
    refuses: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _keys: set[str] = field(default_factory=set)
    _grew: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.set()
        await self._open.wait()
        if self.refuses:
            return web.Response(status=422)
        key = request.headers["Idempotency-Key"]
        if key in self._keys:
            self.repeats += 1
            return web.Response(status=200)
        self._keys.add(key)
        async with self._grew:
            self.effects.append((request.headers["ce-subject"], request.headers["ce-id"]))
            if "ce-govhubearly" in request.headers:
                self.marks[request.headers["ce-id"]] = request.headers["ce-govhubearly"]
            self._grew.notify_all()
        return web.Response(status=201)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Answer nobody, and have no effect, until the block ends."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def until(self, effects: int, seconds: float) -> None:
        """Wait until there were so many effects."""
        async with asyncio.timeout(seconds), self._grew:
            await self._grew.wait_for(lambda: len(self.effects) >= effects)


@asynccontextmanager
async def idempotent_far_side() -> AsyncIterator[IdempotentFarSide]:
    """One, listening on a free loopback port."""
    far_side = IdempotentFarSide()
    far_side._open.set()
    app = web.Application()
    app.router.add_post("/in", far_side.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    far_side.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    try:
        yield far_side
    finally:
        await runner.cleanup()
