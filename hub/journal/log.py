# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The log of the evidence on PostgreSQL: what is read of it. It is written by who leads it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from certs.evidence.tree import consistency_ranges, inclusion_ranges
from hub.journal.log_lead import PostgresLead, leading
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.tiles import TilesDamagedError, proof_of, root_of
from hub.ports.clock import Clock
from hub.ports.journal import JournalDown
from hub.ports.journal.sequencing import Checkpoint, Head, LogDamaged, LogLeaf, Statement

T = TypeVar("T")
_SCAN_SECONDS = 600.0


class PostgresEvidenceLog:
    """The part :class:`hub.ports.journal.sequencing.EvidenceLog`."""

    def __init__(self, pool: JournalPool, readers: JournalPool, clock: Clock) -> None:
        self._pool = pool
        self._readers = readers
        self._clock = clock

    def lead(self) -> AbstractAsyncContextManager[PostgresLead | LogDamaged | JournalDown | None]:
        return leading(self._pool, self._clock)

    async def head(self) -> Head | JournalDown:
        try:
            row = await self._readers.fetchrow(query("log_head"))
            queued = await self._readers.fetchval(query("count_queued"))
        except DATABASE_ERRORS as error:
            return down(error)
        return Head(row["log"], row["epoch"], row["size"], row["chain"], row["sequenced_at"], queued)

    async def newest(self) -> Checkpoint | JournalDown | None:
        return await self._checkpoint(query("newest_checkpoint"))

    async def covering(self, size: int) -> Checkpoint | JournalDown | None:
        stamped = await self._checkpoint(query("stamped_checkpoint_above"), size)
        return stamped or await self._checkpoint(query("checkpoint_above"), size)

    async def _checkpoint(self, statement: str, *arguments: object) -> Checkpoint | JournalDown | None:
        try:
            row = await self._readers.fetchrow(statement, *arguments)
            stamps = await self._readers.fetch(query("stamps_of"), row["size"]) if row else []
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else _checkpoint(row, tuple((one["authority"], one["token"]) for one in stamps))

    async def checkpoints(self, after: int, limit: int) -> Sequence[Checkpoint] | JournalDown:
        try:
            rows = await self._readers.fetch(query("checkpoints_from"), after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [_checkpoint(row) for row in rows]

    async def unstamped(self, limit: int) -> Sequence[Checkpoint] | JournalDown:
        try:
            last = await self._readers.fetchrow(query("last_stamped"))
            rows = await self._readers.fetch(query("unstamped"), last["size"] if last else -1, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [Checkpoint(row["size"], b"", row["note"], row["made_at"]) for row in rows]

    async def stamp(self, size: int, authority: str, token: bytes, at: datetime) -> JournalDown | None:
        try:
            await self._pool.execute(query("write_stamp"), size, authority, token, at)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def root(self, size: int) -> bytes | LogDamaged | JournalDown:
        return await self._of_tree(lambda connection: root_of(connection, 0, size))

    async def inclusion(self, index: int, size: int) -> Sequence[bytes] | LogDamaged | JournalDown:
        return await self._of_tree(lambda connection: proof_of(connection, inclusion_ranges(index, size)))

    async def consistency(self, old: int, new: int) -> Sequence[bytes] | LogDamaged | JournalDown:
        return await self._of_tree(lambda connection: proof_of(connection, consistency_ranges(old, new)))

    async def _of_tree(self, asked: Callable[[asyncpg.Connection], Awaitable[T]]) -> T | LogDamaged | JournalDown:
        try:
            async with self._readers.acquire() as connection:
                return await asked(connection)
        except TilesDamagedError as damaged:
            return LogDamaged(str(damaged))
        except DATABASE_ERRORS as error:
            return down(error)

    async def leaves(self, since: int, limit: int) -> Sequence[LogLeaf] | JournalDown:
        try:
            rows = await self._readers.fetch(query("leaves_from"), since, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [LogLeaf(r["idx"], r["message_id"], r["id"], r["kind"], r["hash"], r["chain"]) for r in rows]

    async def leaves_of(self, messages: Sequence[UUID]) -> Sequence[LogLeaf] | JournalDown:
        try:
            rows = await self._readers.fetch(query("leaves_of"), list(messages))
        except DATABASE_ERRORS as error:
            return down(error)
        return [LogLeaf(r["idx"], r["message_id"], r["id"], r["kind"], r["hash"], r["chain"]) for r in rows]

    async def places(self, messages: Sequence[UUID]) -> Sequence[tuple[UUID, UUID, int]] | JournalDown:
        try:
            rows = await self._readers.fetch(query("places_of"), list(messages))
        except DATABASE_ERRORS as error:
            return down(error)
        return [(row["message_id"], row["id"], row["idx"]) for row in rows]

    async def statements(self, leaves: Sequence[tuple[UUID, UUID]]) -> Sequence[Statement] | JournalDown:
        try:
            rows = await self._readers.fetch(query("statements_of"), *columns(list(leaves), width=2))
        except DATABASE_ERRORS as error:
            return down(error)
        return [Statement(r["message_id"], r["id"], r["kind"], r["statement"], r["hash"]) for r in rows]

    async def opening(self, refusal: UUID) -> tuple[bytes, bytes] | JournalDown | None:
        try:
            row = await self._readers.fetchrow(query("opening_of_refusal"), refusal)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else (row["digest"], row["salt"])

    async def outside(self) -> tuple[UUID, UUID] | JournalDown | None:
        try:
            row = await self._readers.fetchrow(query("outside_the_log"), timeout=_SCAN_SECONDS)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else (row["message_id"], row["id"])

    async def archived_months(self) -> Sequence[datetime] | JournalDown:
        try:
            rows = await self._readers.fetch(query("archived_months"))
        except DATABASE_ERRORS as error:
            return down(error)
        return [datetime(row["month"].year, row["month"].month, 1, tzinfo=UTC) for row in rows]

    async def tiles(self) -> Sequence[tuple[int, int, bytes]] | JournalDown:
        try:
            rows = await self._readers.fetch(query("tiles_from"), timeout=_SCAN_SECONDS)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(row["level"], row["n"], row["hashes"]) for row in rows]

    async def keep_seal(self, digest: bytes, signature: bytes, at: datetime) -> bytes | JournalDown:
        try:
            await self._pool.execute(query("keep_seal"), digest, signature, at)
            found = await self._pool.fetchval(query("seal_of"), digest)
        except DATABASE_ERRORS as error:
            return down(error)
        return bytes(found)

    async def seal(self, digest: bytes) -> bytes | JournalDown | None:
        try:
            found = await self._readers.fetchval(query("seal_of"), digest)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if found is None else bytes(found)

    async def know(self, role: str, digest: bytes, certificate: bytes, at: datetime) -> JournalDown | None:
        try:
            await self._pool.execute(query("know_certificate"), digest, role, certificate, at)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def certificates(self) -> Sequence[tuple[str, bytes]] | JournalDown:
        try:
            rows = await self._readers.fetch(query("known_certificates"))
        except DATABASE_ERRORS as error:
            return down(error)
        return [(row["role"], row["certificate"]) for row in rows]


def _checkpoint(row: asyncpg.Record, stamps: tuple[tuple[str, bytes], ...] = ()) -> Checkpoint:
    return Checkpoint(row["size"], row["root"], row["note"], row["made_at"], stamps)
