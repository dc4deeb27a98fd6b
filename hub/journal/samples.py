# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Slices of history for analysis."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import JournalDown, SampledAttempt, SampledDelivery, SampledMessage, State

_LONGEST_LOOK = 20.0


class PostgresSamples:
    """The part :class:`hub.ports.journal.Samples`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def slice(self, since: datetime, until: datetime, limit: int) -> Sequence[SampledMessage] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                messages = await connection.fetch(
                    query("sampled_messages"), first_id(since), first_id(until), limit, timeout=_LONGEST_LOOK
                )
                ids = [row["id"] for row in messages]
                deliveries = await connection.fetch(query("sampled_deliveries"), ids, timeout=_LONGEST_LOOK)
                attempts = await connection.fetch(query("attempts"), ids, timeout=_LONGEST_LOOK)
        except DATABASE_ERRORS as error:
            return down(error)
        tried: dict[tuple[UUID, str], list[SampledAttempt]] = {}
        for row in attempts:
            tried.setdefault((row["message_id"], row["destination"]), []).append(
                SampledAttempt(State(row["state"]), row["code"], row["started_at"], row["ended_at"])
            )
        found: dict[UUID, list[SampledDelivery]] = {}
        for row in deliveries:
            key = (row["message_id"], row["destination"])
            found.setdefault(row["message_id"], []).append(_delivery(row, tuple(tried.get(key, ()))))
        return tuple(
            SampledMessage(
                id=row["id"],
                system=row["system"],
                contract=row["contract"],
                accepted_at=row["accepted_at"],
                deliveries=tuple(found.get(row["id"], ())),
            )
            for row in messages
        )

    async def refusals(self, since: datetime, limit: int) -> Sequence[tuple[str, str]] | JournalDown:
        try:
            rows = await self._pool.fetch(query("sampled_refusals"), first_id(since), limit, timeout=_LONGEST_LOOK)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple((row["system"], row["code"]) for row in rows)

    async def hubs(self, ttl: float) -> int | JournalDown:
        try:
            return int(await self._pool.fetchval(query("living_hubs"), ttl))
        except DATABASE_ERRORS as error:
            return down(error)


def _delivery(row: asyncpg.Record, attempts: tuple[SampledAttempt, ...]) -> SampledDelivery:
    return SampledDelivery(
        message=row["message_id"],
        destination=row["destination"],
        state=State(row["state"]),
        code=row["code"],
        freed_at=row["freed_at"],
        held_by=None if row["held_by"] is None else State(row["held_by"]),
        settled_at=row["settled_at"],
        attempts=attempts,
    )
