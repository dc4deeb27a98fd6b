# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The statements on tables that others own: rows put by key, taken under a lock, marked, removed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Select, Table, and_, func, literal_column, or_, select, true, update
from sqlalchemy import delete as delete_from
from sqlalchemy import insert as insert_into
from sqlalchemy.exc import DBAPIError

from connectors.databases.cells import Misfit, cell_of
from connectors.databases.database import Session
from connectors.databases.trouble import Fault, Trouble, TroubledError, trouble_of
from contracts.dialects.encoding import Encoding, Unencodable

_CHUNK = 500
"""Keys or rows of one statement."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A column whose text does not go into it."""

    column: str
    misfit: Misfit


def cells(table: Table, texts: Mapping[str, str | None], *, whole: bool = True) -> dict[str, Any] | Unfit:
    """A row of texts as the table's columns take it; they must be there. ``whole``: and none be left out that must be said."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        value = cell_of(table.c[name], text)
        if isinstance(value, Misfit):
            return Unfit(name, value)
        found[name] = value
    for column in table.c if whole else ():
        if column.name not in found and isinstance(value := cell_of(column, None), Misfit):
            return Unfit(column.name, value)
    return found


async def put(session: Session, table: Table, key: str, rows: Sequence[Row], stir: Mapping[str, Any]) -> None:
    """Have these rows in the table, each once by its key.

    What is there already and says the same is left alone, whatever has become of it since; what says something else is
    changed, and ``stir`` (the flag that says: new) is written with it. A row of a batch stands for all: same columns.
    """
    with _naming(table, rows):
        there = await _there(session, table, key, [row[key] for row in rows])
        fresh: list[dict[str, Any]] = []
        for row in rows:
            before = there.get(row[key])
            if before is None:
                fresh.append({**stir, **row})
            elif any(before[name] != value for name, value in row.items() if name not in stir):
                await session.connection.execute(update(table).where(table.c[key] == row[key]).values({**row, **stir}))
        for begin in range(0, len(fresh), _CHUNK):
            await session.connection.execute(insert_into(table), fresh[begin : begin + _CHUNK])


@contextmanager
def _naming(table: Table, rows: Sequence[Row]) -> Iterator[None]:
    """Trouble with the data is told with the table, and with the column where anybody can know it."""
    try:
        yield
    except DBAPIError as error:
        trouble = trouble_of(error)
        if trouble.fault is not Fault.DATA:
            raise
        column = trouble.where or (_unwritable(rows) if trouble.code == "CHARACTER" else "")
        where = f"{table.name}.{column}" if column else table.name
        raise TroubledError(Trouble(trouble.fault, trouble.code, where)) from None


def _unwritable(rows: Sequence[Row]) -> str:
    """The first column with a character beyond GB 2312: a database in that encoding does not name it."""
    for row in rows:
        for name, value in row.items():
            if isinstance(value, str) and isinstance(Encoding.GB2312.encode(value), Unencodable):
                return name
    return ""


async def present(session: Session, table: Table, key: str, value: Any) -> bool:
    """Whether there is a row under that key."""
    found = await session.connection.execute(select(table.c[key]).where(table.c[key] == value).limit(1))
    return found.first() is not None


async def _there(session: Session, table: Table, key: str, keys: Sequence[Any]) -> dict[Any, Row]:
    found: dict[Any, Row] = {}
    for begin in range(0, len(keys), _CHUNK):
        statement = select(table).where(table.c[key].in_(keys[begin : begin + _CHUNK])).with_for_update()
        for row in await session.connection.execute(statement):
            whole = _plain(row)
            found[whole[key]] = whole
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Which rows of a table wait to be taken: those with this flag, in this order, the leased ones left out."""

    key: str
    order: tuple[str, ...]
    flag: str
    new: Any
    lease: str | None = None


def due(table: Table, which: Due, limit: int, now: datetime | None) -> Select[Any]:
    """The keys of the rows that wait, in their order; rows that others have locked are passed over."""
    conditions: list[ColumnElement[bool]] = [table.c[which.flag] == which.new]
    if which.new is None:
        conditions = [table.c[which.flag].is_(None)]
    if which.lease is not None:
        lease = table.c[which.lease]
        conditions.append(or_(lease.is_(None), lease < now))
    return (
        select(table.c[which.key])
        .where(and_(*conditions))
        .order_by(*(table.c[name] for name in which.order))
        .limit(limit)
    )


_SKIPS_SINCE: Final = {True: (10, 6), False: (8, 0, 1)}
"""MariaDB, and MySQL: the version from which rows that somebody else has locked can be passed over."""


def skips_locked(dialect: Dialect) -> bool:
    """Whether this database, to which a connection was made, can pass over rows that somebody else has locked."""
    if dialect.name not in {"mysql", "mariadb"}:
        return True
    version = tuple(part for part in getattr(dialect, "server_version_info", None) or () if isinstance(part, int))
    return version >= _SKIPS_SINCE[bool(getattr(dialect, "is_mariadb", False))]


async def lock(session: Session, statement: Select[Any], *, skip_locked: bool) -> list[Any]:
    """The keys that a statement of :func:`due` finds, locked until the transaction ends; without ``skip_locked`` it waits for
    whoever has one of them locked.
    """
    found = await session.connection.execute(statement.with_for_update(skip_locked=skip_locked))
    return list(found.scalars())


async def read(session: Session, table: Table, key: str, keys: Sequence[Any]) -> list[tuple[Any, Row | None]]:
    """The rows under these keys, whole, in the order of the keys; None for one that the driver cannot read.

    A moment beyond the years of Python, say, breaks the reading of all that stand beside it: then they are read one by one.
    """
    found: dict[Any, Row | None] = {}
    for begin in range(0, len(keys), _CHUNK):
        some = keys[begin : begin + _CHUNK]
        try:
            found |= await _read(session, table, key, some)
        except (ArithmeticError, ValueError, UnicodeError):
            for one in some:
                try:
                    found |= await _read(session, table, key, [one])
                except (ArithmeticError, ValueError, UnicodeError):
                    found[one] = None
    return [(one, found[one]) for one in keys if one in found]


async def _read(session: Session, table: Table, key: str, keys: Sequence[Any]) -> dict[Any, Row | None]:
    statement = select(table).where(table.c[key].in_(keys))
    rows = [_plain(row) for row in await session.connection.execute(statement)]
    return {row[key]: row for row in rows}


async def belonging(
    session: Session, table: Table, on: Mapping[str, str], rows: Sequence[Row], order: str, only: Row
) -> list[list[Row]]:
    """For each row those of another table that belong to it, in their order, as far as they have the values of ``only``."""
    sides = {tuple(row[theirs] for theirs in on.values()) for row in rows}
    chosen = or_(*(and_(*(table.c[name] == value for name, value in zip(on, side, strict=True))) for side in sides))
    also = [table.c[name].is_(None) if value is None else table.c[name] == value for name, value in only.items()]
    found = await session.connection.execute(select(table).where(and_(chosen, *also)).order_by(table.c[order]))
    grouped: dict[tuple[Any, ...], list[Row]] = {}
    for row in found:
        one = _plain(row)
        grouped.setdefault(tuple(one[name] for name in on), []).append(one)
    return [grouped.get(tuple(row[theirs] for theirs in on.values()), []) for row in rows]


def _plain(row: Any) -> dict[str, Any]:
    """A row by the names of its columns, which are plain texts then."""
    return {str(name): value for name, value in row._asdict().items()}


async def mark(
    session: Session, table: Table, key: str, keys: Sequence[Any], values: Row, only: Row | None = None
) -> int:
    """Write these values into the rows under these keys that have those of ``only``; how many there were."""
    changed = 0
    also = [table.c[name] == value for name, value in (only or {}).items()]
    for begin in range(0, len(keys), _CHUNK):
        chosen = and_(table.c[key].in_(keys[begin : begin + _CHUNK]), *also)
        changed += (await session.connection.execute(update(table).where(chosen).values(dict(values)))).rowcount
    return changed


async def after(
    session: Session, table: Table, column: str, key: str, mark: tuple[Any, Any] | None, until: Any, limit: int
) -> list[Any]:
    """The keys of rows behind a mark (a value of the column, and a key), up to a value, in the column's order."""
    conditions: list[ColumnElement[bool]] = []
    if mark is not None:
        value, last = mark
        ties = and_(table.c[column] == value, table.c[key] > last)
        conditions.append(or_(table.c[column] > value, ties) if column != key else table.c[column] > value)
    if until is not None:
        conditions.append(table.c[column] <= until)
    statement = select(table.c[key]).where(and_(true(), *conditions)).order_by(table.c[column], table.c[key])
    return list((await session.connection.execute(statement.limit(limit))).scalars())


async def remove(
    session: Session, table: Table, key: str, conditions: Mapping[str, Any], age: tuple[str, datetime]
) -> int:
    """Delete some of the rows that have these values and are older; how many. To be repeated until it is none."""
    column, before = age
    chosen = select(table.c[key]).where(
        and_(*(table.c[name] == value for name, value in conditions.items()), table.c[column] < before)
    )
    keys = list((await session.connection.execute(chosen.limit(_CHUNK))).scalars())
    if keys:
        await session.connection.execute(delete_from(table).where(table.c[key].in_(keys)))
    return len(keys)


async def now(session: Session) -> datetime:
    """The database's own time, without a zone: the one clock that all who lease from it share."""
    function = literal_column("localtimestamp") if session.connection.dialect.name != "oracle" else func.systimestamp()
    found: datetime = (await session.connection.execute(select(function))).scalar_one()
    return found.replace(tzinfo=None)


async def add(session: Session, table: Table, row: Row) -> None:
    """Insert one row."""
    await session.connection.execute(insert_into(table).values(dict(row)))


async def lock_one(session: Session, table: Table, key: str, value: Any, wanted: str) -> Any | None:
    """A column of the row under that key, locked until the transaction ends; None while somebody else has it locked. Where
    that cannot be seen it is waited for, and a trouble if it takes too long.

    Where there is no such row an empty one is made, and None is the answer this time.
    """
    statement = (
        select(table.c[wanted])
        .where(table.c[key] == value)
        .with_for_update(skip_locked=skips_locked(session.connection.dialect))
    )
    found = (await session.connection.execute(statement)).first()
    if found is not None:
        return found[0]
    there = await session.connection.execute(select(table.c[key]).where(table.c[key] == value))
    if there.first() is None:
        await session.connection.execute(insert_into(table).values({key: value, wanted: ""}))
        await session.commit()
    return None


async def execute(session: Session, statements: Sequence[str]) -> None:
    """Statements of the house's own, such as DDL; never anything from outside."""
    for statement in statements:
        await session.connection.exec_driver_sql(statement)


async def mark_all(session: Session, table: Table, having: Row, values: Row) -> int:
    """Write these values into every row that has those; how many there were."""
    chosen = and_(*(table.c[name] == value for name, value in having.items()))
    return (await session.connection.execute(update(table).where(chosen).values(dict(values)))).rowcount


async def count_by(session: Session, table: Table, columns: Sequence[str]) -> dict[str, int]:
    """How many rows have which values in these columns."""
    groups = [table.c[name] for name in columns]
    statement = select(*groups, func.count()).group_by(*groups).order_by(*groups)
    return {
        " ".join(str(value) for value in values if value is not None): number
        for *values, number in await session.connection.execute(statement)
    }


async def where_equal(session: Session, table: Table, column: str, value: Any, wanted: str, newest: str) -> list[Any]:
    """A column of the rows that have this value, the newest of them first."""
    statement = select(table.c[wanted]).where(table.c[column] == value).order_by(table.c[newest].desc()).limit(_CHUNK)
    return list((await session.connection.execute(statement)).scalars())
