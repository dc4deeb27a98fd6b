# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger of what operators did: each request once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg

from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, Trouble, down, trouble
from hub.journal.queries import query
from hub.ports.journal import Act, Acted, ActView, JournalDown, RequestTaken

T = TypeVar("T")
_REPEATS = 5
_END = UUID(int=2**128 - 1)
_SKEW = timedelta(days=1)  # an id may be of another clock than the time beside it


class PostgresActs:
    """The part :class:`hub.ports.journal.Acts`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def newest(self, before: UUID | None, limit: int) -> Sequence[ActView] | JournalDown:
        try:
            rows = await self._pool.fetch(query("newest_acts"), before or _END, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(ActView(**row) for row in rows)

    async def record(self, act: Act, cases: Sequence[str]) -> Acted | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int:
            await connection.execute(query("act_is_about"), act.id, list(cases))
            return len(cases)

        return await once(self._pool, act, write)

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        dropped = 0
        try:
            for statement in (query("forget_replay_items"), query("forget_replays"), query("forget_acts")):
                done = await self._pool.execute(statement, before, first_id(before + _SKEW), limit)
                dropped += int(done.rpartition(" ")[2])
        except DATABASE_ERRORS as error:
            return down(error)
        return dropped


async def once(
    pool: JournalPool, act: Act, work: Callable[[asyncpg.Connection], Awaitable[int | T]]
) -> Acted | RequestTaken | JournalDown | T:
    """Record the act and do its work in one transaction, unless the request was had before.

    ``work`` answers how many deliveries it changed, or a value that says why it cannot be: then nothing is written.
    """

    async def whole(connection: asyncpg.Connection) -> Acted | RequestTaken | T:
        transaction = connection.transaction()
        await transaction.start()
        try:
            result = await _once(connection, act, work)
        except BaseException:
            await transaction.rollback()
            raise
        if isinstance(result, Acted) and not result.again:
            await transaction.commit()
        else:
            await transaction.rollback()
        return result

    return await transacted(pool, whole)


async def _once(
    connection: asyncpg.Connection, act: Act, work: Callable[[asyncpg.Connection], Awaitable[int | T]]
) -> Acted | RequestTaken | T:
    taken = await connection.fetchval(
        query("take_request"), act.id, act.request, act.digest, act.kind, act.actor, act.via, act.reason, act.subject,
        act.acted_at,
    )  # fmt: skip
    if taken is None:
        first = await connection.fetchrow(query("act_of_request"), act.request)
        same = first["digest"] == act.digest
        return Acted(first["id"], first["applied"], again=True) if same else RequestTaken()
    result = await work(connection)
    if not isinstance(result, int):
        return result
    await connection.execute(query("act_applied"), act.id, result)
    return Acted(act.id, result, again=False)


async def transacted(pool: JournalPool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T | JournalDown:
    """Do it on a connection; once more where the database says that this may help."""
    error: BaseException
    for _ in range(_REPEATS):
        try:
            async with pool.acquire() as connection:
                return await work(connection)
        except DATABASE_ERRORS as refused:
            error = refused
            if trouble(refused) is not Trouble.AGAIN and not isinstance(refused, asyncpg.UniqueViolationError):
                break
    return down(error)
