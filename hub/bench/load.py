# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's sender, in a process of its own.

    python -m hub.bench.load      reads one JSON order per line, answers one JSON result per line

``{"url", "key", "seconds", "in_flight", "first", "cases"}`` saturates: so many requests under way at all times.
``{… "rate"}`` is an open loop: requests leave when they are due, whether or not earlier ones were answered, so that a slow
answer cannot hide behind the sender's patience.
"""

import asyncio
import sys
import time
from dataclasses import asdict, dataclass, field

import aiohttp
import orjson

from hub.bench.payload import Payload

_MOST_IN_FLIGHT = 2000


@dataclass
class Result:
    """Counts, and seconds from due to answered."""

    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    sent: int = 0
    late: int = 0


class Sender:
    """One session of requests against one hub."""

    def __init__(self, session: aiohttp.ClientSession, order: dict[str, object]) -> None:
        self._session = session
        self._url = f"{order['url']}/v1/messages"
        self._headers = {
            "Authorization": f"Bearer {order['key']}",
            "Content-Type": "application/cloudevents+json",
        }
        self._payload = Payload(int(str(order["cases"])))
        self._number = int(str(order["first"]))
        self._result = Result()

    async def closed(self, seconds: float, in_flight: int) -> Result:
        begun = time.monotonic()
        end = begun + seconds

        async def worker() -> None:
            while time.monotonic() < end:
                await self._send(time.monotonic())

        await asyncio.gather(*(worker() for _ in range(in_flight)))
        self._result.seconds = time.monotonic() - begun
        return self._result

    async def open(self, seconds: float, rate: float) -> Result:
        begun = time.monotonic()
        under_way: set[asyncio.Task[None]] = set()
        for n in range(int(seconds * rate)):
            due = begun + n / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if len(under_way) >= _MOST_IN_FLIGHT:
                self._result.late += 1
                continue
            task = asyncio.create_task(self._send(due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if under_way:
            await asyncio.wait(under_way)
        self._result.seconds = time.monotonic() - begun
        return self._result

    async def _send(self, due: float) -> None:
        number, self._number = self._number, self._number + 1
        self._result.sent += 1
        body = self._payload.body(number, due)
        try:
            async with self._session.post(self._url, data=body, headers=self._headers) as answer:
                await answer.read()
                verdict = str(answer.status)
        except aiohttp.ClientError as error:
            verdict = type(error).__name__
        if verdict == "202":
            self._result.accepted += 1
            self._result.latencies.append(time.monotonic() - due)
        else:
            self._result.refused[verdict] = self._result.refused.get(verdict, 0) + 1


async def _obey() -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            order = orjson.loads(line)
            sender = Sender(session, order)
            if "rate" in order:
                result = await sender.open(order["seconds"], order["rate"])
            else:
                result = await sender.closed(order["seconds"], order["in_flight"])
            sys.stdout.buffer.write(orjson.dumps(asdict(result)) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_obey())
