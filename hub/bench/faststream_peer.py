# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a user would write instead with FastStream: consume, validate, publish; at least once, nothing journaled.

python -m hub.bench.faststream_peer URL SOURCE TARGET WINDOW      until its input closes

Handed on are the bytes that came, so that nothing is spent on writing the model again.
"""

import asyncio
import os
import sys

from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from contracts.catalogue import builtin
from hub.bench.payload import CONTRACT

Application = builtin().versions(CONTRACT)[0].model


async def _main(url: str, source: str, target: str, window: int) -> None:
    broker = RabbitBroker(url, logger=None)
    channel = Channel(prefetch_count=window)

    @broker.subscriber(RabbitQueue(source, declare=False), channel=channel, ack_policy=AckPolicy.NACK_ON_ERROR)
    async def relay(application: Application, message: RabbitMessage) -> None:  # type: ignore[valid-type]
        del application  # it is valid, else nobody had called
        await broker.publish(
            message.body,
            target,
            persist=True,
            content_type=message.content_type,
            headers=message.headers,
            message_id=message.message_id,
        )

    await broker.start()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)  # what is under way is the broker's to give back


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
