# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who stored which material, and which may go.

A removal decides under a lock that keeps everybody from naming or storing a material until it has committed. The lock is
held for one page of digests, some milliseconds, and only when the page has something to remove.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import BeingRemoved, JournalDown

_PATIENCE = (
    "800ms"  # below the server's deadlock time-out: whoever else waits in a circle with us goes on, and we come again
)


class PostgresMaterialRecords:
    """The part :class:`hub.ports.journal.MaterialRecords`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def keep(
        self, digest: str, system: str, size: int, media_type: str, at: datetime
    ) -> BeingRemoved | JournalDown | None:
        try:
            async with self._pool.prompt() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await connection.execute(query("keep_material"), digest, system, size, media_type, at)
                # A statement of its own: the one before may have waited for a removal to commit.
                if await connection.fetchval(query("being_removed"), digest):
                    await transaction.rollback()
                    return BeingRemoved()
                await transaction.commit()
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def readable(self, digest: str, system: str) -> tuple[int, str] | JournalDown | None:
        try:
            rows = await self._pool.promptly(query("material_for"), digest, system)
        except DATABASE_ERRORS as error:
            return down(error)
        return (rows[0]["size"], rows[0]["media_type"]) if rows else None

    async def doom(self, digests: Sequence[str], before: datetime, at: datetime) -> Sequence[str] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                unneeded = await _unneeded(connection, digests, before)
                if not unneeded:
                    return ()
                async with connection.transaction():
                    await connection.execute(f"set local lock_timeout = '{_PATIENCE}'")
                    await connection.execute(query("lock_materials"))
                    doomed = await _unneeded(connection, unneeded, before)
                    await connection.execute(query("forget_materials"), doomed)
                    await connection.execute(query("doom_materials"), doomed, at)
        except DATABASE_ERRORS as error:
            return down(error)
        return doomed

    async def doomed(self, limit: int) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.fetch(query("doomed_materials"), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["digest"] for row in rows]

    async def removed(self, digests: Sequence[str]) -> JournalDown | None:
        try:
            await self._pool.execute(query("removed_materials"), list(digests))
        except DATABASE_ERRORS as error:
            return down(error)
        return None


async def _unneeded(connection: asyncpg.Connection, digests: Sequence[str], before: datetime) -> list[str]:
    return [row["digest"] for row in await connection.fetch(query("unneeded"), list(digests), before)]
