# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Corrected records on PostgreSQL: one takes its refused predecessor's position in the lane, in one transaction."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import transacted
from hub.journal.dead_letters import entries_of, settle_in
from hub.journal.lanes import free
from hub.journal.lookups import recorded_of
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.journal.seals import MESSAGE, Seals
from hub.ports.journal import Ending, JournalDown
from hub.ports.journal.correcting import Place, Refused, Walked

_BEGINNING = (datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))


class PostgresCorrections:
    """The part :class:`hub.ports.journal.correcting.Corrections`."""

    def __init__(self, pool: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def refused(
        self, destinations: Collection[str], spared: Collection[str], after: Place | None, limit: int
    ) -> Walked | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(
                    query("dead_walk"), list(destinations), list(spared), *(after or _BEGINNING), limit
                )
                reached = (rows[-1]["failed_at"], rows[-1]["id"]) if len(rows) == limit else None
                return Walked(await _alike(connection, self._seals, [row["id"] for row in rows]), reached)
        except DATABASE_ERRORS as error:
            return down(error)

    async def take_place(self, ending: Ending, successor: UUID, at: datetime) -> bool | JournalDown:
        async def taken(connection: asyncpg.Connection) -> bool:
            async with connection.transaction():
                entry = ending.entry
                position = await connection.fetchval(query("lock_successor"), entry.delivery, successor)
                if position is None or not await settle_in(connection, [ending], at):
                    return False
                await connection.execute(query("take_place"), successor, position)
                await free(connection, [(entry.destination, entry.case)])
                return True

        return await transacted(self._pool, taken)


async def _alike(connection: asyncpg.Connection, seals: Seals, dead: list[UUID]) -> list[Refused]:
    rows = await connection.fetch(query("alike_behind"), dead) if dead else []
    behind: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for row in rows:
        behind.setdefault(row["dead"], []).append((row["id"], row["message_id"]))
    entries = await entries_of(connection, list(behind))
    wanted = {one.message for one in entries} | {message for pairs in behind.values() for _, message in pairs}
    found = await connection.fetch(query("recorded_among"), list(wanted))
    records = {row["id"]: recorded_of(row) for row in await seals.opened(MESSAGE, found)}
    return [
        Refused(
            entry,
            records[entry.message],
            tuple((delivery, records[message]) for delivery, message in behind[entry.delivery] if message in records),
        )
        for entry in entries
        if entry.message in records
    ]
