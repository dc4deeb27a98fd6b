# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's sender, in a process of its own.

    python -m hub.bench.load      reads one JSON order per line, answers one JSON result per line

``{"url", "key", "seconds", "in_flight", "first", "cases"}`` saturates: so many requests under way at all times.
``{… "rate"}`` is an open loop: requests leave when they are due, whether or not earlier ones were answered, so that a slow
answer cannot hide behind the sender's patience. ``{… "batch"}`` sends so many events with each request.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import orjson
from yarl import URL

from hub.bench.payload import Payload
from hub.bench.plain_http import Caller, request

_MOST_IN_FLIGHT = 2000
_PAUSE_SECONDS = 0.05
"""Between two attempts to connect to a hub that is not there."""

Order: TypeAlias = dict[str, object]


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
    """One round of requests against one hub, on connections that are kept."""

    def __init__(self, order: Order) -> None:
        url = URL(str(order["url"]))
        self._host, self._port = str(url.host), url.port or 80
        headers = {"Host": url.authority, "Authorization": f"Bearer {order['key']}"}
        self._batch = int(str(order.get("batch", 0)))
        kind = "application/cloudevents-batch+json" if self._batch else "application/cloudevents+json"
        self._request = request("/v1/messages", headers | {"Content-Type": kind})
        self._payload = Payload(int(str(order["cases"])))
        self._number = int(str(order["first"]))
        self._result = Result()
        self._due: dict[Caller, float] = {}
        self._idle: list[Caller] = []
        self._beginning: set[asyncio.Task[None]] = set()
        self._freed: Callable[[Caller], None] = self._idle.append
        """What is done with a connection whose request was answered."""

    async def closed(self, seconds: float, in_flight: int) -> Result:
        """As many requests under way at all times."""
        begun = time.monotonic()
        end = begun + seconds
        running, over = in_flight, asyncio.Event()

        def again(caller: Caller | None) -> None:
            nonlocal running
            if caller is not None and time.monotonic() < end:
                if caller.is_open:
                    self._send(caller, time.monotonic())
                else:
                    self._begin(connect())
                return
            if caller is not None:
                self._idle.append(caller)
            running -= 1
            if not running:
                over.set()

        async def connect() -> None:
            again(await self._connected(end))

        self._freed = again
        for _ in range(in_flight):
            self._begin(connect())
        await over.wait()
        return await self._ended(begun)

    async def open(self, seconds: float, rate: float) -> Result:
        """Requests at a rate, each at its time."""
        begun = time.monotonic()
        answered = asyncio.Event()

        def keep(caller: Caller) -> None:
            self._idle.append(caller)
            answered.set()

        self._freed = keep
        for n in range(int(seconds * rate)):
            due = begun + n / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if len(self._due) + len(self._beginning) >= _MOST_IN_FLIGHT:
                self._result.late += 1
            elif caller := self._kept():
                self._send(caller, due)
            else:
                self._begin(self._send_on_another(due))
        while self._beginning or self._due:
            answered.clear()
            await (asyncio.wait(self._beginning) if self._beginning else answered.wait())
        return await self._ended(begun)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _ended(self, begun: float) -> Result:
        self._result.seconds = time.monotonic() - begun
        for caller in self._idle:
            caller.close()
            await caller.ended.wait()
        return self._result

    def _kept(self) -> Caller | None:
        while self._idle:
            if (caller := self._idle.pop()).is_open:
                return caller
        return None

    async def _connected(self, end: float) -> Caller | None:
        """A connection, or None when there was none to be had in time."""
        while True:
            try:
                return await self._connect()
            except OSError as error:
                self._refuse(type(error).__name__)
            if time.monotonic() >= end:
                return None
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _connect(self) -> Caller:
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(lambda: Caller(self._answered), self._host, self._port)
        return caller

    async def _send_on_another(self, due: float) -> None:
        try:
            caller = await self._connect()
        except OSError as error:
            self._refuse(type(error).__name__)
        else:
            self._send(caller, due)

    def _send(self, caller: Caller, due: float) -> None:
        first, self._number = self._number, self._number + max(1, self._batch)
        self._result.sent += 1
        self._due[caller] = due
        if self._batch:
            events = b",".join(self._payload.body(number, due) for number in range(first, self._number))
            caller.send(self._request(b"[%b]" % events))
        else:
            caller.send(self._written(first, due))

    def _written(self, number: int, due: float) -> bytes:
        """The whole request for one event."""
        return self._request(self._payload.body(number, due))

    def _answered(self, caller: Caller, verdict: str, body: bytes) -> None:
        due = self._due.pop(caller)
        taken = body.count(b'{"status":202,') if self._batch and verdict == "200" else int(verdict == "202")
        if taken:
            self._result.accepted += taken
            self._result.latencies.append(time.monotonic() - due)
        if taken < max(1, self._batch):
            self._refuse(verdict)
        self._freed(caller)

    def _refuse(self, verdict: str) -> None:
        self._result.refused[verdict] = self._result.refused.get(verdict, 0) + 1


async def obey(sender: Callable[[Order], Sender]) -> None:
    """Carry out the orders that come in, one after the other."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        order = orjson.loads(line)
        if "rate" in order:
            result = await sender(order).open(order["seconds"], order["rate"])
        else:
            result = await sender(order).closed(order["seconds"], order["in_flight"])
        sys.stdout.buffer.write(orjson.dumps(asdict(result)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(obey(Sender))
