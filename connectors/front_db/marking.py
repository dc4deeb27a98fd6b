# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What became of a row, written into the row: the flag, and beside it the code and the reason where its author looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.databases.cells import Misfit, cell_of
from connectors.databases.database import Session, attempt
from connectors.databases.rows import Row, mark
from connectors.databases.tables import Table, Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.front_db.item import reason_of
from connectors.front_db.table_config import Flag, TableConfig
from connectors.sdk import Refused, Taken


@dataclass(frozen=True, slots=True)
class Belonging:
    """A row of a detail table that travelled along: the number of its table in the settings, its key and its columns."""

    number: int
    key: Any
    row: Row


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row. Whatever is to be tried again has none."""

    key: Any
    answer: Taken | Refused
    details: tuple[Belonging, ...] = ()


class Marker:
    """Writes fates into one table, and into the tables of its details."""

    def __init__(self, tables: Tables, config: TableConfig, flag: Flag) -> None:
        self._tables = tables
        self._config = config
        self._flag = flag

    async def write(self, session: Session, fates: Sequence[Fate], owner: str | None) -> None:
        """Write them, uncommitted. Raises what the database raises. ``owner`` is who has leased the rows, if anybody."""
        config = self._config
        table = await self._tables.table(session, config.table, {config.key, self._flag.column})
        lease = config.lease
        free: dict[str, Any] = {lease.owner: None, lease.until: None} if lease else {}
        only = {lease.owner: owner} if lease and owner is not None else None
        taken = [fate.key for fate in fates if isinstance(fate.answer, Taken)]
        if taken:
            values = {self._flag.column: cell(table, self._flag.column, self._flag.taken), **free, **self._clear(table)}
            await mark(session, table, config.key, taken, values, only)
        for fate in fates:
            if isinstance(fate.answer, Refused):
                await self._refuse(session, table, fate.key, fate.answer, free, only)
        await self._mark_details(session, fates)

    async def _refuse(
        self, session: Session, table: Table, key: Any, answer: Refused, free: Row, only: Row | None
    ) -> None:
        """With the reason in words; without it where the table does not take those words; else the flag alone."""
        flag = {self._flag.column: cell(table, self._flag.column, self._value(answer)), **free}
        reason = self._config.reason
        code = {reason.code: _cut(table, reason.code, answer.code)} if reason.code else {}
        text = {reason.text: _cut(table, reason.text, reason_of(answer))} if reason.text else {}
        for extra in ({**code, **text}, code):
            if extra and await attempt(session, mark(session, table, self._config.key, [key], {**flag, **extra}, only)):
                return
        await mark(session, table, self._config.key, [key], flag, only)

    async def _mark_details(self, session: Session, fates: Sequence[Fate]) -> None:
        for number, detail in enumerate(self._config.details):
            if detail.flag is None:
                continue
            table = await self._tables.table(session, detail.table, {detail.key, detail.flag.column})
            for kind, value in ((Taken, detail.flag.taken), (Refused, detail.flag.refused)):
                keys = [
                    one.key
                    for fate in fates
                    for one in fate.details
                    if one.number == number and isinstance(fate.answer, kind)
                ]
                if keys:
                    values = {detail.flag.column: cell(table, detail.flag.column, value)}
                    await mark(session, table, detail.key, keys, values)

    def _value(self, answer: Refused) -> str:
        return self._flag.by_code.get(answer.code, self._flag.refused)

    def _clear(self, table: Table) -> dict[str, Any]:
        """What an earlier refusal left behind."""
        names = (self._config.reason.code, self._config.reason.text)
        return {name: None for name in names if name and name in table.c and table.c[name].nullable}


def cell(table: Table, column: str, text: str | None) -> Any:
    """The value of a flag as its column takes it. Raises :class:`TroubledError` when it takes none such."""
    value = cell_of(table.c[column], text) if text is not None else None
    if isinstance(value, Misfit):
        raise TroubledError(Trouble(Fault.SHAPE, "FLAG_VALUE", f"{table.name}.{column}: {value.expected}"))
    return value


def _cut(table: Table, column: str, text: str) -> str:
    length = getattr(table.c[column].type, "length", None) if column in table.c else None
    return text[:length] if isinstance(length, int) else text
