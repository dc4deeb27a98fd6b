# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Consuming one RabbitMQ queue on a channel of its own, so that closing the channel gives back what was not settled."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import Self, TypeAlias

import structlog
from aiormq import spec
from aiormq.abc import AbstractChannel, DeliveredMessage

from hub.bus.amqp_link import Link, LinkLostError, Outgoing, asked
from hub.bus.frame_codec import decode
from hub.bus.topology import ASIDE
from hub.ports.bus import Arrived, Foreign, Frame, Published, QueueName
from hub.ports.clock import Clock

ASIDE_RETRY_SECONDS = 2.0
_AGAIN = "govhub-again"
"""A foreign message that went to the end of our queue, since there was no place for it."""

Answer: TypeAlias = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


class RabbitSubscription:
    """One consumer of one queue; a token is the delivery tag of its channel. One task may iterate it at a time."""

    def __init__(
        self,
        link: Link,
        channel: AbstractChannel,
        queue: QueueName,
        prefetch: int,
        clock: Clock,
        on_foreign: Callable[[], None],
    ) -> None:
        self._prefetch = prefetch
        self._on_foreign = on_foreign
        self._link = link
        self._channel = channel
        self._queue = queue
        self._clock = clock
        self._arrived: deque[Arrived] = deque()
        self._unsettled: dict[int, None] = {}
        """Every tag the broker waits for, in its order; also those of foreign messages and of frames not yet taken."""
        self._setting_aside: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._ended = False

    @classmethod
    async def begin(
        cls,
        link: Link,
        queue: QueueName,
        prefetch: int,
        clock: Clock,
        on_foreign: Callable[[], None] = lambda: None,
    ) -> Self:
        """Start consuming. Raises ``LinkLostError``; a queue that is missing or deaf puts the link in doubt."""
        channel = await link.channel()
        subscription = cls(link, channel, queue, prefetch, clock, on_foreign)
        channel.closing.add_done_callback(lambda _: subscription.end())
        channel.on_consumer_cancel_callbacks.add(subscription._on_cancelled)
        try:
            await asked(channel.basic_qos(prefetch_count=prefetch), f"{queue}: prefetch")
            await asked(channel.basic_consume(str(queue), subscription._on_message), f"{queue}: consume")
        except BaseException as error:
            if isinstance(error, LinkLostError):
                link.doubt()
            await subscription.close()
            raise
        return subscription

    def __aiter__(self) -> AsyncIterator[Arrived]:
        return self

    async def __anext__(self) -> Arrived:
        while not self._ended:
            if self._arrived:
                return self._arrived.popleft()
            self._stirred.clear()
            await self._stirred.wait()
        raise StopAsyncIteration

    async def acknowledge(self, tokens: Sequence[int]) -> None:
        known = set(tokens) & self._unsettled.keys()
        together = list(takewhile(known.__contains__, self._unsettled))
        alone = sorted(known.difference(together))
        answers = [partial(self._channel.basic_ack, tag) for tag in alone]
        if together:
            answers.insert(0, partial(self._channel.basic_ack, together[-1], multiple=True))
        await self._settle(known, answers)

    async def give_back(self, tokens: Sequence[int]) -> None:
        known = set(tokens) & self._unsettled.keys()
        await self._settle(known, [partial(self._channel.basic_nack, tag, requeue=True) for tag in sorted(known)])

    def end(self) -> None:
        """End the iteration; called when the channel is gone, whoever closed it."""
        self._ended = True
        self._arrived.clear()
        self._unsettled.clear()
        self._stirred.set()

    async def close(self) -> None:
        """Stop consuming and let the broker take back what was not settled. Idempotent."""
        self.end()
        for task in self._setting_aside:
            task.cancel()
        await asyncio.gather(*self._setting_aside, return_exceptions=True)
        with suppress(LinkLostError):
            await asked(self._channel.close(), f"{self._queue}: close")

    async def _settle(self, tags: set[int], answers: Sequence[Answer]) -> None:
        """Send the answers. Were they to go out by halves, everything comes again instead: the subscription ends."""
        for tag in tags:
            del self._unsettled[tag]
        complete = False
        try:
            with suppress(LinkLostError):
                await asked(_one_by_one(answers), f"{self._queue}: settle")
                complete = True
        finally:
            if not complete:
                self.end()

    async def _on_message(self, message: DeliveredMessage) -> None:
        tag = message.delivery_tag
        if self._ended or tag is None or not isinstance(message.delivery, spec.Basic.Deliver):
            return
        self._unsettled[tag] = None
        match decode(message.body, message.header.properties.content_type, self._queue):
            case Frame() as frame:
                self._arrived.append(Arrived(frame, tag, bool(message.delivery.redelivered)))
                self._stirred.set()
            case Foreign(reason):
                task = asyncio.get_running_loop().create_task(self._set_aside(tag, message, reason))
                self._setting_aside.add(task)
                task.add_done_callback(self._setting_aside.discard)

    async def _set_aside(self, tag: int, message: DeliveredMessage, reason: str) -> None:
        """Move a foreign message to where people look; only when it is safe there is it taken off our queue.

        As long as there is no place for it, it waits in hand; where these are more than half of what may be in hand, they go
        to the end of the queue instead, so that what is ours comes between them. Round and round, a pause at each turn.
        """
        waited = _AGAIN not in (message.header.properties.headers or {})
        if waited:
            self._on_foreign()
            log.warning("bus.foreign_message", queue=str(self._queue), reason=reason, bytes=len(message.body))
        media_type = message.header.properties.content_type or "application/octet-stream"
        copy = Outgoing(ASIDE, message.body, media_type, {"govhub-reason": reason, "govhub-queue": str(self._queue)})
        try:
            while await self._link.publish_apart(copy) is not Published.CONFIRMED:
                if waited and 2 * len(self._setting_aside) > self._prefetch:
                    last = Outgoing(str(self._queue), message.body, media_type, {_AGAIN: True})
                    if await self._link.publish_apart(last) is Published.CONFIRMED:
                        break
                await self._clock.sleep(ASIDE_RETRY_SECONDS)
                waited = True
            await self.acknowledge([tag])
        except Exception:
            log.exception("bus.set_aside_failed", queue=str(self._queue))

    def _on_cancelled(self, _: object) -> None:
        """The broker ended the consumer: the queue was deleted or moved away."""
        self._link.doubt()
        self.end()


async def _one_by_one(answers: Sequence[Answer]) -> None:
    for answer in answers:
        await answer()
