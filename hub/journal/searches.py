# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages by whatever name somebody has for them, in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import Found, JournalDown

_LOOK_SECONDS = 5.0


class PostgresSearches:
    """The part :class:`hub.ports.journal.Searches`."""

    def __init__(self, readers: JournalPool) -> None:
        self._readers = readers

    async def sent_as(self, name: str, systems: Sequence[str]) -> Sequence[Found] | JournalDown:
        try:
            async with self._readers.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(query("sent_as"), name, list(systems))
        except DATABASE_ERRORS as error:
            return down(error)
        return [Found(row["system"], row["case_no"], row["id"]) for row in rows]

    async def called(self, number: str, systems: Sequence[str]) -> Sequence[Found] | JournalDown:
        try:
            async with self._readers.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(query("called"), number, list(systems))
        except DATABASE_ERRORS as error:
            return down(error)
        return [Found(row["system"], row["case_no"]) for row in rows]

    async def delivery(self, delivery: UUID) -> Found | JournalDown | None:
        try:
            async with self._readers.prompt(_LOOK_SECONDS) as connection:
                row = await connection.fetchrow(query("delivery_by_id"), delivery)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else Found(row["destination"], row["case_no"], row["id"])
