# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the parts can do alone on this machine, now: the yardsticks the hub is held against."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

_BODY = b"x" * 2048


def fdatasyncs(directory: Path, seconds: float = 1.0) -> float:
    """4 KB writes made durable per second: what the disk allows one by one."""
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        return _rate_of(lambda: _sync_once(file.fileno()), seconds)


def _sync_once(descriptor: int) -> None:
    os.pwrite(descriptor, _BODY * 2, 0)
    os.fdatasync(descriptor)


def _rate_of(act: Callable[[], None], seconds: float) -> float:
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        act()
        count += 1
    return count / (time.perf_counter() - begun)


async def http_loop(seconds: float = 2.0, in_flight: int = 50) -> float:
    """POSTs of 2 KB per second between a bare aiohttp client and server that share this process."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def post() -> None:
                async with session.post(url, data=_BODY) as answer:
                    await answer.read()

            return await _concurrently(post, seconds, in_flight)
    finally:
        await runner.cleanup()


async def _concurrently(act: Callable[[], Awaitable[None]], seconds: float, in_flight: int) -> float:
    begun, count = time.perf_counter(), 0

    async def worker() -> None:
        nonlocal count
        while time.perf_counter() - begun < seconds:
            await act()
            count += 1

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return count / (time.perf_counter() - begun)
