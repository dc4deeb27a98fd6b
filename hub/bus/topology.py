# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What must stand in the broker: our queues with our arguments, the place for foreign messages, and the identity.

The identity is one persistent message with an id, kept in a queue of its own. It is as durable as our queues are, so it
is gone when they are, and then a new one is made: whoever compares identities knows that every frame was forgotten. All
of this is looked at under a lock in the broker, an exclusive queue, so that hubs that come at once agree.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from aiormq.abc import AbstractChannel

from hub.bus.amqp_link import Link, LinkLostError, Outgoing, asked
from hub.ports.bus import Published, QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids

ASIDE = "govhub.aside"
IDENTITY = "govhub.identity"
LOCK = "govhub.lock"
SCRATCH = "govhub.scratch"
LOCK_SECONDS = 10.0
LOCK_RETRY_SECONDS = 0.1
DEAF_SECONDS = 20.0
"""How long a queue may exist without answering before it is made anew."""
SPELL_SECONDS = 60.0
"""Silences further apart than this do not belong together: the broker was away in between."""
DELETE_SECONDS = 15.0

log = structlog.get_logger(__name__)


class QueueType(StrEnum):
    """RabbitMQ's durable queue types that keep order and single active consumers."""

    QUORUM = "quorum"
    CLASSIC = "classic"


class Topology:
    """Sees to it that everything stands. Remembers from link to link which queues do not answer."""

    def __init__(
        self,
        queues: Sequence[QueueName],
        queue_type: QueueType,
        clock: Clock,
        ids: Ids,
        deaf_seconds: float = DEAF_SECONDS,
    ) -> None:
        self._queues = [str(queue) for queue in queues]
        self._type = queue_type
        self._clock = clock
        self._ids = ids
        self._deaf_seconds = deaf_seconds
        self._silences: dict[str, tuple[float, float]] = {}
        """The first and the latest silence of every queue that did not answer when last asked."""
        self._condemned: set[str] = set()
        self._last_channel: AbstractChannel | None = None

    async def settle(self, link: Link) -> str:
        """Make everything stand and answer; the identity. Raises ``LinkLostError`` whose reason is for the operator."""
        self._last_channel = None
        async with self._locked(link):
            made = await self._stand(link, IDENTITY)
            lost = [name for name in self._queues if await self._stand(link, name, holds_frames=True)]
            made |= await self._stand(link, ASIDE)
            if (made or lost) and self._type is QueueType.QUORUM:
                await self._secure_registry(link)
            identity = await self._identity(link, lost)
            await asked((await self._channel(link)).close(), "closing a channel")
            return identity

    @asynccontextmanager
    async def _locked(self, link: Link) -> AsyncIterator[None]:
        """Hold the lock. The broker releases it by itself when our connection ends."""
        end = self._clock.monotonic() + LOCK_SECONDS
        while not await self._lock(link):
            if self._clock.monotonic() > end:
                raise LinkLostError(f"another hub has been holding {LOCK} for {LOCK_SECONDS:g} s")
            await self._clock.sleep(LOCK_RETRY_SECONDS)
        yield
        channel = await link.channel()
        await asked(channel.queue_delete(LOCK), LOCK)
        await asked(channel.close(), LOCK)

    async def _lock(self, link: Link) -> bool:
        channel = await self._channel(link)
        try:
            await asked(channel.queue_declare(LOCK, exclusive=True), LOCK)
        except LinkLostError as refusal:
            if refusal.is_locked:
                return False
            raise
        return True

    async def _stand(self, link: Link, name: str, *, holds_frames: bool = False) -> bool:
        """Make a queue stand, and answer; whether it is new. One that has been deaf for too long is made anew.

        The identity goes before a queue is made: were we to die in between, the next hub still learns of the loss.
        """
        exists = await self._exists(link, name)
        made = not exists or name in self._condemned
        if made and holds_frames:
            await self._read_identity(link, keep=False)
        if made and exists:
            log.warning("bus.queue_made_anew", queue=name, deaf_seconds=self._deaf_seconds)
            await asked((await self._channel(link)).queue_delete(name), name, DELETE_SECONDS)
            self._condemned.discard(name)
        await self._declare(link, name, single_consumer=holds_frames)
        if self._type is QueueType.QUORUM:
            await self._listen(link, name)
        return made

    async def _secure_registry(self, link: Link) -> None:
        """Let the broker write down the queues just made, by making one more and taking it away.

        RabbitMQ 3.10 keeps the newest entry of its quorum queue registry in memory for a second or so; when the node is
        killed in that time, the newest queue and every confirmed message in it cannot be read again.
        """
        channel = await self._channel(link)
        arguments = queue_arguments(self._type, link.server_version, single_consumer=False)
        await asked(channel.queue_declare(SCRATCH, durable=True, arguments=arguments), SCRATCH)
        await asked(channel.queue_delete(SCRATCH), SCRATCH)

    async def _exists(self, link: Link, name: str) -> bool:
        channel = await self._channel(link)
        try:
            await asked(channel.queue_declare(name, passive=True), name)
        except LinkLostError as refusal:
            if refusal.is_missing:
                return False
            raise
        return True

    async def _declare(self, link: Link, name: str, *, single_consumer: bool) -> None:
        channel = await self._channel(link)
        arguments = queue_arguments(self._type, link.server_version, single_consumer=single_consumer)
        try:
            await asked(channel.queue_declare(name, durable=True, arguments=arguments), name)
        except LinkLostError as refusal:
            if refusal.is_mismatch:
                raise LinkLostError(
                    f"queue {name} exists with other arguments than this hub's {arguments}; delete it, and what it "
                    f"held is offered again from the journal: {refusal.reason}"
                ) from refusal
            raise

    async def _listen(self, link: Link, name: str) -> None:
        """Raise unless a quorum queue has a leader. Without one it can be declared and looks well, but never answers.

        A queue for a single active consumer refuses ``basic.get``, yet only its leader can say so: the refusal proves
        that it lives, and touches no message.
        """
        channel = await self._channel(link)
        try:
            message = await asked(channel.basic_get(name), name)
        except LinkLostError as refusal:
            if refusal.is_silence:
                self._count_silence(name)
            if not refusal.is_locked:
                raise
        else:
            if message.delivery_tag is not None:
                await asked(channel.basic_nack(message.delivery_tag, requeue=True), name)
        self._silences.pop(name, None)

    def _count_silence(self, name: str) -> None:
        """Note that a queue did not answer, and condemn it when that has gone on for too long."""
        now = self._clock.monotonic()
        first, last = self._silences.get(name, (now, now))
        if now - last > SPELL_SECONDS:
            first = now
        self._silences[name] = (first, now)
        if now - first >= self._deaf_seconds:
            self._condemned.add(name)
            del self._silences[name]

    async def _identity(self, link: Link, lost: Sequence[str]) -> str:
        known = await self._read_identity(link, keep=True)
        if known is None and not lost:
            # A message another hub has just given back may still be on its way between the nodes of a cluster.
            await self._clock.sleep(LOCK_RETRY_SECONDS)
            known = await self._read_identity(link, keep=True)
        if known is None:
            known = str(self._ids.new())
            [published] = await link.publish([Outgoing(IDENTITY, known.encode(), "text/plain")])
            if published is not Published.CONFIRMED:
                raise LinkLostError(f"{IDENTITY}: not confirmed")
            log.warning("bus.new_identity", identity=known, lost=list(lost))
        return known

    async def _read_identity(self, link: Link, *, keep: bool) -> str | None:
        """The identity the broker holds. Whatever else lies there is taken away, and unless ``keep`` the identity too."""
        channel = await self._channel(link)
        while True:
            message = await asked(channel.basic_get(IDENTITY), IDENTITY)
            if message.delivery_tag is None:
                return None
            identity = _identity_in(message.body)
            if keep and identity is not None:
                await asked(channel.basic_nack(message.delivery_tag, requeue=True), IDENTITY)
                return identity
            await asked(channel.basic_ack(message.delivery_tag), IDENTITY)

    async def _channel(self, link: Link) -> AbstractChannel:
        """A channel for the next request: the last one, unless the broker closed it over a refusal."""
        if self._last_channel is None or self._last_channel.is_closed:
            self._last_channel = await link.channel()
        return self._last_channel


def queue_arguments(queue_type: QueueType, server: tuple[int, ...], *, single_consumer: bool) -> dict[str, Any]:
    """The arguments our queues are declared with on a server of that version."""
    arguments: dict[str, Any] = {"x-queue-type": str(queue_type)}
    if single_consumer:
        arguments["x-single-active-consumer"] = True
    if queue_type is QueueType.QUORUM and server >= (4, 0):
        # From 4.0 on quorum queues drop a message after 20 deliveries; attempts are counted in the journal alone.
        arguments["x-delivery-limit"] = -1
    return arguments


def _identity_in(body: bytes) -> str | None:
    with suppress(ValueError):
        return str(UUID(body.decode("ascii")))
    return None
