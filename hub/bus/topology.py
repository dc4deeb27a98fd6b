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
from aiormq import spec
from aiormq.abc import AbstractChannel

from hub.bus.amqp_link import Link, LinkLostError, Outgoing, asked
from hub.ports.bus import Published, QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids

ASIDE = "govhub.aside"
IDENTITY = "govhub.identity"
LOCK = "govhub.lock"
LOCK_SECONDS = 10.0
DEAF_SECONDS = 20.0
"""How long a queue may exist without answering before it is made anew."""
DELETE_SECONDS = 15.0

log = structlog.get_logger(__name__)


class QueueType(StrEnum):
    """RabbitMQ's durable queue types that keep order and single active consumers."""

    QUORUM = "quorum"
    CLASSIC = "classic"


class Topology:
    """Sees to it that everything stands. Remembers from link to link which queues do not answer."""

    def __init__(self, queues: Sequence[QueueName], queue_type: QueueType, clock: Clock, ids: Ids) -> None:
        self._queues = [str(queue) for queue in queues]
        self._type = queue_type
        self._clock = clock
        self._ids = ids
        self._deaf_since: dict[str, float] = {}

    async def settle(self, link: Link) -> str:
        """Make everything stand and answer; the identity. Raises ``LinkLostError`` whose reason is for the operator."""
        async with self._lock(link):
            forgotten = [name for name in self._queues if await self._stands_anew(link, name, single_consumer=True)]
            await self._stands_anew(link, ASIDE, single_consumer=False)
            return await self._identity(link, forgotten)

    @asynccontextmanager
    async def _lock(self, link: Link) -> AsyncIterator[None]:
        """Hold the lock. The broker releases it by itself when our connection ends."""
        end = self._clock.monotonic() + LOCK_SECONDS
        while not await self._locked(link):
            if self._clock.monotonic() > end:
                raise LinkLostError(f"another hub has been holding {LOCK} for {LOCK_SECONDS:g} s")
            await self._clock.sleep(0.1)
        yield
        channel = await link.channel()
        await asked(channel.queue_delete(LOCK), LOCK)
        await asked(channel.close(), LOCK)

    async def _locked(self, link: Link) -> bool:
        channel = await link.channel()
        try:
            await asked(channel.queue_declare(LOCK, exclusive=True), LOCK)
        except LinkLostError as refusal:
            if refusal.is_locked:
                return False
            raise
        await asked(channel.close(), LOCK)
        return True

    async def _stands_anew(self, link: Link, name: str, *, single_consumer: bool) -> bool:
        """Make a queue stand; whether whatever it held before is gone."""
        anew = not await self._exists(link, name)
        await self._declare(link, name, single_consumer=single_consumer)
        if not anew and self._is_deaf_too_long(name):
            log.warning("bus.queue_made_anew", queue=name, deaf_seconds=DEAF_SECONDS)
            await self._delete(link, name)
            await self._declare(link, name, single_consumer=single_consumer)
            anew = True
        if self._type is QueueType.QUORUM:
            await self._listen(link, name)
        return anew

    async def _exists(self, link: Link, name: str) -> bool:
        channel = await link.channel()
        try:
            await asked(channel.queue_declare(name, passive=True), name)
        except LinkLostError as refusal:
            if refusal.is_missing:
                return False
            raise
        await asked(channel.close(), name)
        return True

    async def _declare(self, link: Link, name: str, *, single_consumer: bool) -> None:
        channel = await link.channel()
        arguments = self._arguments(link, single_consumer=single_consumer)
        try:
            await asked(channel.queue_declare(name, durable=True, arguments=arguments), name)
        except LinkLostError as refusal:
            if refusal.is_mismatch:
                raise LinkLostError(
                    f"queue {name} exists with other arguments than this hub's {arguments}; delete it, and what it "
                    f"held is offered again from the journal: {refusal.reason}"
                ) from refusal
            raise
        await asked(channel.close(), name)

    def _arguments(self, link: Link, *, single_consumer: bool) -> dict[str, Any]:
        arguments: dict[str, Any] = {"x-queue-type": str(self._type)}
        if single_consumer:
            arguments["x-single-active-consumer"] = True
        if self._type is QueueType.QUORUM and link.server_version >= (4, 0):
            # From 4.0 on quorum queues drop a message after 20 deliveries; attempts are counted in the journal alone.
            arguments["x-delivery-limit"] = -1
        return arguments

    async def _listen(self, link: Link, name: str) -> None:
        """Raise unless a quorum queue has a leader. Without one it can be declared and looks well, but never answers.

        A queue for a single active consumer refuses ``basic.get``, yet only its leader can say so: the refusal proves
        that it lives, and touches no message.
        """
        channel = await link.channel()
        try:
            message = await asked(channel.basic_get(name), name)
        except LinkLostError as refusal:
            if not refusal.is_locked:
                self._deaf_since.setdefault(name, self._clock.monotonic())
                raise
        else:
            if message.delivery_tag is not None:
                await asked(channel.basic_nack(message.delivery_tag, requeue=True), name)
            await asked(channel.close(), name)
        self._deaf_since.pop(name, None)

    def _is_deaf_too_long(self, name: str) -> bool:
        since = self._deaf_since.get(name)
        return since is not None and self._clock.monotonic() - since >= DEAF_SECONDS

    async def _delete(self, link: Link, name: str) -> None:
        channel = await link.channel()
        await asked(channel.queue_delete(name), name, DELETE_SECONDS)
        await asked(channel.close(), name)
        self._deaf_since.pop(name, None)

    async def _identity(self, link: Link, forgotten: Sequence[str]) -> str:
        if self._is_deaf_too_long(IDENTITY):
            await self._delete(link, IDENTITY)
        await self._declare(link, IDENTITY, single_consumer=False)
        channel = await link.channel()
        known = await self._read_identity(channel, keep=not forgotten)
        if known is None:
            known = await self._make_identity(link)
            log.warning("bus.new_identity", identity=known, forgotten=list(forgotten))
        await asked(channel.close(), IDENTITY)
        return known

    async def _read_identity(self, channel: AbstractChannel, *, keep: bool) -> str | None:
        """The identity the broker holds. Whatever else lies there is taken away; all of it unless ``keep``."""
        while True:
            try:
                message = await asked(channel.basic_get(IDENTITY), IDENTITY)
            except LinkLostError:
                self._deaf_since.setdefault(IDENTITY, self._clock.monotonic())
                raise
            self._deaf_since.pop(IDENTITY, None)
            if not isinstance(message.delivery, spec.Basic.GetOk) or message.delivery_tag is None:
                return None
            identity = _identity_in(message.body)
            if keep and identity is not None:
                await asked(channel.basic_nack(message.delivery_tag, requeue=True), IDENTITY)
                return identity
            await asked(channel.basic_ack(message.delivery_tag), IDENTITY)

    async def _make_identity(self, link: Link) -> str:
        identity = str(self._ids.new())
        [published] = await link.publish([Outgoing(IDENTITY, identity.encode(), "text/plain")])
        if published is not Published.CONFIRMED:
            raise LinkLostError(f"{IDENTITY}: not confirmed")
        return identity


def _identity_in(body: bytes) -> str | None:
    with suppress(ValueError):
        return str(UUID(body.decode("ascii")))
    return None
