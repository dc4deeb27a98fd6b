# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliations on PostgreSQL: counted in pages, looked up by bucket. Nobody waits for these but who reconciles."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import asyncpg
import orjson

from contracts.codes import RecordDifference
from contracts.reconciling.declared import Declared
from contracts.reconciling.tree import Sum, Tree, bucket_name, grown
from hub.journal.acts import transacted
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import MESSAGE, Seals
from hub.ports.journal import JournalDown, NoSuch
from hub.ports.journal.reconciling import (
    Bucketful,
    CountedLine,
    Exchanged,
    Found,
    Hearing,
    Line,
    Reconciliation,
    Said,
    Sent,
    Span,
    Takes,
    Verdict,
)

T = TypeVar("T")

_SLOW_SECONDS = 300.0
"""A page of a rare contract walks over all others of the day."""

_AT_A_TIME = 10_000
_KINDS = {kind.value: kind for kind in RecordDifference}
_END = UUID(int=2**128 - 1)


class PostgresReconciliations:
    """The part :class:`hub.ports.journal.reconciling.Reconciliations`."""

    def __init__(self, pool: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def ask(self, wanted: Reconciliation) -> JournalDown | None:
        async def asked(connection: asyncpg.Connection) -> None:
            values = (wanted.id, wanted.agreement, wanted.day, wanted.rule, wanted.asked_by, wanted.asked_at)
            if await connection.fetchrow(query("reconciliation"), wanted.id) is None:
                await connection.execute(query("ask_reconciliation"), *values)
            for row in await connection.fetch(
                query("earlier_reconciliations"), wanted.agreement, wanted.day, wanted.id
            ):
                await _forget(connection, row["id"])

        return await transacted(self._pool, asked)

    async def take(self, reconciliation: UUID | None) -> Reconciliation | JournalDown | None:
        async def taken(connection: asyncpg.Connection) -> Reconciliation | None:
            row = await connection.fetchrow(query("take_reconciliation"), reconciliation)
            if row is None:
                return None
            await _forget(connection, row["id"])
            return _of(row)

        return await transacted(self._pool, taken)

    async def records(self, span: Span, after: UUID, limit: int) -> Sequence[Exchanged] | JournalDown:
        name = query("sent_records") if span.destination else query("received_records")
        party = span.destination or span.system
        try:
            found = await self._pool.fetch(
                name, after, span.end, span.contract, party, span.until, limit, timeout=_SLOW_SECONDS
            )
            rows = await self._seals.opened(MESSAGE, found)
        except DATABASE_ERRORS as error:
            return down(error)
        return [
            Exchanged(row["id"], row["case_no"], row["version"], row["canonical"], row["settled_at"]) for row in rows
        ]

    async def archived(self, moment: datetime) -> bool | JournalDown:
        try:
            return bool(await self._pool.fetchval(query("month_archived"), moment))
        except DATABASE_ERRORS as error:
            return down(error)

    async def unfinished(self, span: Span) -> Mapping[str, int] | JournalDown:
        if not span.destination:
            return {}
        values = (span.destination, span.first, span.end, span.contract)
        try:
            rows = await self._pool.fetch(query("unfinished_sent"), *values, timeout=_SLOW_SECONDS)
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["state"]: row["n"] for row in rows}

    async def write(self, reconciliation: UUID, lines: Sequence[CountedLine]) -> bool | JournalDown:
        async def written(connection: asyncpg.Connection) -> bool:
            if await connection.fetchval(query("still_counting"), reconciliation) is None:
                return False
            await connection.copy_records_to_table(
                "reconciliation_line",
                records=[(reconciliation, *line) for line in lines],
                columns=("reconciliation", "place", "message_id", "key", "rest"),
            )
            return True

        return await transacted(self._pool, written)

    async def supersede(self, reconciliation: UUID, keys: Sequence[tuple[int, bytes]]) -> JournalDown | None:
        try:
            await self._pool.execute(query("supersede_lines"), reconciliation, *columns(keys, width=2))
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def bucketfuls(
        self, reconciliation: UUID, first: int, end: int, *, latest: bool
    ) -> Sequence[Bucketful] | JournalDown:
        try:
            rows = await self._pool.fetch(
                query("bucket_lines"), reconciliation, first, end, latest, timeout=_SLOW_SECONDS
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return [Bucketful(*row) for row in rows]

    async def counted(
        self,
        reconciliation: UUID,
        at: datetime,
        sums: Mapping[int, Sum],
        root: Sum,
        late: Sum,
        unfinished: Mapping[str, int],
    ) -> bool | JournalDown:
        async def finished(connection: asyncpg.Connection) -> bool:
            async with connection.transaction():
                marked = await connection.fetchrow(query("superseded_lines"), reconciliation, timeout=_SLOW_SECONDS)
                values = (root.records, root.digest, late.records, late.digest)
                over = marked["lines"] - root.records - late.records
                said = orjson.dumps(dict(unfinished)).decode()
                done = await connection.fetchval(query("counted"), reconciliation, at, *values, over, said)
                if done is None:
                    return False
                rows = [(place, one.records, one.digest) for place, one in sums.items()]
                await connection.execute(query("write_buckets"), reconciliation, *columns(rows, width=3))
                return True

        return await transacted(self._pool, finished)

    async def view(self, reconciliation: UUID) -> Reconciliation | NoSuch | JournalDown:
        return await self._one(query("reconciliation"), reconciliation)

    async def latest(self, agreement: str, day: date) -> Reconciliation | NoSuch | JournalDown:
        return await self._one(query("latest_reconciliation"), agreement, day)

    async def list(
        self, before: UUID | None, agreement: str | None, limit: int
    ) -> Sequence[Reconciliation] | JournalDown:
        return await self._several(query("reconciliations"), before or _END, agreement, limit)

    async def between(self, since: date, until: date) -> Sequence[Reconciliation] | JournalDown:
        return await self._several(query("reconciliations_between"), since, until)

    async def open(self, since: datetime) -> Sequence[Reconciliation] | JournalDown:
        return await self._several(query("open_reconciliations"), since)

    async def tree(self, reconciliation: UUID) -> Tree | JournalDown:
        try:
            rows = await self._pool.fetch(query("buckets"), reconciliation)
        except DATABASE_ERRORS as error:
            return down(error)
        return grown({bucket_name(row["place"]): Sum(row["records"], row["digest"]) for row in rows})

    async def lines(self, reconciliation: UUID, places: Sequence[int], *, latest: bool) -> Sequence[Line] | JournalDown:
        try:
            rows = await self._pool.fetch(
                query("lines_at"), reconciliation, list(places), latest, timeout=_SLOW_SECONDS
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return [Line(*row) for row in rows]

    async def far(self, reconciliation: UUID) -> Hearing | NoSuch | JournalDown:
        async def told(connection: asyncpg.Connection) -> Hearing | NoSuch:
            row = await connection.fetchrow(query("reconciliation"), reconciliation)
            return NoSuch() if row is None else await _hearing(connection, row)

        return await transacted(self._pool, told)

    async def hear(
        self, reconciliation: UUID, decide: Callable[[Hearing], Takes | T]
    ) -> Takes | T | NoSuch | JournalDown:
        async def heard(connection: asyncpg.Connection) -> Takes | T | NoSuch:
            async with connection.transaction():
                row = await connection.fetchrow(query("lock_reconciliation"), reconciliation)
                if row is None:
                    return NoSuch()
                before = await _hearing(connection, row)
                decided = decide(before)
                if isinstance(decided, Takes):
                    await _take_in(connection, reconciliation, before.declared, decided)
                return decided

        return await transacted(self._pool, heard)

    async def said(
        self, manifest: str, system: str, contract: str, after: UUID, limit: int
    ) -> Sequence[Said] | JournalDown:
        try:
            found = await self._pool.fetch(query("manifests_said"), manifest, after, system, contract, limit)
            rows = await self._seals.opened(MESSAGE, found)
        except DATABASE_ERRORS as error:
            return down(error)
        return [Said(row["id"], row["canonical"]) for row in rows]

    async def read(self, reconciliation: UUID, message: UUID) -> JournalDown | None:
        try:
            await self._pool.execute(query("message_heard"), reconciliation, message)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def compared(
        self, reconciliation: UUID, verdict: Verdict, wanted: Sequence[str], found: Sequence[Found], at: datetime
    ) -> JournalDown | None:
        async def written(connection: asyncpg.Connection) -> None:
            async with connection.transaction():
                await connection.execute(query("compared"), reconciliation, verdict.value, list(wanted), at)
                await connection.execute(query("drop_differences"), reconciliation)
                for start in range(0, len(found), _AT_A_TIME):
                    rows = [_difference_row(one) for one in found[start : start + _AT_A_TIME]]
                    await connection.execute(query("write_differences"), reconciliation, *columns(rows, width=10))

        return await transacted(self._pool, written)

    async def differences(
        self, reconciliation: UUID, kind: RecordDifference | None, after: int, limit: int
    ) -> Sequence[Found] | JournalDown:
        name = None if kind is None else kind.value
        try:
            rows = await self._pool.fetch(query("differences"), reconciliation, after, name, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [_found(row) for row in rows]

    async def standing(self, destination: str, cases: Sequence[str]) -> Mapping[str, str] | JournalDown:
        try:
            rows = await self._pool.fetch(query("standing_of_cases"), destination, list(cases), timeout=_SLOW_SECONDS)
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["case_no"]: row["state"] for row in rows}

    async def state(
        self, reconciliation: UUID, statement: bytes, signature: bytes
    ) -> Reconciliation | NoSuch | JournalDown:
        try:
            await self._pool.execute(query("state_reconciliation"), reconciliation, statement, signature)
        except DATABASE_ERRORS as error:
            return down(error)
        return await self.view(reconciliation)

    async def forget(self, agreement: str, before: datetime) -> int | JournalDown:
        async def forgotten(connection: asyncpg.Connection) -> int:
            rows = await connection.fetch(query("old_reconciliations"), agreement, before)
            for row in rows:
                await _forget(connection, row["id"])
            return len(rows)

        return await transacted(self._pool, forgotten)

    async def sent(self, systems: Sequence[str], first: UUID, end: UUID, within: float) -> Sequence[Sent] | JournalDown:
        try:
            rows = await self._pool.fetch(
                query("sent_by_version"), first, end, list(systems), within, timeout=_SLOW_SECONDS
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return [Sent(*row) for row in rows]

    async def _one(self, statement: str, *arguments: object) -> Reconciliation | NoSuch | JournalDown:
        async def found(connection: asyncpg.Connection) -> Reconciliation | NoSuch:
            row = await connection.fetchrow(statement, *arguments)
            if row is None:
                return NoSuch()
            counts = await connection.fetch(query("difference_counts"), row["id"])
            return _of(row, {_KINDS[r["kind"]]: r["n"] for r in counts})

        return await transacted(self._pool, found)

    async def _several(self, statement: str, *arguments: object) -> Sequence[Reconciliation] | JournalDown:
        async def found(connection: asyncpg.Connection) -> Sequence[Reconciliation]:
            several = []
            for row in await connection.fetch(statement, *arguments):
                counts = await connection.fetch(query("difference_counts"), row["id"])
                several.append(_of(row, {_KINDS[r["kind"]]: r["n"] for r in counts}))
            return several

        return await transacted(self._pool, found)


async def _forget(connection: asyncpg.Connection, reconciliation: UUID) -> None:
    """What it was counted from. In small pieces: a day may have a million lines."""
    for statement in (query("drop_buckets"), query("drop_far"), query("drop_differences")):
        await connection.execute(statement, reconciliation)
    while (await connection.execute(query("drop_lines"), reconciliation, _AT_A_TIME)) != "DELETE 0":
        pass


async def _hearing(connection: asyncpg.Connection, row: asyncpg.Record) -> Hearing:
    if row["far_counted_at"] is None:
        return Hearing(None, None)
    nodes = await connection.fetch(query("far_nodes"), row["id"])
    sums = {node["node"]: Sum(node["records"], node["digest"]) for node in nodes}
    opened = {node["node"]: tuple(node["lines"]) for node in nodes if node["lines"] is not None}
    return Hearing(Declared(sums, opened), row["far_counted_at"])


async def _take_in(connection: asyncpg.Connection, reconciliation: UUID, before: Declared | None, takes: Takes) -> None:
    known = before
    if takes.anew or known is None:
        await connection.execute(query("drop_far"), reconciliation)
        known = Declared({})
    new = [(name, *one) for name, one in takes.declared.sums.items() if name not in known.sums]
    await connection.execute(query("write_far"), reconciliation, *columns(new, width=3))
    for name, lines in takes.declared.rows.items():
        if name not in known.rows:
            await connection.execute(query("write_far_lines"), reconciliation, name, list(lines))
    await connection.execute(query("far_heard"), reconciliation, takes.counted_at, takes.source)


def _difference_row(one: Found) -> tuple[object, ...]:
    here, there = one.here or (None, None), one.there or (None, None)
    return (one.n, one.kind.value, one.case, one.record, *here, *there, one.message, one.standing)


def _found(row: asyncpg.Record) -> Found:
    return Found(
        n=row["n"],
        kind=_KINDS[row["kind"]],
        case=row["case_no"],
        record=row["record"],
        here=None if row["here_content"] is None else (row["here_version"], row["here_content"]),
        there=None if row["there_content"] is None else (row["there_version"], row["there_content"]),
        message=row["message_id"],
        standing=row["standing"],
    )


def _of(row: asyncpg.Record, differences: Mapping[RecordDifference, int] | None = None) -> Reconciliation:
    counted = row["counted_at"] is not None
    return Reconciliation(
        id=row["id"],
        agreement=row["agreement"],
        day=row["day"],
        rule=row["rule"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        counted_at=row["counted_at"],
        root=Sum(row["records"], row["digest"]) if counted else None,
        late=Sum(row["late_records"], row["late_digest"]) if counted else None,
        superseded=row["superseded"],
        unfinished=orjson.loads(row["unfinished"]),
        far_counted_at=row["far_counted_at"],
        far_source=row["far_source"],
        verdict=Verdict(row["verdict"]),
        wanted=tuple(row["wanted"]),
        compared_at=row["compared_at"],
        heard=row["heard"],
        differences=differences or {},
        statement=row["statement"],
        signature=row["signature"],
    )
