# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Writing: each parcel is one transaction of rows, each row once by its key."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Self, assert_never

import orjson

from connectors.databases.database import Database, Session
from connectors.databases.rows import Unfit, cells, present, put
from connectors.databases.tables import Table, Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.front_db.config import SinkConfig
from connectors.front_db.feedback import Feedback
from connectors.front_db.table_config import MessageTable
from connectors.sdk import (
    Accepted,
    Context,
    Delivered,
    InDoubt,
    NotSeen,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)
from contracts.dialects import rows as dialect
from contracts.dialects.rows import Row
from contracts.refusal import Refusal

_QUESTION_SECONDS = 25.0
_PREPARE_SECONDS = 1.0
_PREFIX = "cloudEvents:"


class FrontDbSink:
    """An open way into one database."""

    def __init__(self, config: SinkConfig, context: Context) -> None:
        self._config = config
        self._database = Database(config, context, connections=config.connections)
        self._tables = Tables(config.db_schema)
        self._feedback = (
            None
            if config.feedback is None
            else Feedback(config.feedback, config.key, self._database, self._tables, context, config.tables)
        )

    async def __aenter__(self) -> Self:
        """Connect and look at the tables, if that is soon done: then the first send has its whole time for itself."""
        session = await self._database.begin(_PREPARE_SECONDS)
        if not isinstance(session, Trouble):
            await self._database.within(session, self._know(session), _PREPARE_SECONDS)
            await self._database.end(session)
        if self._feedback is not None:
            self._feedback.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._feedback is not None:
            await self._feedback.close()
        await self._database.close()

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says."""
        if (message := self._config.message) is not None:
            done = await self._database.run(lambda session: self._put_message(session, message, parcel), parcel.timeout)
            return self._outcome(done)
        document = dialect.read(parcel.body)
        if isinstance(document, Refusal):
            return Rejected("NOT_ROWS", "what was sent is not in a dialect of rows", (str(document.detail),))
        rows = _keyed(dialect.rows_of(document), self._config.key)
        if isinstance(rows, Rejected):
            return rows
        foreign = sorted({row.table for row in rows} - set(self._config.tables)) if self._config.tables else []
        if foreign:
            return Rejected("TABLE_NOT_LISTED", f"tables does not name {', '.join(foreign)[:200]}")
        outcome = self._outcome(
            await self._database.run(lambda session: self._put_rows(session, rows, parcel), parcel.timeout)
        )
        if self._feedback is None or not isinstance(outcome, Delivered):
            return outcome
        reference = str(rows[0].columns[self._config.key])
        self._feedback.written(rows[0].table, reference)
        return Accepted(reference)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """Look for the key in the tables that the settings name."""
        names = (self._config.message.table,) if self._config.message else self._config.tables
        if not names:
            return InDoubt("NOT_ASKABLE: the settings name no tables to look into")

        if self._feedback is not None:
            return await self._asked(self._feedback, names, idempotency_key)

        async def look(session: Session) -> bool:
            for name in names:
                table = await self._tables.table(session, name, {self._config.key})
                if await present(session, table, self._config.key, idempotency_key):
                    return True
            return False

        found = await self._database.run(look, _QUESTION_SECONDS)
        match found:
            case Trouble():
                return Unavailable(_reason(found))
            case True:
                return Delivered()
            case False:
                return NotSeen()

    async def _asked(self, feedback: Feedback, names: Sequence[str], key: str) -> QueryOutcome:
        """What became of a row: taken, refused, or still waiting to be taken. What waits is looked on from now on: whoever wrote
        it may have never heard that it was written, or was another hub.
        """

        async def look(session: Session) -> QueryOutcome:
            for name in names:
                there, fate = await feedback.fate(session, name, key)
                if there and fate is None:
                    feedback.written(name, key)
                    return Accepted(key)
                if there and fate is not None:
                    return fate
            return NotSeen()

        found = await self._database.run(look, _QUESTION_SECONDS)
        return Unavailable(_reason(found)) if isinstance(found, Trouble) else found

    async def check(self) -> Outcome:
        """Look at the tables, and whether their keys are unique where that is relied upon."""
        names = (self._config.message.table,) if self._config.message else self._config.tables

        async def look(session: Session) -> str:
            self._tables.forget()
            for name in names:
                table = await self._tables.table(session, name, {self._config.key})
                if self._config.idempotency == "native" and not await self._tables.has_unique_key(
                    session, table.name, self._config.key
                ):
                    return name
            return ""

        found = (
            await self._database.run(look, _QUESTION_SECONDS) if names else await self._database.look(_QUESTION_SECONDS)
        )
        match found:
            case Trouble():
                return Unavailable(_reason(found))
            case str() as bare if bare:
                return Rejected(
                    "NO_UNIQUE_KEY", f"{bare}.{self._config.key} needs a unique key, or idempotency: queryable"
                )
            case _:
                return Delivered()

    async def _know(self, session: Session) -> None:
        for name in (self._config.message.table,) if self._config.message else self._config.tables:
            await self._tables.table(session, name)

    async def _put_message(self, session: Session, message: MessageTable, parcel: Parcel) -> None:
        columns = (self._config.key, message.content_type, message.headers, message.body)
        table = await self._tables.table(session, message.table, columns)
        headers = {f"{_PREFIX}{name}": value for name, value in parcel.attributes.items() if name != "datacontenttype"}
        texts = {
            self._config.key: parcel.idempotency_key,
            message.content_type: parcel.content_type,
            message.headers: orjson.dumps(headers).decode(),
        }
        row = {**_fitted(table, {**texts, message.body: ""}), message.body: parcel.body}
        await put(session, table, self._config.key, [row], self._stir(table))

    async def _put_rows(self, session: Session, rows: Sequence[Row], parcel: Parcel) -> None:
        for (name, *said), group in groupby(rows, key=lambda row: (row.table, *sorted(row.columns))):
            table = await self._tables.table(session, name, {*said, self._config.key})
            batch = {}
            if self._config.batch is not None and self._config.batch not in said and self._config.batch in table.c:
                batch = {self._config.batch: parcel.idempotency_key.replace("-", "")[:32]}
            full = [_fitted(table, {**row.columns, **batch}) for row in group]
            await put(session, table, self._config.key, full, self._stir(table))

    def _stir(self, table: Table) -> dict[str, Any]:
        flag = self._config.flag
        return dict(_fitted(table, {flag.column: flag.new}, whole=False)) if flag and flag.column in table.c else {}

    def _outcome(self, done: Trouble | None) -> Outcome:
        match done:
            case None:
                return Delivered()
            case Trouble():
                return self._failed(done)

    def _failed(self, trouble: Trouble) -> Outcome:
        match trouble.fault:
            case Fault.DATA:
                return Rejected(f"DB_{trouble.code}", trouble.where)
            case Fault.UNKNOWN:
                return InDoubt(_reason(trouble))
            case Fault.SHAPE:
                self._tables.forget()  # somebody may be mending it just now
                return Unavailable(_reason(trouble))
            case Fault.AWAY | Fault.BUSY:
                return Unavailable(_reason(trouble))
            case _:
                assert_never(trouble.fault)


def _fitted(table: Table, texts: dict[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """The row as its table takes it. Raises :class:`TroubledError` with the column that does not."""
    found = cells(table, texts, whole=whole)
    if isinstance(found, Unfit):
        where = f"{table.name}.{found.column}: {found.misfit.expected}"
        raise TroubledError(Trouble(Fault.DATA, found.misfit.code, where))
    return found


def _keyed(rows: Sequence[Row], key: str) -> Sequence[Row] | Rejected:
    """The rows, each with a key of its own: those of child tables have their parent's with their number behind it."""
    main = rows[0].columns.get(key)
    if not main:
        return Rejected("NO_KEY", f"{rows[0].table}.{key}: the main row has no key")
    found = [rows[0]]
    seen: dict[str, int] = {}
    for row in rows[1:]:
        number = seen[row.table] = seen.get(row.table, 0) + 1
        own = row.columns.get(key) or main
        found.append(Row(row.table, {**row.columns, key: f"{main}-{number}" if own == main else own}))
    return found


def _reason(trouble: Trouble) -> str:
    return f"{trouble.code}: {trouble.where}" if trouble.where else f"{trouble.code}: {trouble.fault.value}"
