# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Chores that one hub does at a time: whoever holds an advisory lock, which ends with its connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import JournalDown, Turn

_NAMESPACE = 0x6368  # of the advisory locks on chores


class PostgresChores:
    """The part :class:`hub.ports.journal.Chores`. A turn keeps one connection of the pool."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def turn(self, name: str, every: float) -> AsyncIterator[Turn | JournalDown | None]:
        try:
            connection = await self._pool.take()
        except DATABASE_ERRORS as error:
            yield down(error)
            return
        try:
            turn = await _begun(connection, name, every)
            yield turn
            if isinstance(turn, Turn):
                with suppress(*DATABASE_ERRORS):  # the chore is done all the same, and is done again the sooner
                    await connection.execute(query("did_chore"), name, turn.reached, turn.done)
        finally:
            with suppress(*DATABASE_ERRORS):  # a connection that is broken has lost the lock by itself
                await connection.execute("select pg_advisory_unlock_all()")
            await self._pool.release(connection)

    async def reached(self, name: str) -> str | JournalDown:
        try:
            return str(await self._pool.fetchval(query("reached_of_chore"), name) or "")
        except DATABASE_ERRORS as error:
            return down(error)


async def _begun(connection: asyncpg.Connection, name: str, every: float) -> Turn | JournalDown | None:
    try:
        if not await connection.fetchval("select pg_try_advisory_lock($1, hashtext($2))", _NAMESPACE, name):
            return None
        row = await connection.fetchrow(query("may_do_chore"), name, every)
    except DATABASE_ERRORS as error:
        return down(error)
    return Turn(row["reached"]) if row["due"] else None
