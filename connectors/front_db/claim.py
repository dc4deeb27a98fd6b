# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which rows are in hand, and that they are nobody else's: by the locks of an open transaction, or by lease columns.

The usual reader of a front database selects what has ``is_sync='0'``, works, and writes ``'1'``: two of them take the same
row. Here a row is held from when it is read until its fate is written. A lock is let go when the connection breaks, a lease
runs out; either way the row comes again, and the hub knows its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from connectors.databases.database import Database, Session
from connectors.databases.rows import Due, Row, belonging, due, lock, mark, now, read, skips_locked
from connectors.databases.tables import Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.front_db.config import SourceConfig
from connectors.front_db.marking import Belonging, Fate, Marker, cell
from connectors.front_db.table_config import Flag, TableConfig


@dataclass(slots=True)
class Batch:
    """Rows that were claimed together. ``session`` is set while they are held by its locks. ``gone``: in hand no more."""

    session: Session | None = None
    waiting: set[Any] = field(default_factory=set)
    """The keys of rows whose fate is not written yet."""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row in hand; ``row`` is None when it cannot be read."""

    key: Any
    row: Row | None
    batch: Batch
    details: tuple[Belonging, ...] = ()


class Lane(Protocol):
    """One table, and what is in hand of it. For one task at a time; never raises but for cancellation."""

    async def claim(self, room: int) -> Sequence[Claimed] | Trouble:
        """So many rows at most, in their order; none of them was in hand."""
        ...

    async def settle(self, batch: Batch, fates: Sequence[Fate]) -> Trouble | None:
        """Write what became of rows of a batch. After a trouble nothing is written: either the batch is gone, or it is
        worth trying again.
        """
        ...

    async def let_go(self, batch: Batch) -> None:
        """What of the batch is not settled comes again, for whoever is first."""
        ...


async def claimed(
    session: Session, tables: Tables, table: TableConfig, flag: Flag, room: int, lease: tuple[str, float] | None
) -> list[Claimed]:
    """Lock the next rows, lease them if asked to (the owner's name, and for how many seconds), and read them."""
    lease_columns = {table.lease.owner, table.lease.until} if table.lease else set()
    subject = {table.subject} if table.subject else set()
    needed = {table.key, flag.column, *table.ordered_by, *lease_columns, *subject}
    there = await tables.table(session, table.table, needed)
    until = table.lease.until if table.lease else None
    moment = await now(session) if until else None
    which = Due(
        key=table.key, order=table.ordered_by, flag=flag.column, new=cell(there, flag.column, flag.new), lease=until
    )
    skipping = skips_locked(session.connection.dialect)
    if not skipping and lease is None:
        # Rows held by a lock would stop every other reader of the table for as long as they are held.
        raise TroubledError(Trouble(Fault.SHAPE, "NEEDS_LEASE", table.table))
    keys = await lock(session, due(there, which, room, moment), skip_locked=skipping)
    if not keys:
        return []
    if table.lease and lease and moment:
        owner, seconds = lease
        values = {table.lease.owner: owner, table.lease.until: moment + timedelta(seconds=seconds)}
        await mark(session, there, table.key, keys, values)
    found = await read(session, there, table.key, keys)
    details = await details_of(session, tables, table, [row for _, row in found if row is not None])
    batch = Batch(waiting={key for key, _ in found})
    return [Claimed(key, row, batch, details.get(key, ())) for key, row in found]


async def details_of(
    session: Session, tables: Tables, table: TableConfig, rows: Sequence[Row]
) -> dict[Any, tuple[Belonging, ...]]:
    """The rows of the detail tables that belong to each row, by the row's key."""
    found: dict[Any, tuple[Belonging, ...]] = {}
    for number, detail in enumerate(table.details if rows else ()):
        there = await tables.table(session, detail.table, {detail.key, *detail.by})
        only = {detail.flag.column: cell(there, detail.flag.column, detail.flag.new)} if detail.flag else {}
        groups = await belonging(session, there, detail.by, rows, detail.key, only)
        for row, group in zip(rows, groups, strict=True):
            mine = tuple(Belonging(number, one[detail.key], one) for one in group)
            found[row[table.key]] = found.get(row[table.key], ()) + mine
    return found


class LockedLane:
    """Rows are held by the locks of a transaction that stays open: nothing is asked of the department's table but its flag."""

    def __init__(
        self, database: Database, tables: Tables, config: SourceConfig, table: TableConfig, flag: Flag
    ) -> None:
        self._database = database
        self._tables = tables
        self._seconds = config.statement_seconds
        self._table = table
        self._flag = flag
        self._marker = Marker(tables, table, flag)

    async def claim(self, room: int) -> Sequence[Claimed] | Trouble:
        """As the port says."""
        session = await self._database.begin()
        if isinstance(session, Trouble):
            return session
        step = claimed(session, self._tables, self._table, self._flag, room, None)
        found = await self._database.within(session, step, self._seconds)
        if isinstance(found, Trouble) or not found:
            await self._database.end(session)
            return found
        found[0].batch.session = session
        return found

    async def settle(self, batch: Batch, fates: Sequence[Fate]) -> Trouble | None:
        """As the port says; committed when the batch is whole."""
        if batch.session is None:
            return None
        step = self._marker.write(batch.session, fates, None)
        trouble = await self._database.within(batch.session, step, self._seconds)
        batch.waiting -= {fate.key for fate in fates}
        if trouble is None and not batch.waiting:
            trouble = await self._commit(batch)
        if trouble is not None:
            await self._drop(batch)
        return trouble

    async def let_go(self, batch: Batch) -> None:
        """As the port says."""
        if batch.session is not None and not batch.gone:
            await self._commit(batch)
        await self._drop(batch)

    async def _commit(self, batch: Batch) -> Trouble | None:
        session, batch.gone = batch.session, True
        assert session is not None, "a batch that is held has its session"
        trouble = await self._database.within(session, session.commit(), self._seconds)
        await self._drop(batch)
        return trouble

    async def _drop(self, batch: Batch) -> None:
        session, batch.session, batch.gone = batch.session, None, True
        if session is not None:
            await self._database.end(session)


class LeasedLane:
    """Rows are held by what is written in two columns of their table."""

    def __init__(
        self, database: Database, tables: Tables, config: SourceConfig, table: TableConfig, flag: Flag, owner: str
    ) -> None:
        self._database = database
        self._tables = tables
        self._seconds = config.statement_seconds
        self._hold = config.hold_seconds
        self._table = table
        self._flag = flag
        self._owner = owner
        self._marker = Marker(tables, table, flag)

    async def claim(self, room: int) -> Sequence[Claimed] | Trouble:
        """As the port says."""
        lease = (self._owner, self._hold)
        return await self._database.run(
            lambda session: claimed(session, self._tables, self._table, self._flag, room, lease), self._seconds
        )

    async def settle(self, batch: Batch, fates: Sequence[Fate]) -> Trouble | None:
        """As the port says."""
        done = await self._database.run(lambda session: self._marker.write(session, fates, self._owner), self._seconds)
        if done is None:
            batch.waiting -= {fate.key for fate in fates}
            batch.gone = not batch.waiting
        return done

    async def let_go(self, batch: Batch) -> None:
        """As the port says."""
        lease = self._table.lease
        assert lease is not None, "a leased lane has lease columns"

        async def free(session: Session) -> None:
            table = await self._tables.table(session, self._table.table, {lease.owner, lease.until})
            values = {lease.owner: None, lease.until: None}
            await mark(session, table, self._table.key, list(batch.waiting), values, {lease.owner: self._owner})

        batch.gone = True
        if batch.waiting:
            await self._database.run(free, self._seconds)
