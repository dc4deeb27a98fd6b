# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The audit trail in PostgreSQL: acts and all else in one view, walked newest first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import AuditEntry, AuditFilter, JournalDown

_END = UUID(int=2**128 - 1)
_LOOK_SECONDS = 20.0
_QUARTER = 900
_SKEW = timedelta(days=1)  # an id may be of another clock than the time beside it


class PostgresAudit:
    """The part :class:`hub.ports.journal.AuditTrail`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def note(self, entry: AuditEntry) -> JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                await note_in(connection, entry)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        try:
            done = await self._pool.execute(query("forget_audit"), before, first_id(before + _SKEW), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return int(done.rpartition(" ")[2])

    async def find(self, wanted: AuditFilter, before: UUID | None, limit: int) -> Sequence[AuditEntry] | JournalDown:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(
                    query("find_audit"), before or _END, limit, wanted.account, wanted.act, wanted.case, wanted.since,
                    wanted.until,
                )  # fmt: skip
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(AuditEntry(**row) for row in map(dict, rows))


async def note_in(connection: asyncpg.Connection, entry: AuditEntry) -> None:
    """Add an entry, within whatever transaction the connection has."""
    await connection.execute(query("note_audit"), *_row(entry))


async def gather_in(connection: asyncpg.Connection, entry: AuditEntry) -> None:
    """The same, but those of one quarter of an hour that differ in nothing else are one entry, which says how many they were."""
    quarter = int(entry.at.timestamp() // _QUARTER)
    alike = orjson.dumps([quarter, entry.account, entry.act, entry.subject, entry.reason, entry.via, entry.outcome])
    await connection.execute(query("gather_audit"), *_row(entry), alike.decode())


def _row(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.id, entry.at, entry.account, entry.act, entry.subject, entry.reason, entry.via, entry.outcome, entry.request,
    )  # fmt: skip
