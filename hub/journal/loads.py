# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Loads on PostgreSQL: deliveries that a replay would add, without a replay around them."""

from collections.abc import Sequence
from itertools import product
from uuid import UUID

import asyncpg

from hub.journal.acts import once
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.replay_steps import Row, add, write_leaves
from hub.ports.journal import Act, Acted, Addition, JournalDown, RequestTaken


class PostgresLoads:
    """The part :class:`hub.ports.journal.Loads`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def unsent(self, messages: Sequence[UUID], destinations: Sequence[str]) -> Sequence[UUID] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                sent = await _sent(connection, messages, destinations)
        except DATABASE_ERRORS as error:
            return down(error)
        return [message for message in messages if message not in sent]

    async def waits(self, delivery: UUID, destinations: Sequence[str]) -> bool | JournalDown:
        try:
            return bool(await self._pool.fetchval(query("waits_for_others"), delivery, list(destinations)))
        except DATABASE_ERRORS as error:
            return down(error)

    async def add(
        self, act: Act, additions: Sequence[Addition], destinations: Sequence[str]
    ) -> Acted | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int:
            sent = await _sent(connection, [one.message for one in additions], destinations)
            new = [one for one in additions if one.message not in sent]
            rows = [_row(number, one) for number, one in enumerate(new)]
            fates = await add(connection, rows, act.acted_at)
            added = [(row, one.leaf) for row, one in zip(rows, new, strict=True) if fates[row["n"]][0] == "released"]
            await write_leaves(connection, added)
            return len(added)

        return await once(self._pool, act, write)


async def _sent(connection: asyncpg.Connection, messages: Sequence[UUID], destinations: Sequence[str]) -> set[UUID]:
    pairs = columns(list(product(messages, destinations)), width=2)
    return {row["message_id"] for row in await connection.fetch(query("planned_already"), *pairs)}


def _row(number: int, one: Addition) -> Row:
    planned = one.delivery
    return {
        "n": number,
        "message_id": one.message,
        "destination": planned.destination,
        "delivery_id": planned.id,
        "party": one.party,
        "ordered": planned.ordered,
        "grp": planned.queue.group,
        "partition": planned.queue.partition,
        "priority": planned.priority,
        "handling": planned.handling or None,
    }
