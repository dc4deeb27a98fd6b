# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables by version, activations, and what shadows do otherwise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from hub.journal.acts import once, transacted
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.journal import (
    Act,
    Acted,
    Activation,
    Difference,
    Differences,
    InForce,
    JournalDown,
    Observed,
    Overtaken,
    RequestTaken,
    TableAnswer,
)

LOCK: Final = 0x676F_7668_7274_6162
"""Whoever changes what is in force holds this advisory lock; an arbitrary number, for one purpose."""


class PostgresRouteTables:
    """The part :class:`hub.ports.journal.RouteTables`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def in_force(self) -> InForce | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                return await _standing(connection)
        except DATABASE_ERRORS as error:
            return down(error)

    async def content(self, version: str) -> str | JournalDown | None:
        try:
            content: str | None = await self._pool.fetchval(query("route_content"), version)
        except DATABASE_ERRORS as error:
            return down(error)
        return content

    async def begin(self, version: str, content: str, hub: str, at: datetime) -> InForce | JournalDown:
        async def work(connection: asyncpg.Connection) -> InForce:
            async with connection.transaction():
                await connection.fetchval(query("lock_route_tables"), LOCK)
                await connection.execute(query("keep_route_table"), version, content, at)
                await connection.execute(query("begin_route_table"), version, hub, at)
                standing = await _standing(connection)
            assert standing is not None, "one was just begun"
            return standing

        return await transacted(self._pool, work)

    async def activate(self, act: Act, version: str, content: str, expected: int) -> TableAnswer:
        async def work(connection: asyncpg.Connection) -> int | Overtaken:
            await connection.fetchval(query("lock_route_tables"), LOCK)
            standing = await _standing(connection)
            seq, active = (standing.seq, standing.version) if standing is not None else (0, "")
            if seq != expected:
                return Overtaken(active)
            await connection.fetchval(query("end_route_shadow"), version)
            if active == version:
                return 0
            await connection.execute(query("keep_route_table"), version, content, act.acted_at)
            await connection.execute(
                query("activate_route_table"), seq + 1, version, act.actor, act.via, act.reason, act.acted_at
            )
            return 1

        return await once(self._pool, act, work)

    async def cast(self, act: Act, version: str, content: str) -> Acted | RequestTaken | JournalDown:
        async def work(connection: asyncpg.Connection) -> int:
            await connection.fetchval(query("lock_route_tables"), LOCK)
            if not version:
                return 0 if await connection.fetchval(query("end_route_shadow"), "") is None else 1
            await connection.execute(query("keep_route_table"), version, content, act.acted_at)
            cast = await connection.fetchval(query("cast_route_shadow"), version, act.actor, act.acted_at)
            return 0 if cast is None else 1

        return await once(self._pool, act, work)

    async def history(self, limit: int) -> Sequence[Activation] | JournalDown:
        try:
            rows = await self._pool.fetch(query("route_history"), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(Activation(**row) for row in rows)

    async def observe(
        self, shadow: str, active: str, planned: int, seen: Sequence[tuple[Difference, UUID]], at: datetime
    ) -> JournalDown | None:
        rows = [(d.kind, d.destination, d.old, d.new, d.system, d.contract, message) for d, message in seen]
        differing = len({message for _, message in seen})
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(query("count_route_trial"), shadow, active, planned, differing)
                if rows:
                    await connection.execute(
                        query("add_route_differences"), shadow, active, *columns(rows, width=7), at
                    )
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def observed(self, shadow: str, active: str) -> Observed | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                trial = await connection.fetchrow(query("route_trial"), shadow, active)
                rows = await connection.fetch(query("route_differences"), shadow, active)
        except DATABASE_ERRORS as error:
            return down(error)
        if trial is None:
            return Observed(0, 0)
        return Observed(trial["planned"], trial["differing"], tuple(_differences(row) for row in rows))


async def _standing(connection: asyncpg.Connection) -> InForce | None:
    row = await connection.fetchrow(query("route_standing"))
    return None if row is None else InForce(row["seq"], row["version_id"], row["shadow"])


def _differences(row: asyncpg.Record) -> Differences:
    return Differences(
        difference=Difference(
            kind=row["kind"],
            destination=row["destination"],
            old=row["old"],
            new=row["new"],
            system=row["system"],
            contract=row["contract"],
        ),
        count=row["seen"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        samples=tuple(row["samples"]),
    )
