# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the journal: one message, one case, what is open."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hub.journal.case_views import CaseViews, views_of
from hub.journal.migrate import first_id
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.journal.seals import MESSAGE, Opened, Seals
from hub.ports.journal import CasesThatSaid, CaseView, JournalDown, MessageView, Recorded, RefusedPlan

_PING_SECONDS = 1.5
_LOOK_SECONDS = 10.0


class PostgresLookups:
    """The part :class:`hub.ports.journal.Lookups`."""

    def __init__(self, pool: JournalPool, path: JournalPool, seals: Seals) -> None:
        """``path`` are the connections of the path: whether those get through is what a ping asks."""
        self._pool = pool
        self._path = path
        self._seals = seals
        self._cases = CaseViews(pool)

    async def close(self) -> None:
        await self._cases.close()

    async def message(self, message_id: UUID) -> MessageView | JournalDown | None:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                views = await views_of(connection, [message_id])
        except DATABASE_ERRORS as error:
            return down(error)
        return views[0] if views else None

    async def message_by_sender_id(self, system: str, sender_id: str) -> MessageView | JournalDown | None:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                message_id = await connection.fetchval(query("message_id_of"), system, sender_id)
                views = await views_of(connection, [message_id]) if message_id else []
        except DATABASE_ERRORS as error:
            return down(error)
        return views[0] if views else None

    async def case(self, case: str, limit: int = 500) -> CaseView | JournalDown | None:
        return await self._cases.view(case, limit)

    async def recorded(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Recorded] | JournalDown:
        # A clock that stepped back may have given a message an earlier id; a minute covers what a hub tolerates.
        floor = after or first_id(since - timedelta(minutes=1))
        try:
            found = await self._pool.fetch(query("recorded"), floor, since, limit)
            rows = await self._seals.opened(MESSAGE, found)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(recorded_of, rows))

    async def unplanned(self, since: datetime, after: UUID | None, limit: int) -> Sequence[RefusedPlan] | JournalDown:
        floor = after or first_id(since - timedelta(minutes=1))
        try:
            rows = await self._pool.fetch(query("unplanned"), floor, since, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(RefusedPlan(**row) for row in rows)

    async def said(
        self, contracts: Sequence[str], after: UUID, before: UUID, limit: int
    ) -> CasesThatSaid | JournalDown:
        try:
            rows = await self._pool.fetch(query("cases_that_said"), after, before, limit, list(contracts))
        except DATABASE_ERRORS as error:
            return down(error)
        cases = frozenset(row["case_no"] for row in rows if row["wanted"])
        return CasesThatSaid(cases, rows[-1]["id"] if len(rows) == limit else None)

    async def before(self, case: str, message: UUID, contracts: Sequence[str]) -> Sequence[Recorded] | JournalDown:
        try:
            found = await self._pool.fetch(query("before"), case, message, list(contracts))
            rows = await self._seals.opened(MESSAGE, found)
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


def recorded_of(row: Opened) -> Recorded:
    """One row of a statement that reads messages with their data, opened."""
    return Recorded(
        message_id=row["id"],
        system=row["system"],
        contract=row["contract"],
        version=row["version"],
        case=row["case_no"],
        accepted_at=row["accepted_at"],
        canonical=row["canonical"],
    )
