# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking at the journal as a whole."""

from collections.abc import Sequence
from datetime import datetime

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.bus import QueueName
from hub.ports.journal import JournalDown, Standing, Unowned

_LONGEST_LOOK = 5.0


class PostgresObservations:
    """The part :class:`hub.ports.journal.Observations`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def standings(self) -> Sequence[Standing] | JournalDown:
        try:
            rows = await self._pool.fetch(query("standings"), timeout=_LONGEST_LOOK)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(
            Standing(
                destination=row["destination"],
                state=row["state"],
                count=row["count"],
                oldest=row["oldest"],
                oldest_head=row["oldest_head"],
                blocking=row["blocking"],
                overdue=row["overdue"],
                overdue_since=row["overdue_since"],
            )
            for row in rows
        )

    async def unowned(self, queues: Sequence[QueueName]) -> Unowned | JournalDown:
        wanted = columns([(queue.group, queue.partition) for queue in queues], width=2)
        try:
            row = await self._pool.fetchrow(query("unowned"), *wanted, timeout=_LONGEST_LOOK)
        except DATABASE_ERRORS as error:
            return down(error)
        return Unowned(row["partitions"], row["since"])

    async def moment(self) -> datetime | JournalDown:
        try:
            row = await self._pool.fetchrow(query("moment"), timeout=_LONGEST_LOOK)
        except DATABASE_ERRORS as error:
            return down(error)
        moment: datetime = row["moment"]
        return moment

    async def try_write(self) -> JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                undone = connection.transaction()
                await undone.start()
                try:
                    await connection.execute(query("try_write"), timeout=_LONGEST_LOOK)
                finally:
                    await undone.rollback()
        except DATABASE_ERRORS as error:
            return down(error)
        return None
