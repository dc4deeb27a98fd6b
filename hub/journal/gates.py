# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Breakers and pauses, one narrow row per destination that ever failed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import once
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.ports.bus import QueueName
from hub.ports.clock import Clock
from hub.ports.journal import Act, Acted, Breaker, Gate, Heard, JournalDown, Pause, RequestTaken, Trial


class PostgresGates:
    """The part :class:`hub.ports.journal.Gates`. Moments are of the hubs' clocks, like those at which deliveries are due."""

    def __init__(self, pool: JournalPool, clock: Clock, incarnation: UUID) -> None:
        self._pool = pool
        self._clock = clock
        self._incarnation = incarnation

    async def states(self) -> Mapping[str, Gate] | JournalDown:
        try:
            rows = await self._pool.fetch(query("gates"))
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["destination"]: _gate(row) for row in rows}

    async def report(self, heard: Sequence[Heard]) -> JournalDown | None:
        rows = [(p.destination, p.answered, p.failures, p.reason, p.most, p.first, p.longest) for p in heard]
        now = self._clock.now()
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                made = await connection.fetch(query("report_heard"), *columns(rows, width=7), now)
                new = {row["destination"] for row in made}
                rest = [row for row in rows if row[0] not in new]
                if rest:
                    await connection.execute(query("count_heard"), *columns(rest, width=7), now)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def take_probe(self, destination: str, until: datetime) -> bool | JournalDown:
        return await self._changed(query("take_probe"), destination, self._incarnation, self._clock.now(), until)

    async def close(self, destination: str, *, answered: bool) -> JournalDown | None:
        return await self._told(query("close_breaker"), destination, self._incarnation, self._clock.now(), answered)

    async def reopen(self, destination: str, reason: str, first: float, longest: float) -> JournalDown | None:
        now = self._clock.now()
        return await self._told(query("reopen_breaker"), destination, self._incarnation, now, reason, first, longest)

    async def pass_on(self, destination: str, at: datetime) -> JournalDown | None:
        return await self._told(query("pass_probe_on"), destination, self._incarnation, at)

    async def trial(self, destination: str, owned: Sequence[QueueName]) -> Trial | JournalDown | None:
        queues = columns([(q.group, q.partition) for q in owned], width=2)
        try:
            row = await self._pool.fetchrow(query("trial_delivery"), destination, *queues)
        except DATABASE_ERRORS as error:
            return down(error)
        return Trial(row["id"], QueueName(row["grp"], row["partition"]), row["mine"]) if row else None

    async def pause(self, act: Act) -> Acted | RequestTaken | JournalDown:
        return await self._acted(act, query("pause_destination"), act.subject, act.acted_at, act.actor, act.reason)

    async def resume(self, act: Act) -> Acted | RequestTaken | JournalDown:
        return await self._acted(act, query("resume_destination"), act.subject, act.acted_at)

    async def _acted(self, act: Act, statement: str, *change: object) -> Acted | RequestTaken | JournalDown:
        async def work(connection: asyncpg.Connection) -> int:
            return 0 if await connection.fetchval(statement, *change) is None else 1

        return await once(self._pool, act, work)

    async def _changed(self, statement: str, *arguments: object) -> bool | JournalDown:
        try:
            return await self._pool.fetchval(statement, *arguments) is not None
        except DATABASE_ERRORS as error:
            return down(error)

    async def _told(self, statement: str, *arguments: object) -> JournalDown | None:
        try:
            await self._pool.execute(statement, *arguments)
        except DATABASE_ERRORS as error:
            return down(error)
        return None


def _gate(row: asyncpg.Record) -> Gate:
    paused = row["paused_at"]
    return Gate(
        destination=row["destination"],
        breaker=Breaker(row["breaker"]),
        failures=row["failures"],
        openings=row["openings"],
        opened=row["opened"],
        since=row["since"],
        reason=row["reason"],
        probe_at=row["probe_at"],
        paused=None if paused is None else Pause(paused, row["paused_by"], row["paused_reason"]),
    )
