# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a bare aio-pika relay carries, one AMQP message per message: the bus is held against it in benchmarks.

python -m hub.bus.yardstick URL SOURCE TARGET WINDOW      relays in a process of its own until its input closes
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pamqp.common import FieldTable

_BODY = b"x" * 2048
_STOCK = 8000
_QUORUM: FieldTable = {"x-queue-type": "quorum"}


class Counter:
    """Queues for a benchmark, made, counted and taken away."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    async def make(self, *names: str) -> None:
        """Durable quorum queues, empty."""
        for name in names:
            await self._channel.declare_queue(name, durable=True, arguments=_QUORUM)
            await (await self._channel.get_queue(name)).purge()

    async def remove(self, *names: str) -> None:
        for name in names:
            await self._channel.queue_delete(name)

    async def purge(self, name: str) -> int:
        """Throw away what nobody has in hand; how many messages that were."""
        return (await (await self._channel.get_queue(name)).purge()).message_count or 0

    async def depth(self, name: str) -> int:
        """How many messages lie in a queue and nobody has in hand."""
        declared = await self._channel.declare_queue(name, passive=True)
        return declared.declaration_result.message_count or 0


@asynccontextmanager
async def counter(url: str) -> AsyncIterator[Counter]:
    """A connection to count on."""
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)  # it reports a killed broker with tracebacks
    connection = await aio_pika.connect(url)
    async with connection:
        yield Counter(await connection.channel())


async def bare_relay(url: str, window: int = 50) -> float:
    """Persistent 2 KB messages per second from one quorum queue to another: consume, publish confirmed, acknowledge."""
    source, target = "govhub.yardstick.in", "govhub.yardstick.out"
    async with counter(url) as queues, await aio_pika.connect(url) as connection:
        await queues.make(source, target)
        try:
            fill = await connection.channel()
            for _ in range(_STOCK // window):
                await asyncio.gather(*(_publish(fill, source, _BODY) for _ in range(window)))
            emptied = asyncio.Event()
            async with _relaying(connection, source, target, window, _STOCK, emptied):
                begun = time.perf_counter()
                await emptied.wait()
                return _STOCK / (time.perf_counter() - begun)
        finally:
            await queues.remove(source, target)


@asynccontextmanager
async def _relaying(
    connection: aio_pika.abc.AbstractConnection, source: str, target: str, window: int, stock: int, end: asyncio.Event
) -> AsyncIterator[None]:
    """Relay for the length of the block; ``end`` is set when the stock has been relayed."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=window)
    relayed = 0

    async def relay(message: AbstractIncomingMessage) -> None:
        nonlocal relayed
        await _publish(channel, target, message.body, message)
        await message.ack()
        relayed += 1
        if relayed == stock:
            end.set()

    queue = await channel.get_queue(source)
    tag = await queue.consume(relay)
    try:
        yield
    finally:
        await queue.cancel(tag)


async def _publish(
    channel: AbstractChannel, queue: str, body: bytes, like: AbstractIncomingMessage | None = None
) -> None:
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    if like is not None:
        message.content_type, message.headers, message.message_id = like.content_type, like.headers, like.message_id
    await channel.default_exchange.publish(message, routing_key=queue, timeout=10)


async def _main(url: str, source: str, target: str, window: int) -> None:
    async with (
        await aio_pika.connect(url) as connection,
        _relaying(connection, source, target, window, 0, asyncio.Event()),
    ):
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
        os._exit(0)  # what is under way is the broker's to give back


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
