# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's far side: takes everything, remembers how long each message took and which came twice.

python -m hub.bench.sink      prints its port, ends when its standard input closes
"""

import asyncio
import sys
import time

import orjson

from hub.bench.plain_http import Callee, header

_BACKLOG = 1024


class Tally:
    """Effects by (path, event id); latency counts from the moment the load wanted to send."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.repeats = 0
        self.latencies: list[float] = []
        self.finished = 0.0
        self.poisoned = 0

    def respond(self, method: str, path: str, head: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        match method, path:
            case "POST", _ if path.startswith("/in/"):
                return self._take(path, head), b""
            case "GET", "/tally":
                told = {"effects": len(self.seen), "repeats": self.repeats, "finished": self.finished}
                return 200, orjson.dumps(told)
            case "POST", "/latencies":  # all so far, and begin anew
                taken, self.latencies = self.latencies, []
                return 200, orjson.dumps(taken)
            case "POST", "/poison":  # take nothing about so many cases from now on
                self.poisoned = int(orjson.loads(body))
                return 204, b""
            case _:
                return 404, b""

    def _take(self, path: str, head: bytes) -> int:
        if self.poisoned and int(header(head, b"ce-subject").rpartition("-")[2]) < self.poisoned:
            return 503
        event = header(head, b"ce-id")
        key = f"{path} {event}"
        if key in self.seen:
            self.repeats += 1
        else:
            self.seen.add(key)
            self.finished = time.monotonic()
            self.latencies.append(self.finished - float(event.partition("@")[2]))
        return 204


async def _serve() -> None:
    tally, loop = Tally(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Callee(tally.respond), "127.0.0.1", 0, backlog=_BACKLOG)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
