# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a bare aio-pika relay carries, one AMQP message per message: the bus is held against it in benchmarks."""

import asyncio
import time

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from pamqp.common import FieldTable

_BODY = b"x" * 2048
_STOCK = 8000
_QUORUM: FieldTable = {"x-queue-type": "quorum"}


async def bare_relay(url: str, window: int = 50) -> float:
    """Persistent 2 KB messages per second from one quorum queue to another: consume, publish confirmed, acknowledge."""
    connection = await aio_pika.connect(url)
    async with connection:
        fill, take = await connection.channel(), await connection.channel()
        await take.set_qos(prefetch_count=window)
        source = await take.declare_queue("govhub.yardstick.in", durable=True, arguments=_QUORUM)
        target = await take.declare_queue("govhub.yardstick.out", durable=True, arguments=_QUORUM)
        try:
            for _ in range(_STOCK // window):
                await asyncio.gather(*(_publish(fill, source.name) for _ in range(window)))
            relayed = 0
            emptied = asyncio.Event()

            async def relay(message: AbstractIncomingMessage) -> None:
                nonlocal relayed
                await _publish(take, target.name)
                await message.ack()
                relayed += 1
                if relayed == _STOCK:
                    emptied.set()

            tag = await source.consume(relay)
            begun = time.perf_counter()
            await emptied.wait()
            rate = relayed / (time.perf_counter() - begun)
            await source.cancel(tag)
            return rate
        finally:
            await source.delete(if_unused=False, if_empty=False)
            await target.delete(if_unused=False, if_empty=False)


async def _publish(channel: aio_pika.abc.AbstractChannel, queue: str) -> None:
    message = aio_pika.Message(_BODY, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key=queue, timeout=10)
