# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The consumer of one partition: takes frames from the bus and works them off on the path."""

import asyncio

from hub.path import deliver
from hub.ports.bus import Arrived, QueueName, Subscription
from hub.ports.probe import Point
from hub.running import Hub
from hub.workers.relaying import Sweep

PREFETCH = 32
_PAUSE = 0.1  # a bus that is closed ends every subscription at once


async def consume(hub: Hub, sweep: Sweep, queue: QueueName) -> None:
    """Subscribe and deliver, again after every cut. Cancelled: takes nothing more, finishes what is in hand.

    A cut ends the subscription, not the deliveries in hand: the next subscription begins at once, their frames come back
    to the queue by themselves, and the claims are settled all the same.
    """
    working: set[asyncio.Task[None]] = set()
    try:
        while True:
            async with hub.bus.subscribe(queue, PREFETCH) as subscription:
                try:
                    async for arrived in subscription:
                        sweep.arrived(arrived.frame)
                        task = asyncio.create_task(_work(hub, subscription, arrived))
                        working.add(task)
                        task.add_done_callback(working.discard)
                except asyncio.CancelledError:
                    await _drain(working)  # while the subscription is open, so that their frames can be acknowledged
                    raise
            await hub.clock.sleep(_PAUSE)
    finally:
        await _drain(working)


async def _work(hub: Hub, subscription: Subscription, arrived: Arrived) -> None:
    await deliver(hub, arrived.frame)
    hub.probe.reach(Point.BEFORE_ACKNOWLEDGE)
    await subscription.acknowledge([arrived.token])
    hub.probe.reach(Point.AFTER_ACKNOWLEDGE)


async def _drain(working: set[asyncio.Task[None]]) -> None:
    """Wait for the frames in hand; a second cancellation gives up on them, and the journal recovers."""
    if working:
        await asyncio.wait(working)
