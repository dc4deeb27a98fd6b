# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Offers: what a commit put on its way to the bus, gathered into frames."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence, Set
from datetime import datetime
from uuid import UUID

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.bus import Frame, Offer, QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import JournalDown, Pressure


class OfferBoard:
    """Where commits leave their frames for the relay. Frames are unbounded here but small, and the window bounds them."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[Sequence[Frame]] = asyncio.Queue()
        self._congested: frozenset[QueueName] = frozenset()
        self._shut: frozenset[str] = frozenset()
        self._crowds: frozenset[tuple[QueueName, str]] = frozenset()

    def post(self, frame_id: UUID, offered: Iterable[tuple[UUID, str, QueueName]]) -> int:
        """Group what one commit offered, as (delivery, destination, queue), by partition: one frame each.

        Answers how many offers there were.
        """
        by_queue: dict[QueueName, list[Offer]] = {}
        for delivery, destination, queue in offered:
            by_queue.setdefault(queue, []).append(Offer(delivery, destination, queue.partition))
        if by_queue:
            self._frames.put_nowait([Frame(frame_id, queue, tuple(offers)) for queue, offers in by_queue.items()])
        return sum(map(len, by_queue.values()))

    def open_for(self, queue: QueueName, destination: str) -> bool:
        """Whether the window of a partition has room for this destination, as last heard."""
        return queue not in self._congested and (queue, destination) not in self._crowds

    def takes(self, destination: str) -> bool:
        """Whether a destination is offered anything, as last heard."""
        return destination not in self._shut

    def shut(self, destinations: frozenset[str]) -> None:
        self._shut = destinations

    def congested(self, queues: frozenset[QueueName], crowds: frozenset[tuple[QueueName, str]]) -> None:
        self._congested, self._crowds = queues, crowds

    async def frames(self) -> AsyncIterator[Sequence[Frame]]:
        while True:
            yield await self._frames.get()


class PostgresOffers:
    """The part :class:`hub.ports.journal.Offers`."""

    def __init__(self, pool: JournalPool, board: OfferBoard, clock: Clock, ids: Ids, incarnation: UUID) -> None:
        self._incarnation = incarnation
        self._pool = pool
        self._board = board
        self._clock = clock
        self._ids = ids

    def offered(self) -> AsyncIterator[Sequence[Frame]]:
        return self._board.frames()

    def congested(self, queues: frozenset[QueueName], crowds: frozenset[tuple[QueueName, str]] = frozenset()) -> None:
        self._board.congested(queues, crowds)

    async def overdue(self, limit: int) -> Sequence[tuple[UUID, QueueName, str]] | JournalDown:
        try:
            rows = await self._pool.promptly(query("overdue_deliveries"), self._incarnation, self._clock.now(), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(row["id"], QueueName(row["grp"], row["partition"]), row["destination"]) for row in rows]

    def shut(self, destinations: frozenset[str]) -> None:
        self._board.shut(destinations)

    async def pressure(self, queues: Sequence[QueueName]) -> Mapping[QueueName, Pressure] | JournalDown:
        try:
            rows = await self._pool.promptly(
                query("pressure"), *columns([(q.group, q.partition) for q in queues], width=2)
            )
        except DATABASE_ERRORS as error:
            return down(error)
        offered: dict[QueueName, dict[str, int]] = {queue: {} for queue in queues}
        for row in rows:
            if not row["ready"]:
                offered[QueueName(row["grp"], row["partition"])][row["destination"]] = row["offered"]
        ready = {QueueName(row["grp"], row["partition"]) for row in rows if row["ready"]}
        return {queue: Pressure(sum(of.values()), queue in ready, of) for queue, of in offered.items()}

    async def offer_due(
        self, queue: QueueName, room: int, share: int | None = None, rooms: Mapping[str, int] | None = None
    ) -> int | JournalDown:
        frame = self._ids.new()
        try:
            rows = await self._pool.promptly(
                query("offer_due"),
                queue.group,
                queue.partition,
                self._clock.now(),
                room,
                frame,
                list(rooms or ()),
                list((rooms or {}).values()),
                room if share is None else share,
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return self._board.post(frame, ((r["id"], r["destination"], queue) for r in rows))

    async def free_missed(self, queue: QueueName) -> int | JournalDown:
        try:
            rows = await self._pool.fetch(query("free_missed"), queue.group, queue.partition)
        except DATABASE_ERRORS as error:
            return down(error)
        return len(rows)

    async def give_back(self, deliveries: Sequence[UUID], due_at: datetime, code: str = "") -> JournalDown | None:
        try:
            await self._pool.promptly(query("give_back"), list(deliveries), due_at, code)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def astray(self, queue: QueueName, older_than: datetime) -> Sequence[tuple[UUID, UUID]] | JournalDown:
        try:
            rows = await self._pool.promptly(query("astray"), queue.group, queue.partition, older_than)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(r["id"], r["frame_id"]) for r in rows]

    async def unclaim(self, queue: QueueName, older_than: datetime, in_hand: Set[UUID]) -> int | JournalDown:
        now = self._clock.now()
        try:
            rows = await self._pool.promptly(
                query("unclaim"), queue.group, queue.partition, self._incarnation, older_than, list(in_hand), now
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return len(rows)
