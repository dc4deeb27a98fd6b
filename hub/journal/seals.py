# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies in and out of the journal's rows: packed and sealed on the way in, opened on the way out. The one place that does.

A row's ``codec`` says how: bits of :mod:`hub.journal.packing`, and whether it is sealed or erased.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg

from certs.envelope import KeyTrouble, number_of
from hub.journal.data_keys import DataKeys
from hub.journal.packing import pack, unpack

SEALED: Final = 16
ERASED: Final = 32

Opened: TypeAlias = Mapping[str, Any]
"""A row whose bodies are as they were."""

_DAY_MILLISECONDS = 86_400_000


@dataclass(frozen=True, slots=True)
class Table:
    """Where bodies lie: the columns that are packed and sealed, those that are sealed only, and the id that names the row."""

    name: str
    id: str
    packed: tuple[str, ...]
    plain: tuple[str, ...]

    def place(self, column: str, row: UUID) -> bytes:
        """The associated data of one value."""
        return f"{self.name}\0{column}\0".encode() + row.int.to_bytes(16, "big")


MESSAGE: Final = Table("message", "id", ("raw", "canonical"), ("attributes",))
JOINED: Final = Table("process_joined", "delivery_id", ("body",), ("attributes",))


class DamagedError(asyncpg.DataError):  # type: ignore[misc]  # because the library ships no types
    """A sealed value was changed or moved. Its row is guilty, like one that the database refuses, and its neighbours are not."""


class Seals:
    """Without keys nothing is sealed, and what is sealed cannot be opened."""

    def __init__(self, keys: DataKeys | None = None) -> None:
        self._keys = keys
        self._hashing: Callable[[bytes], bytes] | None = None

    @property
    def hashing(self) -> Callable[[bytes], bytes] | None:
        """The keyed hash of the index of persons, after :meth:`ready`; None: there is no index."""
        return self._hashing

    @property
    def keys(self) -> DataKeys | None:
        """The data keys, where there are any."""
        return self._keys

    async def trouble(self) -> KeyTrouble | None:
        """What is wrong with the master key. Raises what the database does."""
        return None if self._keys is None else await self._keys.trouble()

    async def ready(self, writing: Iterable[tuple[str, UUID]]) -> None:
        """Before rows of these systems and ids are sealed; outside of any transaction."""
        if self._keys is not None:
            await self._keys.ensure({(system, month_of(row)) for system, row in writing})
            if self._hashing is None:
                self._hashing = await self._keys.hashing()

    def seal(
        self,
        table: Table,
        owner: tuple[str, UUID],
        packed: Sequence[bytes],
        plain: Sequence[bytes],
        named: UUID | None = None,
    ) -> tuple[int, Sequence[bytes], Sequence[bytes]]:
        """Codec and values, in the order of the table's columns. ``owner`` is the system and the row's id, which tells the month;
        ``named`` is the row's id where that is no UUIDv7.
        """
        codec, bodies = pack(*packed)
        if self._keys is None:
            return codec, bodies, plain
        system, dated = owner
        key, row = self._keys.of((system, month_of(dated))), named or dated
        return (
            codec | SEALED,
            [key.seal(value, table.place(name, row)) for name, value in zip(table.packed, bodies, strict=True)],
            [key.seal(value, table.place(name, row)) for name, value in zip(table.plain, plain, strict=True)],
        )

    async def opened(self, table: Table, rows: Collection[asyncpg.Record | Opened]) -> list[Opened]:
        """Rows with their bodies as they were; those that are erased, or whose key is destroyed, are left out.

        Raises :class:`DamagedError`.
        """
        opened = []
        for row, found in zip(rows, await self.each(table, rows), strict=True):
            if isinstance(found, Damaged):
                raise DamagedError(f"{table.name} {row[table.id]}")
            if found is not None:
                opened.append(found)
        return opened

    async def each(self, table: Table, rows: Collection[asyncpg.Record | Opened]) -> "list[Opened | Damaged | None]":
        """The same for each row: None where it is erased, or its key destroyed."""
        if any(row["codec"] & SEALED for row in rows):
            await self._learn(table, rows)
        return [self._opened(table, row) for row in rows]

    async def _learn(self, table: Table, rows: Collection[asyncpg.Record | Opened]) -> None:
        if self._keys is None:
            return
        numbers = {
            number
            for row in rows
            if row["codec"] & SEALED
            for column in (*table.packed, *table.plain)
            if (value := row.get(column)) is not None and (number := number_of(value)) is not None
        }
        await self._keys.learn(numbers)

    def _opened(self, table: Table, row: asyncpg.Record | Opened) -> "Opened | Damaged | None":
        codec = row["codec"]
        if codec & ERASED:
            return None
        values = dict(row)
        if codec & SEALED:
            for column in (*table.packed, *table.plain):
                if column in values:
                    value = self._value(values[column], table.place(column, UUID(int=row[table.id].int)))
                    if not isinstance(value, bytes):
                        return value
                    values[column] = value
        for column in table.packed:
            if column in values:
                values[column] = unpack(codec & ~SEALED, values[column])
        return values

    def _value(self, sealed: bytes, place: bytes) -> "bytes | Damaged | None":
        number = number_of(sealed)
        if self._keys is None or number is None:
            return Damaged()
        key = self._keys.numbered(number)
        if key is None:
            return None if self._keys.destroyed(number) else Damaged()
        value = key.open(sealed, place)
        return Damaged() if value is None else value


@dataclass(frozen=True, slots=True)
class Damaged:
    """It cannot be opened: it was changed, moved here from elsewhere, or there is no such key."""


_months: dict[int, date] = {}


def first_of_month(moment: datetime) -> date:
    """The month of a moment, as data keys have it."""
    return moment.astimezone(UTC).date().replace(day=1)


def month_of(identifier: UUID) -> date:
    """The first day of the month in which a UUIDv7 was made."""
    day = (identifier.int >> 80) // _DAY_MILLISECONDS
    if (found := _months.get(day)) is None:
        if len(_months) > 1000:
            _months.clear()
        found = _months[day] = datetime.fromtimestamp(day * 86_400, UTC).date().replace(day=1)
    return found
