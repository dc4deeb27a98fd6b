# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Deliveries whose final answer does not come, and their ends by an operator's word.

Order of the locks, as wherever answers are heard: rows of references (sorted), then open deliveries (sorted by id), then lanes.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import once
from hub.journal.answer_book import Entry, Key, Word, open_entries, save
from hub.journal.lanes import free
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.journal import Act, Acted, Decided, JournalDown, RequestTaken, State, Unanswered


class PostgresUnanswered:
    """The part :class:`hub.ports.journal.UnansweredDeliveries`."""

    def __init__(self, pool: JournalPool, readers: JournalPool) -> None:
        self._pool = pool
        self._readers = readers

    async def listed(
        self, after: tuple[str, UUID], limit: int, *, destination: str | None = None, due_before: datetime | None = None
    ) -> Sequence[Unanswered] | JournalDown:
        begin = after if destination is None or after[0] >= destination else (destination, UUID(int=0))
        try:
            rows = await self._readers.fetch(query("unanswered"), *begin, destination, due_before, limit)
            return await self._entries([row["id"] for row in rows])
        except DATABASE_ERRORS as error:
            return down(error)

    async def chosen(self, deliveries: Sequence[UUID]) -> Sequence[Unanswered] | JournalDown:
        try:
            return await self._entries(list(dict.fromkeys(deliveries)))
        except DATABASE_ERRORS as error:
            return down(error)

    async def references(self, destination: str, after: UUID, limit: int) -> Sequence[tuple[UUID, str]] | JournalDown:
        try:
            rows = await self._readers.fetch(query("awaited_references"), destination, after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(UUID(int=row["id"].int), row["reference"]) for row in rows]

    async def decide(self, act: Act, decisions: Sequence[Decided]) -> Acted | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int:
            return await _decide(connection, decisions, act.acted_at)

        return await once(self._pool, act, write)

    async def ask(self, act: Act, deliveries: Sequence[UUID], at: datetime) -> Acted | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int:
            return len(await connection.fetch(query("ask_unanswered"), deliveries, at))

        return await once(self._pool, act, write)

    async def _entries(self, ids: Sequence[UUID]) -> Sequence[Unanswered]:
        rows = await self._readers.fetch(query("unanswered_entries"), ids) if ids else []
        return tuple(map(_view, rows))


async def _decide(connection: asyncpg.Connection, decisions: Sequence[Decided], now: datetime) -> int:
    named = {_key(one): one for one in decisions if one.entry.reference}
    entries = await open_entries(connection, named, now)
    ids = [one.entry.delivery for one in decisions]
    seen = {(row["id"], row["attempt"]) for row in await connection.fetch(query("lock_unanswered"), ids, now)}
    stand = [one for one in decisions if (one.entry.delivery, one.entry.attempt) in seen]
    await _end(connection, [one for one in stand if one.state is State.DELIVERED], now)
    await _reject(connection, [one for one in stand if one.state is not State.DELIVERED])
    for one in stand:
        if one.entry.reference:
            _told(entries[_key(one)], one, now)
    if entries:
        await save(connection, list(entries.values()))
    if freed := [one for one in stand if one.state is State.DELIVERED or one.goes_on]:
        await free(connection, ((one.entry.destination, one.entry.case) for one in freed))
    return len(stand)


def _told(entry: Entry, one: Decided, now: datetime) -> None:
    """What the reference says from now on: the operator's word, unless it is another delivery's."""
    if entry.delivery == one.entry.delivery:
        entry.awaited = False
        entry.told = Word(
            state=one.state, code=one.code, detail=one.detail, receipt=one.reference, at=None, heard_at=now
        )


async def _end(connection: asyncpg.Connection, decisions: Sequence[Decided], now: datetime) -> None:
    if decisions:
        rows = [
            (
                one.entry.message, one.leaf.id, one.leaf.kind, one.entry.destination, one.leaf.statement, one.leaf.hash,
                one.state.value, one.entry.attempt, one.code, one.detail, one.reference, now, one.entry.delivery,
            )
            for one in decisions
        ]  # fmt: skip
        await connection.execute(query("end_dead"), *columns(rows, width=13))


async def _reject(connection: asyncpg.Connection, decisions: Sequence[Decided]) -> None:
    if decisions:
        rows = [
            (
                one.entry.message, one.leaf.id, one.leaf.kind, one.entry.destination, one.leaf.statement, one.leaf.hash,
                one.entry.delivery, one.code, one.detail, one.goes_on,
            )
            for one in decisions
        ]  # fmt: skip
        await connection.execute(query("reject_unanswered"), *columns(rows, width=10))


def _key(one: Decided) -> Key:
    return one.entry.destination, one.entry.reference


def _view(row: asyncpg.Record) -> Unanswered:
    return Unanswered(
        delivery=row["id"],
        message=row["message_id"],
        system=row["system"],
        sender_id=row["sender_id"],
        destination=row["destination"],
        case=row["case_no"],
        contract=row["contract"],
        version=row["version"],
        position=row["position"],
        attempt=row["attempt"],
        reference=row["reference"],
        accepted_at=row["accepted_at"],
        since=row["since"] or row["replayed_at"] or row["accepted_at"],
        due=row["answer_due"],
        ask_at=row["ask_at"],
        asked=row["asked"],
        lent_until=row["lease_until"],
        behind=row["behind"],
    )
