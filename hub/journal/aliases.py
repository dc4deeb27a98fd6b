# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, in the journal: learned in COMMIT 2, looked up in groups, and messages that waited for it renamed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts.lifecycle.docket import Docket
from contracts.lifecycle.judgement import Parked
from contracts.lifecycle.record import record_of
from hub.journal.acts import once, transacted
from hub.journal.docket_rows import docket_columns, locked_dockets
from hub.journal.following import Waited, let_out, released_leaf
from hub.journal.group_commit import GroupCommit
from hub.journal.placing import LetOut, place
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import MESSAGE, Seals
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import Act, Acted, JournalDown, NoSuch, RequestTaken, Unwritable
from hub.ports.journal.accepting import Leaf
from hub.ports.journal.aliases import (
    Alias,
    AliasClaim,
    AliasSaid,
    AliasView,
    AwaitedAlias,
    Number,
    Resolution,
    Resolvable,
)


class PostgresAliases:
    """The part :class:`hub.ports.journal.aliases.Aliases`."""

    def __init__(self, pool: JournalPool, readers: JournalPool, clock: Clock, ids: Ids, seals: Seals) -> None:
        self._seals = seals
        self._pool = pool
        self._readers = readers
        self._clock = clock
        self._ids = ids
        self._looks: GroupCommit[Number, Alias | None] = GroupCommit(self._look)

    async def close(self) -> None:
        await self._looks.close()

    async def known(self, numbers: Sequence[Number]) -> Mapping[Number, Alias] | JournalDown | Unwritable:
        found: dict[Number, Alias] = {}
        for number, told in zip(numbers, await self._looks.submit_all(numbers), strict=True):
            if isinstance(told, JournalDown | Unwritable):
                return told
            if told is not None:
                found[number] = told
        return found

    async def claim(self, claims: Sequence[AliasClaim]) -> JournalDown | None:
        async def work(connection: asyncpg.Connection) -> None:
            await write_claims(connection, claims, self._clock.now())

        return await transacted(self._pool, work)

    async def decide(
        self, act: Act, system: str, number: str, case: str
    ) -> Acted | NoSuch | RequestTaken | JournalDown:
        now = self._clock.now()

        async def work(connection: asyncpg.Connection) -> int | NoSuch:
            if not await connection.fetch(query("parties_of_cases"), [case]):
                return NoSuch()
            await write_claims(connection, [AliasClaim(system, number, case, "decision")], now)
            await connection.execute(query("decide_alias"), system, number, case, now)
            return 1

        return await once(self._pool, act, work)

    async def listed(
        self, after: Number | None, limit: int, *, disputed: bool = False, system: str | None = None
    ) -> Sequence[AliasView] | JournalDown:
        try:
            rows = await self._readers.fetch(query("aliases_listed"), *(after or ("", "")), disputed, system, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(
            AliasView(
                system=row["system"],
                number=row["number"],
                case=row["case_no"],
                disputed=row["disputed"],
                decided=row["decided"],
                learned_at=row["learned_at"],
                said=tuple(map(AliasSaid, row["claims"], row["ways"], row["moments"])),
            )
            for row in rows
        )

    async def awaited(self, limit: int) -> Sequence[AwaitedAlias] | JournalDown:
        try:
            rows = await self._readers.fetch(query("aliases_waited_for"), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(
            AwaitedAlias(
                system=row["system"],
                number=row["alias_number"],
                reason=row["reason"],
                count=row["n"],
                since=row["since"],
                until=row["until"],
            )
            for row in rows
        )

    async def resolvable(self, limit: int) -> Sequence[Resolvable] | JournalDown:
        try:
            found = await self._readers.fetch(query("resolvable"), limit)
            rows = await self._seals.opened(MESSAGE, found)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(
            Resolvable(
                message=UUID(int=row["message_id"].int),
                system=row["system"],
                contract=row["contract"],
                version=row["version"],
                case=row["case_no"],
                canonical=row["canonical"],
                attributes=row["attributes"],
                destinations=tuple(one["destination"] for one in orjson.loads(row["plan"])),
            )
            for row in rows
        )

    async def resolve(self, hub: str, resolutions: Sequence[Resolution]) -> int | JournalDown:
        now = self._clock.now()

        async def work(connection: asyncpg.Connection) -> int:
            async with connection.transaction():
                dockets = await locked_dockets(connection, self._seals, [one.case for one in resolutions])
                rows: dict[UUID, Mapping[str, Any]] = {
                    row["message_id"]: dict(row)
                    for row in await connection.fetch(query("take_parked"), [one.message for one in resolutions])
                }
                mine = [one for one in resolutions if one.message in rows]
                if not mine:
                    return 0
                await _rename(connection, self._seals, mine, {m: row["system"] for m, row in rows.items()})
                pairs = sorted({(one.case, party) for one in mine for party in one.parties})
                await connection.execute(query("join_cases"), *columns(pairs, width=2))
                judged = _Judged(dockets)
                for one in mine:
                    judged.judge(one)
                await self._write(connection, hub, mine, rows, judged, now)
                return len(mine)

        try:
            await self._seals.ready(await self._owners(resolutions))
        except DATABASE_ERRORS as error:
            return down(error)
        return await transacted(self._pool, work)

    async def _owners(self, resolutions: Sequence[Resolution]) -> Sequence[tuple[str, UUID]]:
        rows = await self._readers.fetch(query("raw_of"), [one.message for one in resolutions])
        return [(row["system"], UUID(int=row["id"].int)) for row in rows]

    async def _write(
        self,
        connection: asyncpg.Connection,
        hub: str,
        mine: Sequence[Resolution],
        rows: dict[UUID, Mapping[str, Any]],
        judged: "_Judged",
        now: datetime,
    ) -> None:
        known = {one.message: one for one in mine}
        freed = await connection.fetch(query("take_parked"), [m for m in judged.out if m not in rows])
        rows |= {row["message_id"]: dict(row) for row in freed}
        out: list[LetOut] = []
        leaves: list[tuple[UUID, Leaf]] = []
        for message in [*judged.out, *judged.again]:
            row, one = rows.get(message), known.get(message)
            if row is None:
                continue  # it was only observed
            waited, how = Waited(message, row["reason"], row["parked_at"]), "released" if one is None else "resolved"
            leaves.append(
                (message, released_leaf(waited, hub, self._ids, now, how, case="" if one is None else one.case))
            )
            if message not in judged.again:
                out.append(let_out(row if one is None else _renamed(row, one), now, 0))
        again = [_again(rows[message], known[message], rule, now) for message, rule in judged.again.items()]
        await place(connection, self._seals, (), self._ids.new(), None, out)
        await connection.execute(
            query("save_dockets"),
            *columns(docket_columns(judged.dockets), width=5),
            *columns(again, width=10),
            *columns(list(judged.barred.items()), width=2),
            *columns([(m, leaf.id, leaf.kind, leaf.statement, leaf.hash) for m, leaf in leaves], width=5),
        )

    async def _look(self, batch: Sequence[Number]) -> Sequence[Alias | None]:
        rows = await self._readers.fetch(query("aliases_of"), *columns(list(dict.fromkeys(batch)), width=2))
        found = {(row["system"], row["number"]): Alias(row["case_no"], row["disputed"]) for row in rows}
        return [found.get(number) for number in batch]


@dataclass(slots=True)
class _Judged:
    """Messages that have their case by now, as the lives of those cases have it: what goes out, what waits on by which rule."""

    dockets: dict[str, Docket]
    out: list[UUID] = field(default_factory=list)
    again: dict[UUID, str] = field(default_factory=dict)
    barred: dict[UUID, str] = field(default_factory=dict)

    def judge(self, one: Resolution) -> None:
        """The next one."""
        record = record_of(one.contract, orjson.loads(one.canonical))
        if record is None:
            self.out.append(one.message)
            return
        told = self.dockets[one.case].told(one.message, record)
        self.dockets[one.case] = told.docket
        if isinstance(told.judged, Parked) and one.enforced:
            self.again[one.message] = told.judged.rule
            return
        self.out += [one.message, *told.released]
        self.barred |= {early.message: early.rule for early in told.struck}


def _renamed(row: Mapping[str, Any], one: Resolution) -> Mapping[str, Any]:
    """As it goes out, in the partition of its case."""
    return {**row, "case_no": one.case, "plan": _moved(row["plan"], one.partition)}


def _again(row: Mapping[str, Any], one: Resolution, rule: str, now: datetime) -> tuple[object, ...]:
    """As it waits on, in its case."""
    return (
        one.message, one.case, row["system"], one.contract, rule, now, row["pass_at"], row["expires_at"],
        _moved(row["plan"], one.partition), None,
    )  # fmt: skip


async def write_claims(connection: asyncpg.Connection, claims: Sequence[AliasClaim], now: datetime) -> None:
    """Within a transaction whose last locks these are."""
    rows = [(one.system, one.number, one.case, one.how, now) for one in claims]
    await connection.execute(query("claim_aliases"), *columns(rows, width=5))


async def _rename(
    connection: asyncpg.Connection, seals: Seals, mine: Sequence[Resolution], systems: Mapping[UUID, str]
) -> None:
    """What was received stays as it was."""
    found = await connection.fetch(query("raw_of"), [one.message for one in mine])
    raws = {row["id"]: row["raw"] for row in await seals.opened(MESSAGE, found)}
    rows = []
    for one in mine:
        owner = (systems[one.message], one.message)
        codec, (raw, canonical), (attributes,) = seals.seal(
            MESSAGE, owner, (raws[one.message], one.canonical), (one.attributes,)
        )
        rows.append((one.message, one.case, codec, raw, canonical, attributes))
    await connection.execute(query("rename_messages"), *columns(rows, width=6))


def _moved(plan: str, partition: int) -> str:
    """The plan in the partition of its case."""
    return orjson.dumps([{**one, "partition": partition} for one in orjson.loads(plan)]).decode()
