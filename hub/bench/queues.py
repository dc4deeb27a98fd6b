# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Filling and emptying the benchmark's queues, fast enough not to be what is measured."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from yarl import URL

from connectors.amqp.envelope import Address
from connectors.amqp.fate import Confirmed, Fate
from connectors.amqp.wire import Arrival, Wire
from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent

_WINDOW = 500
_PREFETCH = 2000
_ID = "cloudEvents:id"


async def fill(url: str, queue: str, events: Iterable[CloudEvent]) -> int:
    """Publish these events in binary mode, persistent and confirmed; how many there were."""
    address, count = Address("", queue), 0
    async with _wire(url, lambda _: None) as wire:
        under_way: list[asyncio.Future[Fate]] = []
        for event in events:
            content_type, headers, body = amqp.write(event)
            envelope = address.envelope(len(body), content_type, dict(headers), event.id)
            assert envelope is not None
            await wire.clear()
            under_way.append(wire.publish(envelope, event.id, body))
            count += 1
            if len(under_way) >= _WINDOW:
                await _confirmed(under_way)
        await _confirmed(under_way)
    return count


async def _confirmed(under_way: "list[asyncio.Future[Fate]]") -> None:
    fates = await asyncio.gather(*under_way)
    under_way.clear()
    if any(fate != Confirmed() for fate in fates):
        raise RuntimeError("the broker did not take what the benchmark feeds it")


async def drain(url: str, queue: str, count: int) -> Counter[tuple[str, str]]:
    """Take so many messages out of a queue: how often each event came, by its id and the key it came under."""
    seen: Counter[tuple[str, str]] = Counter()
    if not count:
        return seen
    done = asyncio.Event()

    def arrived(arrival: Arrival) -> None:
        headers = arrival.properties.headers
        seen[str(headers.get(_ID)), str(arrival.properties.message_id)] += 1
        total = seen.total()
        if total % (_PREFETCH // 4) == 0 or total == count:
            wire.acknowledge(arrival.tag, multiple=True)
        if total == count:
            done.set()

    async with _wire(url, arrived) as wire:
        await wire.consume(queue, _PREFETCH)
        async with asyncio.timeout(120):
            await done.wait()
    return seen


@asynccontextmanager
async def _wire(url: str, arrived: Callable[[Arrival], None]) -> AsyncIterator[Wire]:
    target = URL(url)
    wire = Wire(arrived)
    await asyncio.get_running_loop().create_connection(lambda: wire, str(target.host), target.port or 5672)
    await wire.open(
        target.user or "guest", target.password or "guest", target.path.removeprefix("/") or "/", "govhub bench",
        confirms=True,
    )  # fmt: skip
    try:
        yield wire
    finally:
        await wire.close()
