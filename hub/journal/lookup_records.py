# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The audit of lookups: written in batches, read by index."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from hub.journal.group_commit import GroupCommit
from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.journal import JournalDown, LookupRecord, Unwritable

_END = UUID(int=2**128 - 1)
_LOOK_SECONDS = 10.0
_SKEW = timedelta(days=1)  # an id may be of another clock than the time beside it
_WIDTH = 12


class PostgresLookupRecords:
    """The part :class:`hub.ports.journal.LookupRecords`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool
        self._commit: GroupCommit[LookupRecord, None] = GroupCommit(self._write)

    async def close(self) -> None:
        """Write what is waiting."""
        await self._commit.close()

    async def record(self, record: LookupRecord) -> Unwritable | JournalDown | None:
        return await self._commit.submit(record)

    async def newest(
        self, before: UUID | None, limit: int, *, lookup: str | None = None, system: str | None = None
    ) -> Sequence[LookupRecord] | JournalDown:
        page = (before or _END, limit)
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                if system is not None:
                    rows = await connection.fetch(query("newest_lookups_by"), *page, system, lookup)
                elif lookup is not None:
                    rows = await connection.fetch(query("newest_lookups_of_one"), *page, lookup)
                else:
                    rows = await connection.fetch(query("newest_lookups"), *page)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(LookupRecord(**{**row, "criteria": tuple(row["criteria"])}) for row in map(dict, rows))

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        try:
            done = await self._pool.execute(query("forget_lookups"), before, first_id(before + _SKEW), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return int(done.rpartition(" ")[2])

    async def _write(self, records: Sequence[LookupRecord]) -> Sequence[None]:
        rows = [
            (
                one.id, one.asked_at, one.lookup, one.system, one.purpose, orjson.dumps(one.criteria).decode(), one.outcome,
                one.code, one.records, one.manner, one.took_ms, one.rule,
            )
            for one in records
        ]  # fmt: skip
        async with self._pool.acquire() as connection:
            await connection.execute(query("record_lookups"), *columns(rows, width=_WIDTH))
        return [None] * len(records)
