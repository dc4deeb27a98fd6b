# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The bus on a RabbitMQ broker, 3.10 or later, single or clustered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from hub.bus.amqp_link import CONFIRM_SECONDS, LinkLostError, Outgoing
from hub.bus.frame_codec import MEDIA_TYPE, encode
from hub.bus.rabbitmq_subscription import RabbitSubscription
from hub.bus.rabbitmq_supervisor import Supervisor
from hub.bus.topology import DEAF_SECONDS, QueueType, Topology
from hub.ports.bus import Arrived, BusDown, BusState, BusUp, Frame, Published, QueueName, Subscription
from hub.ports.clock import Clock
from hub.ports.ids import Ids

OPEN_SECONDS = 5.0
CONSUME_RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class RabbitBus:
    """Give it a URL (``amqp://`` or ``amqps://``).

    ``random`` gives numbers from 0 up to 1, for the jitter. ``deaf_seconds`` is how long a queue that exists may not
    answer before it is made anew, empty; the journal fills it again.
    ``on_foreign`` is told of every message on our queues that is no frame of ours.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        ids: Ids,
        random: Callable[[], float],
        *,
        queue_type: QueueType = QueueType.QUORUM,
        deaf_seconds: float = DEAF_SECONDS,
        on_foreign: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_foreign = on_foreign
        self._url = url
        self._clock = clock
        self._ids = ids
        self._random = random
        self._queue_type = queue_type
        self._deaf_seconds = deaf_seconds
        self._unopened = BusDown("not opened", clock.monotonic())
        self._supervisor: Supervisor | None = None
        self._closing: asyncio.Task[None] | None = None
        self._publishing = 0
        self._idle = asyncio.Event()
        """Set while no publish is under way."""
        self._idle.set()
        self._subscriptions: set[RabbitSubscription] = set()

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        # aiormq reports every lost connection by itself, with tracebacks; the bus says it once, as a change of state.
        logging.getLogger("aiormq").setLevel(logging.CRITICAL)
        topology = Topology(queues, self._queue_type, self._clock, self._ids, self._deaf_seconds)
        self._supervisor = Supervisor(self._url, topology, self._clock, self._random)
        self._supervisor.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS):
                await self._supervisor.told.wait()
        return self._supervisor.state

    async def close(self) -> None:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(), name="bus closing")
        await asyncio.shield(self._closing)

    def state(self) -> BusState:
        return self._supervisor.state if self._supervisor is not None else self._unopened

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        link = self._supervisor.link if self._supervisor is not None else None
        if link is None or not frames or not isinstance(self.state(), BusUp):
            return [Published.UNCONFIRMED] * len(frames)
        self._publishing += 1
        self._idle.clear()
        try:
            return await link.publish([Outgoing(str(frame.queue), encode(frame), MEDIA_TYPE) for frame in frames])
        finally:
            self._publishing -= 1
            if self._publishing == 0:
                self._idle.set()

    @asynccontextmanager
    async def subscribe(self, queue: QueueName, prefetch: int) -> AsyncIterator[Subscription]:
        subscription = await self._consume(queue, prefetch)
        if subscription is None:
            yield _Ended()
            return
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            await subscription.close()

    async def _consume(self, queue: QueueName, prefetch: int) -> RabbitSubscription | None:
        """A subscription as soon as there can be one; None once the bus is closed."""
        supervisor = self._supervisor
        while supervisor is not None:
            await supervisor.attached.wait()
            if supervisor.closing:
                break
            if supervisor.link is not None:
                try:
                    return await RabbitSubscription.begin(
                        supervisor.link, queue, prefetch, self._clock, self._on_foreign
                    )
                except LinkLostError as refusal:
                    log.warning("bus.consume_refused", queue=str(queue), reason=refusal.reason)
            await self._clock.sleep(CONSUME_RETRY_SECONDS)
        return None

    async def _close(self) -> None:
        if self._supervisor is None:
            return
        self._supervisor.begin_closing()
        await asyncio.gather(*(subscription.close() for subscription in self._subscriptions))
        with suppress(TimeoutError):
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._idle.wait()
        await self._supervisor.stop()


class _Ended:
    """What a closed bus gives those who subscribe: a subscription that is over."""

    def __aiter__(self) -> AsyncIterator[Arrived]:
        return self

    async def __anext__(self) -> Arrived:
        raise StopAsyncIteration

    async def acknowledge(self, tokens: Sequence[int]) -> None:
        """Nothing: there are no frames."""

    async def give_back(self, tokens: Sequence[int]) -> None:
        """Nothing: there are no frames."""
