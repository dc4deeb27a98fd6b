# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The tables as they are there, read when they are first needed and again when they have changed."""

from collections.abc import Collection

from sqlalchemy import MetaData
from sqlalchemy import Table as Table
from sqlalchemy.engine import Connection

from connectors.databases.database import Session
from connectors.databases.trouble import Fault, Trouble, TroubledError


class Tables:
    """The tables of one schema, by name. For one event loop."""

    def __init__(self, schema: str | None) -> None:
        self._schema = schema
        self._known: dict[str, Table] = {}

    async def table(self, session: Session, name: str, needed: Collection[str] = ()) -> Table:
        """The table, with these columns. Raises :class:`TroubledError` when it is not there, or one of them is not."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = await session.connection.run_sync(self._read, name)
        missing = next((column for column in needed if column not in found.c), None)
        if missing is not None:
            self.forget(name)
            raise TroubledError(Trouble(Fault.SHAPE, "NO_COLUMN", f"{name}.{missing}"))
        return found

    def forget(self, name: str | None = None) -> None:
        """Read it anew when it is needed next; without a name, all of them."""
        if name is None:
            self._known.clear()
        else:
            self._known.pop(name, None)

    def _read(self, connection: Connection, name: str) -> Table:
        return Table(name, MetaData(), schema=self._schema, autoload_with=connection, resolve_fks=False)


def has_unique_key(table: Table, column: str) -> bool:
    """Whether the database itself keeps two rows from having the same value there."""
    if [one.name for one in table.primary_key.columns] == [column]:
        return True
    if any(index.unique and [one.name for one in index.columns] == [column] for index in table.indexes):
        return True
    return any(
        [one.name for one in getattr(constraint, "columns", ())] == [column]
        for constraint in table.constraints
        if type(constraint).__name__ == "UniqueConstraint"
    )
