# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the journal: one message, one case, what is open."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from hub.journal.bodies import unpack
from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import AttemptView, CaseView, DeliveryView, JournalDown, LateAnswer, MessageView, Recorded, State

_PING_SECONDS = 1.5
_LOOK_SECONDS = 10.0


class PostgresLookups:
    """The part :class:`hub.ports.journal.Lookups`."""

    def __init__(self, pool: JournalPool, path: JournalPool) -> None:
        """``path`` are the connections of the path: whether those get through is what a ping asks."""
        self._pool = pool
        self._path = path

    async def message(self, message_id: UUID) -> MessageView | JournalDown | None:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                views = await _views(connection, [message_id])
        except DATABASE_ERRORS as error:
            return down(error)
        return views[0] if views else None

    async def message_by_sender_id(self, system: str, sender_id: str) -> MessageView | JournalDown | None:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                message_id = await connection.fetchval(query("message_id_of"), system, sender_id)
                views = await _views(connection, [message_id]) if message_id else []
        except DATABASE_ERRORS as error:
            return down(error)
        return views[0] if views else None

    async def case(self, case: str, limit: int = 500) -> CaseView | JournalDown | None:
        try:
            async with (
                self._pool.prompt(_LOOK_SECONDS) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                parties = await connection.fetch(query("parties_of_case"), case)
                if not parties:
                    return None
                ids = [r["message_id"] for r in await connection.fetch(query("messages_of_case"), case, limit)]
                views = await _views(connection, ids)
        except DATABASE_ERRORS as error:
            return down(error)
        return CaseView(case=case, parties=frozenset(r["system"] for r in parties), messages=tuple(views))

    async def recorded(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Recorded] | JournalDown:
        # A clock that stepped back may have given a message an earlier id; a minute covers what a hub tolerates.
        floor = after or first_id(since - timedelta(minutes=1))
        try:
            rows = await self._pool.fetch(query("recorded"), floor, since, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(recorded_of, rows))

    async def before(self, case: str, message: UUID, contracts: Sequence[str]) -> Sequence[Recorded] | JournalDown:
        try:
            rows = await self._pool.fetch(query("before"), case, message, list(contracts))
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(recorded_of, rows))

    async def ping(self) -> JournalDown | None:
        try:
            async with self._path.prompt(_PING_SECONDS) as connection:
                row = await connection.fetchrow(query("writable"))
            if row["writable"] and self._path.full:
                await self._path.try_to_write(query("room"))
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row["writable"] else JournalDown("read-only")

    async def counts(self) -> Mapping[str, Mapping[str, int]] | JournalDown:
        try:
            rows = await self._pool.fetch(query("counts"))
        except DATABASE_ERRORS as error:
            return down(error)
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["destination"], {})[row["state"]] = row["n"]
        return found


def recorded_of(row: asyncpg.Record) -> Recorded:
    """One row of a statement that reads messages with their data."""
    return Recorded(
        message_id=row["id"],
        system=row["system"],
        contract=row["contract"],
        version=row["version"],
        case=row["case_no"],
        accepted_at=row["accepted_at"],
        canonical=unpack(row["codec"], row["canonical"]),
    )


async def _views(connection: asyncpg.Connection, ids: Sequence[UUID]) -> list[MessageView]:
    if not ids:
        return []
    attempts: dict[tuple[UUID, str], list[AttemptView]] = {}
    for row in await connection.fetch(query("attempts"), ids):
        attempts.setdefault((row["message_id"], row["destination"]), []).append(
            AttemptView(
                attempt=row["attempt"],
                state=State(row["state"]),
                code=row["code"],
                detail=row["detail"],
                started_at=row["started_at"],
                ended_at=row["ended_at"],
                told_late=_late_answer(row),
            )
        )
    deliveries: dict[UUID, list[DeliveryView]] = {}
    for row in await connection.fetch(query("deliveries"), ids):
        history = attempts.get((row["message_id"], row["destination"]), [])
        deliveries.setdefault(row["message_id"], []).append(_delivery(row, history))
    return [
        MessageView(
            id=row["id"],
            system=row["system"],
            sender_id=row["sender_id"],
            contract=row["contract"],
            version=row["version"],
            case=row["case_no"],
            event_time=row["event_time"],
            accepted_at=row["accepted_at"],
            digest=row["digest"],
            table_version=row["table_version"],
            receipt=row["receipt"],
            deliveries=tuple(deliveries.get(row["id"], [])),
        )
        for row in await connection.fetch(query("message"), ids)
    ]


def _late_answer(row: asyncpg.Record) -> LateAnswer | None:
    if row["late_at"] is None:
        return None
    return LateAnswer(
        state=State(row["late_state"]),
        code=row["late_code"],
        detail=row["late_detail"],
        reference=row["late_reference"],
        at=row["late_at"],
    )


def _delivery(row: asyncpg.Record, attempts: list[AttemptView]) -> DeliveryView:
    return DeliveryView(
        id=row["delivery_id"],
        destination=row["destination"],
        position=row["position"],
        state=State(row["state"]),
        code=row["code"],
        detail=row["detail"],
        reference=row["reference"],
        due_at=row["due_at"],
        settled_at=row["settled_at"],
        blocked_by=row["blocked_by"],
        late=row["late"],
        attempts=tuple(attempts),
    )
