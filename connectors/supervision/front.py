# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A supervision platform by rows of a front database: it takes what the hub wrote, and writes warnings and orders, whose flags
are their acknowledgements. The tables are those of ``front_db``'s profile ``supervision``.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from connectors.databases.database import Database, Session
from connectors.databases.rows import Unfit, cells, count_by, mark_all, put
from connectors.databases.tables import Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.supervision.words import Step, number_of, row

T = TypeVar("T")

RECORDS: Final = ("up_jc_accept", "up_jc_step", "up_jc_pause", "up_jc_resume", "up_jc_result")
ISSUES: Final = ("dn_jc_warning", "dn_jc_order")
_SECONDS = 60.0
_NEW: Final = {"is_sync": "0"}


class Front:
    """One platform's side of the database. Methods raise :class:`TroubledError` when the database does not do as it is told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = Tables(None)
        self._count = 0
        self._last: tuple[Step, str] | None = None

    async def issue(self, step: Step, case: str) -> str:
        """Write what a word says, and flag it as new; its number. In rows a lost acknowledgement is a flag that is new again."""
        if step in {Step.AGAIN, Step.ALTERED} and self._last is not None:
            before, number = self._last
        else:
            self._count += 1
            before, number = step, number_of(step, self._count)
            self._last = (step, number)
        name, texts = row(before, number, case)
        if step is Step.ALTERED:
            texts = {**texts, "content": f"{texts['content']}（更正）"}

        async def write(session: Session) -> None:
            table = await self._tables.table(session, name)
            found = cells(table, texts)
            if isinstance(found, Unfit):
                raise TroubledError(Trouble(Fault.DATA, found.misfit.code, found.column))
            await put(session, table, "row_guid", [found], _NEW)
            await mark_all(session, table, {"row_guid": number}, _NEW)

        await self._do(write)
        return number

    async def take(self) -> int:
        """Take every record that waits; how many."""

        async def take(session: Session) -> int:
            taken = 0
            for name in RECORDS:
                table = await self._tables.table(session, name)
                taken += await mark_all(session, table, _NEW, {"is_sync": "1"})
            return taken

        return await self._do(take)

    async def counts(self) -> dict[str, int]:
        """How many warnings and orders are there, acknowledged and refused; how many records came up and were taken."""

        async def look(session: Session) -> dict[str, int]:
            issued = await self._flags(session, ISSUES)
            records = await self._flags(session, RECORDS)
            return {
                "issued": sum(issued.values()),
                "acknowledged": issued["1"],
                "refused": issued["3"],
                "records": sum(records.values()),
                "taken": records["1"],
            }

        return await self._do(look)

    async def _flags(self, session: Session, names: Sequence[str]) -> Counter[str]:
        """Rows of these tables by flag."""
        found: Counter[str] = Counter()
        for name in names:
            table = await self._tables.table(session, name)
            for flag, rows in (await count_by(session, table, ("is_sync",))).items():
                found[flag] += rows
        return found

    async def _do(self, work: Callable[[Session], Awaitable[T]]) -> T:
        done = await self._database.run(work, _SECONDS)
        if isinstance(done, Trouble):
            raise TroubledError(done)
        return done
