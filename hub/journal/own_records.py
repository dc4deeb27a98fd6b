# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one system may know of itself. Index by index: the costs are those of a page, however much there is."""

from collections.abc import Sequence
from uuid import UUID

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import JournalDown, LanePlace, RefusedView, State, WaitingView

_END = UUID(int=2**128 - 1)
_LOOK_SECONDS = 10.0


class PostgresOwnRecords:
    """The part :class:`hub.ports.journal.OwnRecords`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def refusals(self, system: str, before: UUID | None, limit: int) -> Sequence[RefusedView] | JournalDown:
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(query("refusals_of"), system, before or _END, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(RefusedView(**row) for row in rows)

    async def waiting(
        self, destinations: Sequence[str], after: LanePlace | None, limit: int
    ) -> Sequence[WaitingView] | JournalDown:
        begin = after or LanePlace("", "", 0)
        try:
            async with self._pool.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(
                    query("waiting_at"), list(destinations), begin.destination, begin.case, begin.position, limit
                )
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(WaitingView(**{**row, "state": State(row["state"])}) for row in rows)
