# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Leading the log: one hub at a time, under an advisory lock that ends with its connection and an epoch that fences the last."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from uuid import UUID

import asyncpg

from certs.evidence.tree import FIRST_CHAIN, Frontier, chained
from hub.journal.pool import DATABASE_ERRORS, PROMPT_SECONDS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.tiles import TilesDamagedError, frontier_of, root_of
from hub.ports.clock import Clock
from hub.ports.journal import JournalDown
from hub.ports.journal.sequencing import Checkpoint, Fenced, LogDamaged

_LOCK = 0x6C6F67  # "log"


class PostgresLead:
    """The part :class:`hub.ports.journal.sequencing.Lead`. A failure ends it: what is in memory is read anew."""

    def __init__(
        self, connection: asyncpg.Connection, clock: Clock, log: UUID, epoch: int, chain: bytes, frontier: Frontier
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._log = log
        self._epoch = epoch
        self._chain = chain
        self._frontier = frontier

    @property
    def log(self) -> UUID:
        return self._log

    @property
    def size(self) -> int:
        return self._frontier.size

    async def sequence(self, limit: int) -> int | Fenced | LogDamaged | JournalDown:
        try:
            async with asyncio.timeout(PROMPT_SECONDS):
                if not await self._connection.fetchval(query("anything_queued")):
                    return 0
            async with asyncio.timeout(PROMPT_SECONDS), self._connection.transaction():
                head = await self._connection.fetchrow(query("lock_log_head"), self._epoch)
                if head is None:
                    return Fenced()
                if (head["size"], head["chain"]) != (self._frontier.size, self._chain):
                    return LogDamaged(f"the head was moved by hand, to {head['size']}")
                queued = await self._connection.fetch(query("take_queued"), limit)
                if new := [row for row in queued if not row["known"]]:
                    await self._append(new)
        except asyncpg.UniqueViolationError as error:
            return LogDamaged(f"leaf {self._frontier.size} stands there already ({error.constraint_name})")
        except DATABASE_ERRORS as error:
            return down(error)
        return len(queued)

    async def _append(self, queued: list[asyncpg.Record]) -> None:
        rows = []
        full: list[tuple[int, int, bytes]] = []
        for row in queued:
            self._chain = chained(self._chain, row["hash"])
            rows.append((self._frontier.size, row["message_id"], row["id"], row["kind"], row["hash"], self._chain))
            full += self._frontier.append(row["hash"])
        await self._connection.execute(query("append_leaves"), *columns(rows, width=6))
        if full:
            await self._connection.execute(query("append_to_tiles"), *columns(_by_tile(full), width=3))
        await self._connection.execute(
            query("move_log_head"), self._epoch, self._frontier.size, self._chain, self._clock.now()
        )

    async def checkpoint(
        self, note: Callable[[int, bytes], bytes], at: datetime
    ) -> Checkpoint | Fenced | LogDamaged | JournalDown:
        size, root = self._frontier.size, self._frontier.root()
        made = Checkpoint(size, root, note(size, root), at)
        try:
            async with asyncio.timeout(PROMPT_SECONDS):
                written = await self._connection.fetchval(
                    query("write_checkpoint"), self._epoch, size, root, made.note, at
                )
        except DATABASE_ERRORS as error:
            return down(error)
        return Fenced() if written is None else made


def _by_tile(full: Iterable[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    found: dict[tuple[int, int], bytes] = {}
    for level, n, hash_ in full:
        found[level, n] = found.get((level, n), b"") + hash_
    return [(level, n, hashes) for (level, n), hashes in sorted(found.items())]


@asynccontextmanager
async def leading(pool: JournalPool, clock: Clock) -> AsyncIterator[PostgresLead | LogDamaged | JournalDown | None]:
    """Lead, if nobody does."""
    try:
        connection = await pool.take()
    except DATABASE_ERRORS as error:
        yield down(error)
        return
    try:
        yield await _begun(connection, clock)
    finally:
        with suppress(*DATABASE_ERRORS):  # a connection that is broken has lost the lock by itself
            await connection.execute("select pg_advisory_unlock_all()")
        await pool.release(connection)


async def _begun(connection: asyncpg.Connection, clock: Clock) -> PostgresLead | LogDamaged | JournalDown | None:
    try:
        async with asyncio.timeout(PROMPT_SECONDS):
            if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                return None
            row = await connection.fetchrow(query("lead_log"))
            if row is None:
                return LogDamaged("the head of the log is gone")
            frontier = await frontier_of(connection, row["size"])
            if fault := await _fault(connection, row, frontier):
                return LogDamaged(fault)
    except TilesDamagedError as damaged:
        return LogDamaged(str(damaged))
    except DATABASE_ERRORS as error:
        return down(error)
    return PostgresLead(connection, clock, row["log"], row["epoch"], row["chain"], frontier)


async def _fault(connection: asyncpg.Connection, head: asyncpg.Record, frontier: Frontier) -> str | None:
    """What shows at a glance; ``govhub evidence check`` looks at everything."""
    last = await connection.fetch(query("leaves_from"), max(0, head["size"] - 1), 2)
    if [row["chain"] for row in last] != ([head["chain"]] if head["size"] else []):
        return f"the last leaf is not leaf {head['size'] - 1} of the head"
    if not head["size"] and head["chain"] != FIRST_CHAIN:
        return "the chain of an empty log is not its beginning"
    newest = await connection.fetchrow(query("newest_checkpoint"))
    if newest is None:
        return None
    if newest["size"] > head["size"]:
        return f"the log ends at {head['size']}, before its checkpoint at {newest['size']}"
    known = frontier.root() if newest["size"] == head["size"] else await root_of(connection, 0, newest["size"])
    return None if known == newest["root"] else f"the checkpoint at {newest['size']} has another root"
