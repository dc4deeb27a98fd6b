# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A table without a flag: read by a column that only grows, up to a mark that is kept in a table of the hub's own.

A number or a moment is given to a row before its transaction commits, so a row may appear behind one that was read already.
A moment is therefore read only when the longest transaction must have ended since, and a gap between numbers is waited for
as long before it counts as a number that was thrown away. One hub reads at a time: it holds the lock of the bookmark's row.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.databases.cells import Misfit, cell_of, text_of
from connectors.databases.database import Database, Session
from connectors.databases.rows import add, after, lock_one, mark, now, read
from connectors.databases.tables import Table, Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.front_db.claim import Batch, Claimed, details_of
from connectors.front_db.config import SourceConfig
from connectors.front_db.item import reason_of
from connectors.front_db.marking import Fate
from connectors.front_db.table_config import TableConfig, Watermark
from connectors.sdk import Context, Refused

_COLUMNS: Final = ("name", "position", "moved_at")
_REFUSED: Final = ("id", "name", "row_key", "code", "reason", "refused_at")


class MarkedLane:
    """One batch in hand at a time, settled as far as its rows are, from the first on."""

    def __init__(
        self, database: Database, tables: Tables, config: SourceConfig, table: TableConfig, context: Context
    ) -> None:
        assert table.watermark is not None, "a marked lane has a watermark"
        self._database = database
        self._tables = tables
        self._config = config
        self._table = table
        self._watermark: Watermark = table.watermark
        self._context = context
        self._name = f"{context.destination}/{table.table}"[:200]
        self._order: list[Any] = []
        self._places: dict[Any, str] = {}
        self._done: set[Any] = set()
        self._gap: tuple[int, float] | None = None
        self._batch: Batch | None = None

    async def claim(self, room: int) -> Sequence[Claimed] | Trouble:
        """As the port says; nothing while a batch is in hand, or while another hub reads."""
        if self._batch is not None and not self._batch.gone:
            return []
        session = await self._database.begin()
        if isinstance(session, Trouble):
            return session
        found = await self._database.within(session, self._claimed(session, room), self._config.statement_seconds)
        if isinstance(found, Trouble) or not found:
            await self._database.end(session)
            return found
        self._batch = found[0].batch
        self._batch.session = session
        return found

    async def settle(self, batch: Batch, fates: Sequence[Fate]) -> Trouble | None:
        """As the port says; the mark moves when the batch is whole."""
        if batch.session is None:
            return None
        refused = [fate for fate in fates if isinstance(fate.answer, Refused)]
        trouble = None
        if refused:
            step = self._put_aside(batch.session, refused)
            trouble = await self._database.within(batch.session, step, self._config.statement_seconds)
        if trouble is None:
            keys = {fate.key for fate in fates}
            self._done |= keys
            batch.waiting -= keys
            if not batch.waiting:
                trouble = await self._move(batch)
        if trouble is not None or not batch.waiting:
            await self._drop(batch)
        return trouble

    async def let_go(self, batch: Batch) -> None:
        """As the port says."""
        if batch.session is not None and not batch.gone:
            await self._move(batch)
        await self._drop(batch)

    async def _claimed(self, session: Session, room: int) -> list[Claimed]:
        config, column = self._table, self._watermark.column
        marks = await self._tables.table(session, self._config.bookmark_table, _COLUMNS)
        there = await self._tables.table(
            session, config.table, {config.key, column, *([config.subject] if config.subject else [])}
        )
        position = await lock_one(session, marks, "name", self._name, "position")
        if position is None:
            return []
        since = _mark(there, column, config.key, position)
        moment = await now(session)
        until = moment - timedelta(seconds=self._watermark.settling_seconds)
        limit = until if _is_moment(there, column) else None
        keys = await after(session, there, column, config.key, since, limit, room)
        found = await read(session, there, config.key, keys)
        if limit is None:
            found = self._without_gap(column, since[0] if since else None, found)
        details = await details_of(session, self._tables, config, [row for _, row in found if row is not None])
        self._order, self._done = [key for key, _ in found], set()
        self._places = {
            key: orjson.dumps([text_of(row[column]), text_of(key)]).decode() for key, row in found if row is not None
        }
        batch = Batch(waiting=set(self._order))
        return [Claimed(key, row, batch, details.get(key, ())) for key, row in found]

    def _without_gap(self, column: str, last: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        """The rows up to the first number that is missing, unless it has been missing for long enough."""
        for index, (_, row) in enumerate(found):
            number = row[column] if row is not None else None
            if not isinstance(number, int):
                continue
            if isinstance(last, int) and number > last + 1:
                missing, moment = last + 1, self._context.monotonic()
                if self._gap is None or self._gap[0] != missing:
                    self._gap = (missing, moment)
                if moment - self._gap[1] < self._watermark.settling_seconds:
                    return found[:index]
                self._context.log.warning(
                    "numbers are missing", table=self._table.table, first=missing, last=number - 1
                )
            last = number
        return found

    async def _put_aside(self, session: Session, fates: Sequence[Fate]) -> None:
        aside = await self._tables.table(session, self._config.refused_table, _REFUSED)
        moment = await now(session)
        for fate in fates:
            assert isinstance(fate.answer, Refused), "only these are put aside"
            row = {
                "id": secrets.token_hex(16),
                "name": self._name,
                "row_key": str(text_of(fate.key))[:200],
                "code": fate.answer.code[:100],
                "reason": reason_of(fate.answer)[:1000],
                "refused_at": moment,
            }
            await add(session, aside, row)

    async def _move(self, batch: Batch) -> Trouble | None:
        """The mark goes behind the last row that is settled with all before it."""
        session, batch.gone = batch.session, True
        assert session is not None, "a batch that is held has its session"
        settled = 0
        while settled < len(self._order) and self._order[settled] in self._done:
            settled += 1
        place = next((self._places[key] for key in reversed(self._order[:settled]) if key in self._places), None)

        async def write() -> None:
            if place is not None:
                marks = await self._tables.table(session, self._config.bookmark_table, _COLUMNS)
                await mark(session, marks, "name", [self._name], {"position": place, "moved_at": await now(session)})
            await session.commit()

        return await self._database.within(session, write(), self._config.statement_seconds)

    async def _drop(self, batch: Batch) -> None:
        session, batch.session, batch.gone = batch.session, None, True
        if session is not None:
            await self._database.end(session)


def _is_moment(table: Table, column: str) -> bool:
    return table.c[column].type.python_type is datetime


def _mark(table: Table, column: str, key: str, position: str) -> tuple[Any, Any] | None:
    """What is kept of the last row that was read, as its columns have it; None before the first."""
    if not position:
        return None
    value, last = orjson.loads(position)
    found = (cell_of(table.c[column], value), cell_of(table.c[key], last))
    if any(isinstance(one, Misfit) for one in found):
        raise TroubledError(Trouble(Fault.SHAPE, "BOOKMARK", f"{table.name}.{column}"))
    return found
