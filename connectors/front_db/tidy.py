# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Around the reading: rows that the hub took long ago are removed where the settings say so, and tables are looked at."""

import asyncio
from datetime import timedelta
from typing import Final

from connectors.databases.database import Database, Session
from connectors.databases.rows import now, remove
from connectors.databases.tables import Tables
from connectors.databases.trouble import Trouble
from connectors.front_db.config import SourceConfig
from connectors.front_db.marking import cell
from connectors.front_db.table_config import TableConfig
from connectors.sdk import Context, Delivered, Outcome, Unavailable

EVERY_SECONDS = 3600.0
_QUESTION_SECONDS: Final = 25.0


class Tidying:
    """One task, where there is something to tidy."""

    def __init__(self, database: Database, tables: Tables, config: SourceConfig, context: Context) -> None:
        self._database = database
        self._tables = tables
        self._config = config
        self._context = context
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, if any table is to be tidied."""
        if any(table.keep_days for table in self._config.tables):
            name = f"tidy {self._context.destination}"
            self._task = asyncio.get_running_loop().create_task(self._work(), name=name)

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def tidy(self, table: TableConfig) -> int | Trouble:
        """Remove what the hub took longer ago than the settings say; how many rows."""
        total = 0
        while True:
            removed = await self._database.run(
                lambda session: self._remove(session, table), self._config.statement_seconds
            )
            if isinstance(removed, Trouble):
                return removed
            total += removed
            if not removed:
                return total

    async def look(self) -> Outcome:
        """Whether the tables are there, with the columns that are needed."""

        async def look(session: Session) -> None:
            self._tables.forget()
            for one in self._config.tables:
                flag = {one.flag.column} if one.flag else set()
                watermark = {one.watermark.column} if one.watermark else set()
                lease = {one.lease.owner, one.lease.until} if one.lease else set()
                reason = {name for name in (one.reason.code, one.reason.text, one.subject, one.written) if name}
                await self._tables.table(session, one.table, {*one.ordered_by, *flag, *watermark, *lease, *reason})
                for detail in one.details:
                    own = {detail.flag.column} if detail.flag else set()
                    await self._tables.table(session, detail.table, {detail.key, *detail.by, *own})

        found = await self._database.run(look, _QUESTION_SECONDS)
        return Unavailable(str(found)) if isinstance(found, Trouble) else Delivered()

    async def _remove(self, session: Session, table: TableConfig) -> int:
        assert table.flag is not None, "what is tidied has a flag"
        assert table.written is not None, "what is tidied has a moment"
        there = await self._tables.table(session, table.table, {table.written})
        before = await now(session) - timedelta(days=table.keep_days or 0)
        settled = {table.flag.column: cell(there, table.flag.column, table.flag.taken)}
        return await remove(session, there, table.key, settled, (table.written, before))

    async def _work(self) -> None:
        while True:
            for table in self._config.tables:
                if table.keep_days:
                    removed = await self.tidy(table)
                    if isinstance(removed, Trouble):
                        self._context.log.warning("cannot tidy", table=table.table, reason=str(removed))
                    elif removed:
                        self._context.log.info("tidied", table=table.table, rows=removed)
            await asyncio.sleep(EVERY_SECONDS)
