# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue on PostgreSQL. Whoever takes items in holds the ledger's row: changes come in their order."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import transacted
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.journal import JournalDown
from hub.ports.journal.cataloguing import (
    Arrival,
    Edition,
    Entry,
    Finding,
    Judged,
    Ledger,
    Run,
    RunKey,
    TakenIn,
    Verdict,
)

_BEGINNING = ("", "", 0, date(1, 1, 1))
_TAKING = frozenset({Verdict.ADDED, Verdict.CHANGED, Verdict.CORRECTED, Verdict.WITHDRAWN})


class PostgresItemCatalogue:
    """The part :class:`hub.ports.journal.cataloguing.ItemCatalogue`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def take_in(
        self, arrivals: Sequence[Arrival], judge: Callable[[Edition | None, Arrival], Judged], at: datetime
    ) -> Sequence[TakenIn] | JournalDown:
        async def taken(connection: asyncpg.Connection) -> Sequence[TakenIn]:
            async with connection.transaction():
                await connection.execute(query("begin_item_ledger"), at)
                change = await connection.fetchval(query("hold_item_ledger"))
                return await _TakingIn(connection, change, at).all(arrivals, judge)

        return await transacted(self._pool, taken)

    async def told(self, message: UUID) -> JournalDown | None:
        try:
            await self._pool.execute(query("item_told"), message)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def changes(self, since: int, limit: int) -> Sequence[Entry] | JournalDown:
        return await self._entries(query("item_changes"), since, limit)

    async def in_force(
        self, day: date, after: tuple[str, str, int, date] | None, limit: int
    ) -> Sequence[Entry] | JournalDown:
        return await self._entries(query("items_in_force"), day, *(after or _BEGINNING), limit)

    async def versions(self, code: str) -> Sequence[Entry] | JournalDown:
        return await self._entries(query("item_versions"), code)

    async def ledger(self, now: datetime) -> Ledger | JournalDown:
        async def read(connection: asyncpg.Connection) -> Ledger:
            row = await connection.fetchrow(query("item_ledger"))
            if row is None:
                await connection.execute(query("begin_item_ledger"), now)
                row = await connection.fetchrow(query("item_ledger"))
            return Ledger(**row)

        return await transacted(self._pool, read)

    async def close(self, run: RunKey, began: datetime, ended: datetime) -> int | JournalDown | None:
        async def closed(connection: asyncpg.Connection) -> int | None:
            async with connection.transaction():
                await connection.fetchval(query("hold_item_ledger"))
                if await connection.fetchval(query("close_item_run"), run.id, ended) is None:
                    return None
                await connection.execute(query("full_item_run_ended"), ended)
                return int(await connection.fetchval(query("write_vanished_items"), run.id, began, run.day))

        return await transacted(self._pool, closed)

    async def runs(self, limit: int) -> Sequence[Run] | JournalDown:
        async def read(connection: asyncpg.Connection) -> Sequence[Run]:
            rows = await connection.fetch(query("item_runs"), limit)
            counts: dict[str, Counter[str]] = {row["id"]: Counter() for row in rows}
            for row in await connection.fetch(query("item_run_counts"), list(counts)):
                counts[row["run"]].update({row["verdict"]: row["n"], "coming": row["coming"]})
            return [_run(row, counts[row["id"]]) for row in rows]

        return await transacted(self._pool, read)

    async def findings(self, run: str, after: int, limit: int) -> Sequence[Finding] | JournalDown:
        try:
            rows = await self._pool.fetch(query("item_findings"), run, after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [Finding(**{**row, "verdict": Verdict(row["verdict"]), "fields": tuple(row["fields"])}) for row in rows]

    async def forget(self, before: date) -> JournalDown | None:
        async def forgotten(connection: asyncpg.Connection) -> None:
            async with connection.transaction():
                await connection.execute(query("forget_item_findings"), before)
                await connection.execute(query("forget_item_runs"), before)

        return await transacted(self._pool, forgotten)

    async def _entries(self, statement: str, *arguments: object) -> Sequence[Entry] | JournalDown:
        try:
            rows = await self._pool.fetch(statement, *arguments)
        except DATABASE_ERRORS as error:
            return down(error)
        return [_entry(row) for row in rows]


class _TakingIn:
    """One transaction that takes items in."""

    def __init__(self, connection: asyncpg.Connection, change: int, at: datetime) -> None:
        self._connection = connection
        self._change = change
        self._at = at
        self._newest: dict[tuple[str, str], Edition] = {}
        self._heard: dict[tuple[str, str], datetime] = {}
        self._runs: dict[str, list[tuple[Arrival, Verdict]]] = {}

    async def all(
        self, arrivals: Sequence[Arrival], judge: Callable[[Edition | None, Arrival], Judged]
    ) -> Sequence[TakenIn]:
        before = await self._before(arrivals)
        keys = [(one.edition.contract, one.edition.code) for one in arrivals]
        rows = await self._connection.fetch(query("newest_items"), *columns(keys, width=2))
        self._newest = {(row["contract"], row["code"]): _edition(row) for row in rows}
        answers = []
        for one in arrivals:
            known = before.get(one.edition.message)
            answers.append(known if known is not None else await self._one(one, judge))
        heard = [(*key, moment) for key, moment in self._heard.items()]
        await self._connection.execute(query("items_heard"), *columns(heard, width=3))
        for some in self._runs.values():
            await self._write_run(some)
        latest = max((one.accepted_at for one in arrivals), default=None)
        await self._connection.execute(query("write_item_ledger"), self._change, latest)
        return answers

    async def _before(self, arrivals: Sequence[Arrival]) -> Mapping[UUID, TakenIn]:
        """What was answered to messages that come again because nobody heard the answer."""
        rows = await self._connection.fetch(query("item_findings_of"), [one.edition.message for one in arrivals])
        return {
            UUID(int=row["message_id"].int): TakenIn(
                Judged(Verdict(row["verdict"]), tuple(row["fields"]), row["coming"]),
                row["change"],
                row["change"] > 0 and not row["told"],
            )
            for row in rows
        }

    async def _one(self, one: Arrival, judge: Callable[[Edition | None, Arrival], Judged]) -> TakenIn:
        edition, key = one.edition, (one.edition.contract, one.edition.code)
        judged = judge(self._newest.get(key), one)
        self._runs.setdefault(one.run.id, []).append((one, judged.verdict))
        self._heard[key] = max(one.accepted_at, self._heard.get(key, one.accepted_at))
        if judged.verdict is Verdict.REPEATED:
            return TakenIn(judged, 0, tell=False)
        taking = judged.verdict in _TAKING
        if taking:
            self._change += 1
            self._newest[key] = edition
            await self._connection.execute(query("not_newest_item"), *key)
        change = self._change if taking else 0
        await self._connection.execute(
            query("write_item_version"), *key, *edition.order, edition.expires_on, edition.status, edition.digest,
            edition.data, edition.message, change, taking, self._at, one.accepted_at,
        )  # fmt: skip
        await self._connection.execute(
            query("write_item_findings"), one.run.id, judged.verdict.value, *key, *edition.order, judged.coming,
            list(judged.fields), change, edition.message,
        )  # fmt: skip
        return TakenIn(judged, change, tell=taking)

    async def _write_run(self, some: Sequence[tuple[Arrival, Verdict]]) -> None:
        run = some[0][0].run
        repeated = sum(verdict is Verdict.REPEATED for _, verdict in some)
        began = min(one.accepted_at for one, _ in some)
        values = (run.id, run.full, run.day, began, len(some), repeated)
        await self._connection.execute(query("write_item_run"), *values)


def _edition(row: asyncpg.Record) -> Edition:
    return Edition(
        contract=row["contract"],
        code=row["code"],
        version=row["version"],
        effective_on=row["effective_on"],
        expires_on=row["expires_on"],
        status=row["status"],
        digest=row["digest"],
        data=row["data"],
        message=row["message_id"],
    )


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(_edition(row), row["change"], row["newest"], row["taken_at"])


def _run(row: asyncpg.Record, counts: Mapping[str, int]) -> Run:
    return Run(
        id=row["id"],
        full=row["full_run"],
        day=row["day"],
        began_at=row["began_at"],
        closed_at=row["closed_at"],
        heard=row["heard"],
        repeated=row["repeated"],
        counts=dict(counts),
    )
