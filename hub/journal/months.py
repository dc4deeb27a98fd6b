# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Taking an archived month out of the journal, in one transaction.

The rows are counted while only writers to that month wait, which nobody is. Then its partitions are taken off under a lock
on the whole tables, for the few milliseconds that it takes to move what stays into the default partitions; that is why a month
with very much unfinished work is not begun. Whoever holds us up longer than ``_PATIENCE`` is let go first: we come again.

Why unfinished work is moved and the month not kept for it: one delivery that waits for a person for a year would keep a whole
month of the largest tables. The moved rows are few, keep their keys, and everything finds them as before.
"""

from datetime import date, datetime
from uuid import UUID

import asyncpg

from hub.journal.queries import query
from hub.ports.journal import TABLES, Disagrees, Part

_PATIENCE = "800ms"  # below the server's deadlock time-out
_COUNT_SECONDS = 600.0
_ALL = (*TABLES, "refusal")
_KEYS = {table: "id" if table in {"message", "refusal"} else "message_id" for table in _ALL}


async def drop_month(
    connection: asyncpg.Connection, part: Part, bounds: tuple[UUID, UUID], at: datetime
) -> Disagrees | None:
    """Raises what asyncpg raises; then nothing has changed."""
    if part.dropped_at is not None:
        return None
    key = (part.month, part.part)
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = '{_PATIENCE}'")
        await connection.execute("set local govhub.moving = 'yes'")  # a leaf that is moved is in the log already
        places = await _places(connection, part.month)
        await connection.execute(f"lock table {', '.join(places.values())} in share row exclusive mode")
        held = [row["message_id"] for row in await connection.fetch(query("held_messages"), *key, *bounds)]
        if wrong := await _disagreement(connection, part, bounds, held):
            return wrong
        for table, place in places.items():
            if not place.endswith("_default"):
                await _detach(connection, table, place)
        if await connection.fetchval(query("stirred"), *key, *bounds):
            raise asyncpg.LockNotAvailableError("taken up again this very moment")
        for table, place in places.items():
            if place.endswith("_default"):
                await _delete(connection, table, bounds, held)
            else:
                await _move(connection, table, place, held)
        await connection.execute(query("part_dropped"), *key, at)
    return None


async def _places(connection: asyncpg.Connection, month: date) -> dict[str, str]:
    """The partition of each table in which the month's rows stand."""
    places = {}
    for table in _ALL:
        name = f"{table}_{month:%Y_%m}"
        own = await connection.fetchval("select to_regclass($1) is not null", name)
        places[table] = name if own else f"{table}_default"
    return places


async def _disagreement(
    connection: asyncpg.Connection, part: Part, bounds: tuple[UUID, UUID], held: list[UUID]
) -> Disagrees | None:
    archived = part.rows()
    if await connection.fetchval(query("stirred"), part.month, part.part, *bounds):
        return Disagrees("delivery_open")
    for table in _ALL:
        key = _KEYS[table]
        count = await connection.fetchval(
            f"select count(*) from {table} where {key} >= $1 and {key} < $2 and {key} <> all($3::uuid[])",  # noqa: S608
            *bounds,
            held,
            timeout=_COUNT_SECONDS,
        )
        if count != archived.get(table, 0):
            return Disagrees(table)
    return None


async def _detach(connection: asyncpg.Connection, table: str, place: str) -> None:
    await connection.execute(f"alter table {table} detach partition {place}")


async def _move(connection: asyncpg.Connection, table: str, place: str, held: list[UUID]) -> None:
    """What stays goes to where its key leads now, the default partition."""
    key = _KEYS[table]
    if table != "refusal":
        await connection.execute(
            f"insert into {table} select * from {place} where {key} = any($1::uuid[])",  # noqa: S608  # because both are ours
            held,
        )
    await connection.execute(f"drop table {place}")


async def _delete(connection: asyncpg.Connection, table: str, bounds: tuple[UUID, UUID], held: list[UUID]) -> None:
    key = _KEYS[table]
    await connection.execute(
        f"delete from {table} where {key} >= $1 and {key} < $2 and {key} <> all($3::uuid[])",  # noqa: S608
        *bounds,
        held,
        timeout=_COUNT_SECONDS,
    )
