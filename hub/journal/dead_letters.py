# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters on PostgreSQL: groups by a trigger of migration 0004, lists by its index, ends in one transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import once
from hub.journal.lanes import free
from hub.journal.lookups import recorded_of
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import MESSAGE, Seals
from hub.ports.journal import (
    ALL_GROUPS,
    COUNTED,
    Act,
    Acted,
    DeadEntry,
    DeadGroup,
    Ending,
    JournalDown,
    NoSuch,
    Recorded,
    RequestTaken,
    State,
    WantedGroups,
)

_BEGINNING = (datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))


class PostgresDeadLetters:
    """The part :class:`hub.ports.journal.DeadLetters`."""

    def __init__(self, pool: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def groups(
        self, after: int, limit: int, wanted: WantedGroups = ALL_GROUPS
    ) -> Sequence[DeadGroup] | JournalDown:
        try:
            rows = await self._pool.fetch(
                query("dead_groups"), after, limit, COUNTED + 1, wanted.destination, wanted.code, wanted.contract,
                None if wanted.state is None else wanted.state.value,
            )  # fmt: skip
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(_group, rows))

    async def group(self, group: int) -> DeadGroup | NoSuch | JournalDown:
        try:
            row = await self._pool.fetchrow(query("dead_group"), group, COUNTED + 1)
        except DATABASE_ERRORS as error:
            return down(error)
        return NoSuch() if row is None else _group(row)

    async def entries(
        self, group: int, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[DeadEntry] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(query("dead_of_group"), group, *(after or _BEGINNING), limit)
                return await entries_of(connection, [row["id"] for row in rows])
        except DATABASE_ERRORS as error:
            return down(error)

    async def chosen(self, deliveries: Sequence[UUID]) -> Sequence[DeadEntry] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                return await entries_of(connection, list(dict.fromkeys(deliveries)))
        except DATABASE_ERRORS as error:
            return down(error)

    async def recorded(self, messages: Sequence[UUID]) -> Sequence[Recorded] | JournalDown:
        try:
            found = await self._pool.fetch(query("recorded_among"), list(dict.fromkeys(messages)))
            rows = await self._seals.opened(MESSAGE, found)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(recorded_of, rows))

    async def note(self, act: Act, group: int, text: str) -> Acted | NoSuch | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int | NoSuch:
            noted = await connection.fetchval(query("note_group"), group, text, act.actor, act.acted_at)
            return NoSuch() if noted is None else 0

        return await once(self._pool, act, write)

    async def end(self, act: Act, endings: Sequence[Ending]) -> Acted | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int:
            await connection.execute(query("act_is_about"), act.id, [one.entry.case for one in endings])
            return await end_in(connection, endings, act.acted_at)

        return await once(self._pool, act, write)

    async def forget(self, before: datetime) -> JournalDown | None:
        try:
            await self._pool.execute(query("forget_groups"), before)
        except asyncpg.ForeignKeyViolationError:
            return None  # one of them has come to life again: next time
        except DATABASE_ERRORS as error:
            return down(error)
        return None


async def end_in(connection: asyncpg.Connection, endings: Sequence[Ending], now: datetime) -> int:
    """Settle those that still stand as they were seen, and let their lanes go on; how many. Within a transaction.

    The next of a lane is not offered here, since whoever does this may have no bus: the owner's window finds it.
    """
    stand = await settle_in(connection, endings, now)
    if stand:
        await free(connection, ((e.entry.destination, e.entry.case) for e in stand))
    return len(stand)


async def settle_in(connection: asyncpg.Connection, endings: Sequence[Ending], now: datetime) -> Sequence[Ending]:
    """Settle those that still stand as they were seen, and leave their lanes to the caller; which they were."""
    rows = await connection.fetch(query("lock_dead"), [e.entry.delivery for e in endings])
    standing = {(r["id"], r["state"], r["attempt"]) for r in rows}
    stand = [
        e
        for e in {e.entry.delivery: e for e in endings}.values()
        if (e.entry.delivery, e.entry.state.value, e.entry.attempt) in standing
    ]
    if stand:
        await connection.execute(query("end_dead"), *columns([_row(e, now) for e in stand], width=13))
    return stand


def _row(e: Ending, now: datetime) -> tuple[object, ...]:
    entry, leaf = e.entry, e.leaf
    return (
        entry.message, leaf.id, leaf.kind, entry.destination, leaf.statement, leaf.hash, e.state.value, entry.attempt,
        e.code, e.detail, e.reference, now, entry.delivery,
    )  # fmt: skip


async def entries_of(connection: asyncpg.Connection, ids: Sequence[UUID]) -> Sequence[DeadEntry]:
    """Those of these that are set aside, whole."""
    rows = await connection.fetch(query("dead_entries"), ids) if ids else []
    return tuple(
        DeadEntry(
            delivery=row["id"],
            message=row["message_id"],
            system=row["system"],
            sender_id=row["sender_id"],
            destination=row["destination"],
            case=row["case_no"],
            contract=row["contract"],
            version=row["version"],
            position=row["position"],
            state=State(row["state"]),
            code=row["code"],
            detail=row["detail"],
            attempt=row["attempt"],
            failed_at=row["failed_at"],
            accepted_at=row["accepted_at"],
            expires_at=row["expires_at"],
            late=row["late"],
            ask_at=row["ask_at"],
            behind=row["behind"],
            replay=row["replay_id"],
        )
        for row in rows
    )


def _group(row: asyncpg.Record) -> DeadGroup:
    return DeadGroup(
        id=row["id"],
        destination=row["destination"],
        code=row["code"],
        contract=row["contract"],
        state=State(row["state"]),
        count=min(row["n"], COUNTED),
        more=row["n"] > COUNTED,
        oldest=row["oldest"],
        newest=row["newest"],
        note=row["note"],
        noted_by=row["noted_by"],
        noted_at=row["noted_at"],
    )
