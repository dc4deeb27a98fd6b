# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which regions and systems things are about, in PostgreSQL: out of what was recorded when messages were accepted."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import asyncpg

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import Bounds, Inside, JournalDown

_LOOK_SECONDS = 20.0


class PostgresJurisdictions:
    """The part :class:`hub.ports.journal.Jurisdictions`."""

    def __init__(self, readers: JournalPool) -> None:
        self._readers = readers

    async def of_messages(self, messages: Sequence[UUID]) -> Mapping[UUID, str | None] | JournalDown:
        rows = await self._rows(query("regions_of_messages"), list(dict.fromkeys(messages)))
        return rows if isinstance(rows, JournalDown) else {row["id"]: row["region"] for row in rows}

    async def of_cases(self, cases: Collection[str]) -> Mapping[str, Bounds] | JournalDown:
        wanted = sorted(set(cases))
        said = await self._rows(query("regions_of_cases"), wanted)
        parties = await self._rows(query("parties_of_cases"), wanted)
        if isinstance(said, JournalDown):
            return said
        if isinstance(parties, JournalDown):
            return parties
        regions: dict[str, set[str]] = {}
        systems: dict[str, set[str]] = {}
        for row in said:
            regions.setdefault(row["case_no"], set()).add(row["region"])
        for row in parties:
            systems.setdefault(row["case_no"], set()).add(row["system"])
        return {case: Bounds(frozenset(regions.get(case, ())), frozenset(systems.get(case, ()))) for case in wanted}

    async def of_replay(self, replay: UUID) -> Sequence[tuple[str, str | None]] | JournalDown:
        rows = await self._rows(query("reach_of_replay"), replay)
        return rows if isinstance(rows, JournalDown) else [(row["destination"], row["region"]) for row in rows]

    async def of_number(self, system: str, number: str) -> Sequence[str] | JournalDown:
        rows = await self._rows(query("cases_of_number"), system, number)
        return rows if isinstance(rows, JournalDown) else [row["case_no"] for row in rows]

    async def dead_inside(self, groups: Sequence[int], regions: Sequence[str]) -> Mapping[int, Inside] | JournalDown:
        rows = await self._rows(query("dead_inside"), list(groups), list(regions))
        if isinstance(rows, JournalDown):
            return rows
        return {row["dead_group"]: Inside(row["n"], row["oldest"], row["newest"]) for row in rows}

    async def _rows(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record] | JournalDown:
        try:
            async with self._readers.prompt(_LOOK_SECONDS) as connection:
                rows: Sequence[asyncpg.Record] = await connection.fetch(statement, *arguments)
        except DATABASE_ERRORS as error:
            return down(error)
        return rows
