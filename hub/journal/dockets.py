# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The dockets of cases outside of COMMIT 1: what waits is told, let out after its time, and cases are adopted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from contracts.lifecycle.docket import Docket
from contracts.lifecycle.record import Record as CaseRecord
from hub.journal.acts import once, transacted
from hub.journal.docket_rows import caught_up, docket_columns, docket_of, locked_dockets
from hub.journal.following import Waited, let_out, released_leaf
from hub.journal.placing import LetOut, place
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import Seals
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    Act,
    Acted,
    JournalDown,
    Leaf,
    NoSuch,
    ParkedStanding,
    ParkedView,
    RequestTaken,
    Seed,
    Sown,
    WaitingCase,
)

_FIRST = UUID(int=0)
_LOOK_SECONDS = 10.0


@dataclass(slots=True)
class _Going:
    """Dockets as they will be, and the messages that go out with them, each with how and under which mark."""

    how: str
    by: str = ""
    reason: str = ""
    dockets: dict[str, Docket] = field(default_factory=dict)
    out: dict[UUID, bool] = field(default_factory=dict)
    """Whether it goes out marked."""
    barred: dict[UUID, str] = field(default_factory=dict)


class PostgresDockets:
    """The part :class:`hub.ports.journal.Dockets`."""

    def __init__(self, pool: JournalPool, readers: JournalPool, clock: Clock, ids: Ids, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals
        self._readers = readers
        self._clock = clock
        self._ids = ids

    async def parked(
        self, after: UUID | None, limit: int, reason: str | None = None
    ) -> Sequence[ParkedView] | JournalDown:
        try:
            rows = await self._readers.fetch(query("parked_of_all"), after or _FIRST, reason, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(_view, rows))

    async def parked_of(self, case: str) -> Sequence[ParkedView] | JournalDown:
        try:
            rows = await self._readers.fetch(query("parked_of_case"), case)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(_view, rows))

    async def standing(self) -> Mapping[str, ParkedStanding] | JournalDown:
        try:
            rows = await self._readers.fetch(query("parked_standing"), self._clock.now())
        except DATABASE_ERRORS as error:
            return down(error)
        return {
            row["reason"]: ParkedStanding(
                reason=row["reason"], count=row["n"], oldest=row["oldest"], next=row["next"], alarming=row["alarming"]
            )
            for row in rows
        }

    async def taken_over(self, case: str) -> Seed | JournalDown | None:
        try:
            rows = await self._readers.fetch(query("docket_of"), case)
        except DATABASE_ERRORS as error:
            return down(error)
        if not rows or not rows[0]["adopted"]:
            return None
        records = tuple(CaseRecord(contract, gist) for contract, gist in orjson.loads(rows[0]["seeds"]))
        return Seed(case=case, parties=(), records=records)

    async def waiting_at(self, destination: str, after: str, limit: int) -> Sequence[WaitingCase] | JournalDown:
        try:
            async with self._readers.prompt(_LOOK_SECONDS) as connection:
                rows = await connection.fetch(query("cases_waiting_at"), destination, after, limit)
                return await _waiting(
                    connection, self._seals, {row["case_no"]: frozenset(row["contracts"]) for row in rows}
                )
        except DATABASE_ERRORS as error:
            return down(error)

    async def overdue(self, limit: int) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.fetch(query("parked_overdue"), self._clock.now(), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["case_no"] for row in rows]

    async def pass_on(self, hub: str, cases: Sequence[str]) -> Sequence[tuple[UUID, str]] | JournalDown:
        now = self._clock.now()

        async def work(connection: asyncpg.Connection) -> list[LetOut]:
            async with connection.transaction():
                going = _Going("passed_on")
                for case, docket in (await locked_dockets(connection, self._seals, cases)).items():
                    late = await self._overdue_of(connection, case, now)
                    if late:
                        _adopt(going, case, docket, late)
                return await self._go(connection, going, hub, now)

        done = await transacted(self._pool, work)
        return done if isinstance(done, JournalDown) else [(one.message, one.early) for one in done]

    async def adopt(self, hub: str, act: Act, case: str) -> Acted | NoSuch | RequestTaken | JournalDown:
        now = self._clock.now()

        async def work(connection: asyncpg.Connection) -> int | NoSuch:
            if not await connection.fetch(query("parties_of_cases"), [case]):
                return NoSuch()
            docket = (await locked_dockets(connection, self._seals, [case]))[case]
            going = _Going("adopted", act.actor, act.reason)
            _adopt(going, case, docket, frozenset())
            return len(await self._go(connection, going, hub, now))

        return await once(self._pool, act, work)

    async def sow(self, hub: str, seeds: Sequence[Seed]) -> Sown | JournalDown:
        now = self._clock.now()

        async def work(connection: asyncpg.Connection) -> Sown:
            async with connection.transaction():
                dockets = await locked_dockets(connection, self._seals, [seed.case for seed in seeds])
                going, new = _Going("adopted"), set[str]()
                for seed in seeds:
                    docket = going.dockets.get(seed.case, dockets[seed.case])
                    new |= set() if docket.adopted else {seed.case}
                    _adopt(going, seed.case, docket, frozenset())
                    for record in seed.records:
                        told = going.dockets[seed.case].told(_FIRST, record)
                        going.dockets[seed.case] = told.docket
                        going.out |= dict.fromkeys(told.released, False)
                        going.barred |= {one.message: one.rule for one in told.struck}
                pairs = sorted({(seed.case, party) for seed in seeds for party in seed.parties})
                await connection.execute(query("join_cases"), *columns(pairs, width=2))
                await self._go(connection, going, hub, now)
                await connection.execute(query("sow_seeds"), *columns(_seed_rows(seeds), width=2))
                return Sown(len(new), len(dockets) - len(new))

        return await transacted(self._pool, work)

    async def _overdue_of(self, connection: asyncpg.Connection, case: str, now: datetime) -> frozenset[UUID]:
        rows = await connection.fetch(query("parked_of_case"), case)
        return frozenset(row["message_id"] for row in rows if row["pass_at"] <= now)

    async def _go(self, connection: asyncpg.Connection, going: _Going, hub: str, now: datetime) -> list[LetOut]:
        """Write it all. What is not parked any more, or never was, goes nowhere."""
        taken = {row["message_id"]: row for row in await connection.fetch(query("take_parked"), list(going.out))}
        rows = [taken[message] for message in going.out if message in taken]
        out = [let_out(row, now, 0, row["reason"] if going.out[row["message_id"]] else "") for row in rows]
        await place(connection, self._seals, (), self._ids.new(), None, out)
        leaves: list[tuple[UUID, Leaf]] = [
            (
                row["message_id"],
                released_leaf(
                    Waited(row["message_id"], row["reason"], row["parked_at"]),
                    hub,
                    self._ids,
                    now,
                    going.how,
                    by=going.by,
                    reason=going.reason,
                ),
            )
            for row in rows
        ]
        await connection.execute(
            query("save_dockets"),
            *columns(docket_columns(going.dockets), width=5),
            *columns([], width=10),
            *columns(list(going.barred.items()), width=2),
            *columns([(message, leaf.id, leaf.kind, leaf.statement, leaf.hash) for message, leaf in leaves], width=5),
        )
        return out


async def _waiting(
    connection: asyncpg.Connection, seals: Seals, missing: Mapping[str, frozenset[str]]
) -> list[WaitingCase]:
    """By their dockets, caught up with what those did not hear."""
    if not missing:
        return []
    dockets = dict.fromkeys(missing, Docket())
    kept = {row["case_no"]: docket_of(row) for row in await connection.fetch(query("dockets_of_cases"), list(missing))}
    fresh = missing.keys() - kept.keys()
    dockets = await caught_up(connection, seals, dockets | kept, fresh)
    return [
        WaitingCase(
            case=case,
            records=tuple(dockets[case].records.values()),
            missing=contracts,
            archived=case in fresh and dockets[case].adopted,
        )
        for case, contracts in missing.items()
    ]


def _adopt(going: _Going, case: str, docket: Docket, late: frozenset[UUID]) -> None:
    """Wait for nothing of this case. What is late goes out whatever is known, and marked."""
    told = docket.adopt()
    docket = told.docket
    going.out |= {message: bool(late) for message in told.released}
    known = {one.message for one in docket.early}
    for message in sorted(late - set(told.released)):
        docket = docket.dismiss(message)
        going.out[message] = True
    going.barred |= {one.message: one.rule for one in told.struck if one.message in known - late}
    going.dockets[case] = docket


def _seed_rows(seeds: Sequence[Seed]) -> list[tuple[object, ...]]:
    records: dict[str, list[list[object]]] = {}
    for seed in seeds:
        records.setdefault(seed.case, []).extend([one.contract, one.gist] for one in seed.records)
    return [(case, orjson.dumps(known).decode()) for case, known in records.items() if known]


def _view(row: asyncpg.Record) -> ParkedView:
    return ParkedView(
        message=row["message_id"],
        case=row["case_no"],
        system=row["system"],
        contract=row["contract"],
        reason=row["reason"],
        parked_at=row["parked_at"],
        pass_at=row["pass_at"],
    )
