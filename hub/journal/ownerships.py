# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which hub works on which partition. Leases run on the database's clock, the only one all hubs share."""

import asyncio
from collections.abc import Sequence, Set
from uuid import UUID

import asyncpg

from hub.journal.activations import CONTRACTS_LOCK
from hub.journal.pool import DATABASE_ERRORS, PROMPT_SECONDS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.bus import QueueName
from hub.ports.clock import Clock
from hub.ports.journal import JournalDown, NameTaken, Ownership, Unspoken

CRASHED = "CRASHED"
"""The code of a delivery whose sender may have died while sending it."""

_NAMESPACE = 0x6775  # of the advisory locks on hub names
_SILENCE_SECONDS = 30
"""After this time without a beat the server ends the session that holds a hub's name."""


class PostgresOwnerships:
    """The part :class:`hub.ports.journal.Ownerships`.

    A hub's name is held by an advisory lock on a connection of its own: it falls free the moment the process dies.
    """

    def __init__(self, pool: JournalPool, clock: Clock, incarnation: UUID) -> None:
        self._pool = pool
        self._clock = clock
        self._incarnation = incarnation
        self._name = ""
        self._speaks: frozenset[str] = frozenset()
        self._guard: asyncpg.Connection | None = None

    async def join(
        self, name: str, incarnation: UUID, speaks: Set[str] = frozenset()
    ) -> NameTaken | Unspoken | JournalDown | None:
        assert incarnation == self._incarnation
        self._name = name
        self._speaks = frozenset(speaks)
        return await self._enter()

    async def _enter(self) -> NameTaken | Unspoken | JournalDown | None:
        try:
            if not await self._take_name():
                return NameTaken()
            async with self._pool.prompt() as connection, connection.transaction():
                await connection.execute(query("lock_contracts"), CONTRACTS_LOCK)
                unspoken = await self._unspoken(connection)
                if unspoken is None:
                    await connection.execute(query("fence_predecessor"), self._name, self._incarnation)
                    await connection.execute(query("forget_predecessor"), self._name, self._incarnation)
                    await connection.execute(query("enter_hub"), self._incarnation, self._name, sorted(self._speaks))
        except DATABASE_ERRORS as error:
            return down(error)
        if unspoken is not None:
            await self.leave()
        return unspoken

    async def _take_name(self) -> bool:
        """Hold the name, on a connection that the server ends when nothing is heard of us (a network may swallow our end)."""
        guard = await self._pool.take()
        held = False
        try:
            held = bool(await guard.fetchval("select pg_try_advisory_lock($1, hashtext($2))", _NAMESPACE, self._name))
            if held:
                await guard.execute(f"set idle_session_timeout = {_SILENCE_SECONDS * 1000}")
        finally:
            if not held:
                await self._pool.release(guard)
        self._guard = guard if held else None
        return held

    async def _keep_name(self) -> None:
        """Be heard on the guard; take the name again if that connection is lost. The fences hold without it."""
        guard = self._guard
        if guard is not None:
            overdue = asyncio.get_running_loop().call_later(PROMPT_SECONDS, guard.terminate)
            try:
                await guard.execute("select 1")
            except DATABASE_ERRORS:
                self._guard = None
                await self._pool.release(guard)
            else:
                return
            finally:
                overdue.cancel()
        if self._name:
            await self._take_name()

    async def _unspoken(self, connection: asyncpg.Connection) -> Unspoken | None:
        active = [row["schema"] for row in await connection.fetch(query("active_contracts"))]
        foreign = tuple(schema for schema in active if schema not in self._speaks)
        return Unspoken(foreign) if foreign else None

    async def agree(self, name: str, value: str) -> str | JournalDown:
        try:
            [row] = await self._pool.promptly(query("agree"), name, value)
        except DATABASE_ERRORS as error:
            return down(error)
        return str(row["value"])

    async def beat(
        self, queues: Sequence[QueueName], ttl: float, *, deaf: bool = False
    ) -> Ownership | Unspoken | JournalDown:
        keys = columns([(q.group, q.partition) for q in sorted(queues)], width=2)
        try:
            await self._keep_name()
            async with self._pool.prompt() as connection, connection.transaction():
                if unspoken := await self._unspoken(connection):
                    return unspoken
                await connection.execute(query("seen"), self._incarnation, deaf)
                await connection.execute(query("make_leases"), *keys)
                rows = list(await connection.fetch(query("renew_leases"), self._incarnation, ttl))
                among = await connection.fetchrow(query("place_among_hubs"), ttl, self._incarnation)
                fair = _share(len(queues), among["living"], among["before"]) if among["works"] else 0
                if len(rows) < fair:
                    rows += await connection.fetch(query("take_leases"), self._incarnation, ttl, fair - len(rows))
        except DATABASE_ERRORS as error:
            return down(error)
        epochs = {QueueName(r["grp"], r["partition"]): r["epoch"] for r in rows}
        known = {q: e for q, e in epochs.items() if q in set(queues)}
        return Ownership(known, frozenset(sorted(known)[fair:]))

    async def recover(
        self, queue: QueueName, repeatable: Set[str], askable: Set[str] = frozenset(), in_hand: Set[UUID] = frozenset()
    ) -> int | JournalDown:
        now, key = self._clock.now(), (queue.group, queue.partition)
        try:
            async with self._pool.prompt() as connection, connection.transaction():
                await connection.execute(query("recover_offered"), *key)
                rows = await connection.fetch(
                    query("recover_sending"),
                    *key,
                    sorted(repeatable),
                    now,
                    sorted(askable),
                    self._incarnation,
                    list(in_hand),
                )
                if rows:
                    attempts = [
                        (r["message_id"], r["destination"], r["attempt"], r["state"], CRASHED,
                         "the process died while sending", self._incarnation, r["claimed_at"], now)
                        for r in rows
                    ]  # fmt: skip
                    await connection.execute(query("recovered_attempts"), *columns(attempts, width=9))
        except DATABASE_ERRORS as error:
            return down(error)
        return len(rows)

    async def release(self, queues: Sequence[QueueName]) -> JournalDown | None:
        try:
            keys = columns([(q.group, q.partition) for q in queues], width=2)
            await self._pool.promptly(query("release_leases"), self._incarnation, *keys)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def leave(self) -> None:
        """Give the name back. The leases were released before."""
        if self._guard is None:
            return
        try:
            await self._pool.promptly(query("leave_hub"), self._incarnation)
            await self._guard.execute("select pg_advisory_unlock_all(), set_config('idle_session_timeout', '0', false)")
            await self._pool.release(self._guard)
        except DATABASE_ERRORS:
            # The lock dies with the connection, the row with the next hub of this name.
            return
        finally:
            self._guard = None


def _share(partitions: int, hubs: int, before: int) -> int:
    """How many partitions the hub has that stands behind so many others: no two shares differ by more than one."""
    whole, rest = divmod(partitions, max(1, hubs))
    return whole + (before < rest)
