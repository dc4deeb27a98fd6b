# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Processes in the journal, in groups. Locks are taken in the order of ids, processes before anything else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from hub.journal.bodies import RecentBodies
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import JOINED, Seals
from hub.ports.clock import Clock
from hub.ports.journal import (
    Beginning,
    Emission,
    Entered,
    Fate,
    Joined,
    Joining,
    JournalDown,
    Kept,
    PaceWish,
    Process,
    Rest,
    State,
    Unwritable,
)  # fmt: skip

_PACE_KEPT = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class _Naming:
    process: UUID
    turn: int
    names: tuple[str, ...]
    at: datetime


class PostgresProcesses:
    """The part :class:`hub.ports.journal.Processes`."""

    def __init__(self, pool: JournalPool, recent: RecentBodies, clock: Clock, seals: Seals) -> None:
        self._pool = pool
        self._recent = recent
        self._seals = seals
        self._clock = clock
        self._begun: GroupCommit[Beginning, Entered] = GroupCommit(self._begin)
        self._joined: GroupCommit[Joining, Entered] = GroupCommit(self._join)
        self._kept: GroupCommit[Kept, None] = GroupCommit(self._keep)
        self._named: GroupCommit[_Naming, bool] = GroupCommit(self._name)
        self._rested: GroupCommit[Rest, bool] = GroupCommit(self._rest)

    async def close(self) -> None:
        for group in (self._begun, self._joined, self._kept, self._named, self._rested):
            await group.close()

    async def begin(self, beginning: Beginning) -> Entered | JournalDown | Unwritable:
        return await self._begun.submit(beginning)

    async def join(self, joining: Joining) -> Entered | JournalDown | Unwritable:
        return await self._joined.submit(joining)

    async def keep(self, kept: Kept) -> JournalDown | Unwritable | None:
        return await self._kept.submit(kept)

    async def name(self, process: Process, names: Collection[str], at: datetime) -> bool | JournalDown | Unwritable:
        return await self._named.submit(_Naming(process.id, process.turn, tuple(names), at))

    async def rest(self, rest: Rest) -> bool | JournalDown | Unwritable:
        return await self._rested.submit(rest)

    async def take(self, destinations: Sequence[str], limit: int, until: datetime) -> Sequence[Process] | JournalDown:
        try:
            async with self._pool.prompt() as connection:
                rows = await connection.fetch(
                    query("take_processes"), list(destinations), self._clock.now(), limit, until
                )
                return await self._processes(connection, rows) if rows else ()
        except DATABASE_ERRORS as error:
            return down(error)

    async def pace(self, wishes: Sequence[PaceWish]) -> Sequence[datetime | None] | JournalDown:
        if not wishes:
            return ()
        now, keys = self._clock.now(), sorted({wish.key for wish in wishes})
        try:
            async with self._pool.prompt() as connection, connection.transaction():
                await connection.execute(query("open_paces"), keys, now)
                rows = await connection.fetch(query("lock_paces"), keys)
                books = {row["key"]: dict(zip(row["uses"], row["ats"], strict=True)) for row in rows}
                answers = [_let_through(books[wish.key], wish, now) for wish in wishes]
                changed = [(key, list(book), list(book.values()), now) for key, book in books.items()]
                await connection.executemany(query("save_pace"), changed)
                return answers
        except DATABASE_ERRORS as error:
            return down(error)

    async def hear(self, hinted: Collection[UUID], limit: int) -> int | JournalDown:
        try:
            (row,) = await self._pool.promptly(query("hear_fates"), self._clock.now(), list(hinted), limit)
        except DATABASE_ERRORS as error:
            return down(error)
        looked: int = row["count"]
        return looked

    async def purge(self, before: datetime, limit: int) -> int | JournalDown:
        try:
            async with self._pool.prompt() as connection:
                tag = await connection.execute(query("purge_processes"), before, limit)
                await connection.execute(query("purge_paces"), self._clock.now() - _PACE_KEPT, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return int(tag.rpartition(" ")[2])

    async def _begin(self, batch: Sequence[Beginning]) -> Sequence[Entered]:
        keys = sorted({(one.delivery, key) for one in batch for key in one.keys}, key=lambda pair: pair[1])
        async with self._pool.prompt() as connection, connection.transaction():
            deliveries = sorted({one.delivery for one in batch})
            rows = await connection.fetch(query("begin_processes"), deliveries, self._clock.now())
            late: set[UUID] = set()
            if keys:
                await connection.execute(query("claim_process_keys"), *columns(keys, width=2))
                dropped = await connection.fetch(query("drop_keyless_processes"), *columns(keys, width=2))
                late = {row["id"] for row in dropped}
        begun = {row["id"] for row in rows}
        return [
            Entered.NO_DELIVERY
            if one.delivery not in begun
            else Entered.KEY_TAKEN
            if one.delivery in late
            else Entered.BEGUN
            for one in batch
        ]

    async def _join(self, batch: Sequence[Joining]) -> Sequence[Entered]:
        joining = {one.delivery: one for one in batch}.values()
        await self._seals.ready((sender(one.attributes), one.delivery) for one in joining)
        packed = [
            (
                one.delivery,
                one.destination,
                one.key,
                *sealed_joining(self._seals, one.delivery, one.attributes, one.body),
                one.answered,
            )
            for one in joining
        ]
        rows = await self._pool.promptly(query("join_processes"), self._clock.now(), *columns(packed, width=7))
        joined = {row["delivery_id"] for row in rows}
        return [Entered.JOINED if one.delivery in joined else Entered.NO_PROCESS for one in batch]

    async def _keep(self, batch: Sequence[Kept]) -> Sequence[None]:
        await self._seals.ready((sender(one.attributes), one.process) for one in batch)
        rows = [
            (one.process, one.turn, one.id, *sealed_joining(self._seals, one.process, one.attributes, one.body, one.id))
            for one in batch
        ]
        async with self._pool.prompt() as connection:
            await connection.execute(query("keep_findings"), self._clock.now(), *columns(rows, width=6))
        return [None] * len(batch)

    async def _name(self, batch: Sequence[_Naming]) -> Sequence[bool]:
        async with self._pool.prompt() as connection, connection.transaction():
            mine = await fence(connection, [(one.process, one.turn) for one in batch])
            named = [(one.process, name, one.at) for one in batch if one.process in mine for name in one.names]
            await connection.execute(query("name_emissions"), *columns(named, width=3))
        return [one.process in mine for one in batch]

    async def _rest(self, batch: Sequence[Rest]) -> Sequence[bool]:
        async with self._pool.prompt() as connection, connection.transaction():
            mine = await fence(connection, [(one.process, one.turn) for one in batch])
            resting = [one for one in batch if one.process in mine]
            known = [
                (one.process, emission.name, emission.message, emission.refused)
                for one in resting
                for emission in one.emissions
            ]
            rests = [(one.process, one.due_at, one.finished, one.standing, one.awaits, one.why) for one in resting]
            await connection.execute(
                query("rest_processes"), self._clock.now(), *columns(known, width=4), *columns(rests, width=6)
            )
        return [one.process in mine for one in batch]

    async def _processes(self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> list[Process]:
        bodies = await self._recent.of(connection, {row["message_id"] for row in rows})
        emissions: dict[UUID, dict[str, Emission]] = {}
        for row in await connection.fetch(query("emissions_of"), [row["id"] for row in rows]):
            emissions.setdefault(row["process_id"], {})[row["name"]] = emission_of(row)
        joined: dict[UUID, list[Joined]] = {}
        found = await connection.fetch(query("joined_of"), [row["id"] for row in rows])
        for one in await self._seals.opened(JOINED, found):
            joined.setdefault(one["process_id"], []).append(
                Joined(one["delivery_id"], one["joined_at"], one["attributes"], one["body"])
            )
        return [
            Process(
                id=row["id"],
                destination=row["destination"],
                case=row["case_no"],
                begun_at=row["begun_at"],
                turn=row["turn"],
                attributes=bodies[row["message_id"]].attributes,
                canonical=bodies[row["message_id"]].canonical,
                emissions=emissions.get(row["id"], {}),
                joined=joined.get(row["id"], ()),
                standing=row["standing"],
                awaits=row["awaits"],
                why=row["why"],
            )
            for row in rows
        ]


def sealed_joining(
    seals: Seals, dated: UUID, attributes: bytes, body: bytes, named: UUID | None = None
) -> tuple[bytes, int, bytes]:
    """Attributes, codec and body as they are written. ``dated`` is a UUIDv7 that tells the month: the row's own, or that of its
    process, and then ``named`` is the row's.
    """
    codec, (packed,), (envelope,) = seals.seal(JOINED, (sender(attributes), dated), (body,), (attributes,), named)
    return envelope, codec, packed


def sender(attributes: bytes) -> str:
    """Whose data it is that joins a process; what the hub found out by itself is its own."""
    source = orjson.loads(attributes).get("source", "")
    return source if isinstance(source, str) else ""


async def fence(connection: asyncpg.Connection, turns: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Those of these turns that are still their processes', which are locked in the order of their ids."""
    rows = await connection.fetch(query("fence_processes"), *columns(list(turns), width=2))
    return {row["id"] for row in rows}


def emission_of(row: asyncpg.Record) -> Emission:
    """An emission from its row."""
    fates = orjson.loads(row["fates"])
    return Emission(
        name=row["name"],
        named_at=row["named_at"],
        message=row["message_id"],
        refused=row["refused"],
        fates={
            destination: Fate(State(state), code, doubtful) for destination, (state, code, doubtful) in fates.items()
        },
        closed_at=row["closed_at"],
        taken=bool(row["taken"]),
    )


def _let_through(book: dict[str, datetime], wish: PaceWish, now: datetime) -> datetime | None:
    """Whether the book has room for one more; it is changed. What is older than every limit is forgotten."""
    longest = max((seconds for _, seconds in wish.limits), default=0.0)
    for use in [use for use, at in book.items() if at <= now - timedelta(seconds=longest) and use != wish.use]:
        del book[use]
    if wish.use in book:
        return None
    ats = sorted(book.values())
    again = [
        ats[-most] + timedelta(seconds=seconds)
        for most, seconds in wish.limits
        if len(ats) >= most and ats[-most] + timedelta(seconds=seconds) > now
    ]
    if again:
        return max(again)
    book[wish.use] = now
    return None
