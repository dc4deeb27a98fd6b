# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Offers: what a commit put on its way to the bus, gathered into frames."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.pool import DATABASE_ERRORS, down
from hub.journal.queries import query
from hub.ports.bus import Frame, QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import JournalDown


class OfferBoard:
    """Where commits leave their frames for the relay. Frames are unbounded here but small, and the window bounds them."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[Sequence[Frame]] = asyncio.Queue()
        self._congested: frozenset[QueueName] = frozenset()

    def post(self, frame_id: UUID, offered: Iterable[tuple[UUID, QueueName]]) -> int:
        """Group deliveries of one commit by partition: one frame each. Answers how many deliveries there were."""
        by_queue: dict[QueueName, list[UUID]] = {}
        for delivery, queue in offered:
            by_queue.setdefault(queue, []).append(delivery)
        if by_queue:
            self._frames.put_nowait([Frame(frame_id, queue, tuple(ids)) for queue, ids in by_queue.items()])
        return sum(map(len, by_queue.values()))

    def open_for(self, queue: QueueName) -> bool:
        """Whether the window of a partition has room, as last heard."""
        return queue not in self._congested

    def congested(self, queues: frozenset[QueueName]) -> None:
        self._congested = queues

    async def frames(self) -> AsyncIterator[Sequence[Frame]]:
        while True:
            yield await self._frames.get()


class PostgresOffers:
    """The part :class:`hub.ports.journal.Offers`."""

    def __init__(self, pool: asyncpg.Pool, board: OfferBoard, clock: Clock, ids: Ids) -> None:
        self._pool = pool
        self._board = board
        self._clock = clock
        self._ids = ids

    def offered(self) -> AsyncIterator[Sequence[Frame]]:
        return self._board.frames()

    def congested(self, queues: frozenset[QueueName]) -> None:
        self._board.congested(queues)

    async def offer_due(self, queue: QueueName, window: int) -> int | JournalDown:
        frame, now = self._ids.new(), self._clock.now()
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                room = window - await connection.fetchval(query("count_offered"), queue.group, queue.partition)
                if room <= 0:
                    return 0
                rows = await connection.fetch(
                    query("offer_due"), queue.group, queue.partition, now, min(room, window), frame
                )
        except DATABASE_ERRORS as error:
            return down(error)
        return self._board.post(frame, ((r["id"], queue) for r in rows))

    async def give_back(self, deliveries: Sequence[UUID]) -> None | JournalDown:
        try:
            await self._pool.execute(query("give_back"), list(deliveries), self._clock.now())
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def astray(self, queue: QueueName, older_than: datetime) -> Sequence[tuple[UUID, UUID]] | JournalDown:
        try:
            rows = await self._pool.fetch(query("astray"), queue.group, queue.partition, older_than)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(r["id"], r["frame_id"]) for r in rows]
