# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's far side: takes everything, remembers how long each message took and which came twice.

python -m hub.bench.sink      prints its port, ends when its standard input closes
"""

import asyncio
import sys
import time

import orjson
from aiohttp import web


class Tally:
    """Effects by (path, event id); latency counts from the moment the load wanted to send."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.repeats = 0
        self.latencies: list[float] = []
        self.finished = 0.0
        self.poisoned = 0

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        if self.poisoned and int(request.headers["ce-subject"].rpartition("-")[2]) < self.poisoned:
            return web.Response(status=503)
        event = request.headers["ce-id"]
        key = f"{request.path} {event}"
        if key in self.seen:
            self.repeats += 1
        else:
            self.seen.add(key)
            self.finished = time.monotonic()
            self.latencies.append(self.finished - float(event.partition("@")[2]))
        return web.Response(status=204)

    async def tell(self, _: web.Request) -> web.Response:
        body = {"effects": len(self.seen), "repeats": self.repeats, "finished": self.finished}
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    async def hand_over(self, _: web.Request) -> web.Response:
        """All latencies so far, and begin anew."""
        taken, self.latencies = self.latencies, []
        return web.Response(body=orjson.dumps(taken), content_type="application/json")

    async def poison(self, request: web.Request) -> web.Response:
        """Take nothing about so many cases from now on."""
        self.poisoned = int(await request.json())
        return web.Response(status=204)


async def _serve() -> None:
    tally = Tally()
    app = web.Application()
    app.router.add_post("/in/{destination}", tally.take)
    app.router.add_get("/tally", tally.tell)
    app.router.add_post("/latencies", tally.hand_over)
    app.router.add_post("/poison", tally.poison)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await runner.cleanup()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
