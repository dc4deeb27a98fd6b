# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The tables as they are there, read when they are first needed and again when they have changed."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Column, FetchedValue, MetaData, Table, inspect
from sqlalchemy.engine import Connection

from connectors.databases.database import Session
from connectors.databases.trouble import Fault, Trouble, TroubledError

__all__ = ["Table", "Tables"]


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
        """Its columns and no more: what else a table has takes a dozen questions, and nothing here depends on it."""
        columns = [
            Column(
                one["name"],
                one["type"],
                nullable=one.get("nullable", True),
                server_default=FetchedValue() if _fills_itself(one) else None,
            )
            for one in inspect(connection).get_columns(name, schema=self._schema)
        ]
        return Table(name, MetaData(), *columns, schema=self._schema)

    async def has_unique_key(self, session: Session, name: str, column: str) -> bool:
        """Whether the database itself keeps two rows from having the same value there."""

        def look(connection: Connection) -> bool:
            inspector = inspect(connection)
            found = [inspector.get_pk_constraint(name, schema=self._schema)["constrained_columns"]]
            found += [one["column_names"] for one in inspector.get_unique_constraints(name, schema=self._schema)]
            indexes = inspector.get_indexes(name, schema=self._schema)
            found += [[str(part) for part in one["column_names"]] for one in indexes if one["unique"]]
            return [column] in found

        return await session.connection.run_sync(look)


def _fills_itself(column: Mapping[str, Any]) -> bool:
    """Whether the database has a value for it when nobody says one."""
    told = (column.get("default"), column.get("identity"), column.get("computed"))
    return any(told) or column.get("autoincrement") is True
