# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Claims before sends, in groups; mailbox leases, which are claims that a far side makes; and claims to ask about a doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.bodies import Body, RecentBodies
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.bus import QueueName
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.journal import Claim, ClaimResult, Halted, JournalDown, NotClaimable, Quarantined, Unwritable
from hub.ports.probe import Point, Probe


@dataclass(frozen=True, slots=True)
class _Wish:
    delivery: UUID
    alone: bool
    trial: bool


class Claims:
    """``claim`` of :class:`hub.ports.journal.Deliveries`, and the parts :class:`hub.ports.journal.Shelf` and ``Doubts``."""

    def __init__(
        self,
        pool: JournalPool,
        recent: RecentBodies,
        clock: Clock,
        probe: Probe,
        incarnation: UUID,
        figures: CommitFigures,
    ) -> None:
        self._pool = pool
        self._recent = recent
        self._clock = clock
        self._probe = probe
        self._incarnation = incarnation
        self._group: GroupCommit[_Wish, ClaimResult] = GroupCommit(self._commit, counted=figures.of("claim"))

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        result = await self._group.submit(_Wish(delivery, alone, trial))
        return JournalDown(result.reason) if isinstance(result, Unwritable) else result

    async def close(self) -> None:
        await self._group.close()

    async def lease(self, destination: str, limit: int, until: datetime, holder: UUID) -> Sequence[Claim] | JournalDown:
        try:
            async with self._pool.prompt() as connection:
                rows = await connection.fetch(
                    query("lease_shelf"), destination, limit, holder, until, self._clock.now()
                )
                return await self._claims(connection, rows)
        except DATABASE_ERRORS as error:
            return down(error)

    async def leased(self, destination: str, holder: UUID) -> Sequence[Claim] | JournalDown:
        try:
            async with self._pool.prompt() as connection:
                return await self._claims(connection, await connection.fetch(query("leased"), destination, holder))
        except DATABASE_ERRORS as error:
            return down(error)

    async def filled(self, destinations: Sequence[str]) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.promptly(query("filled_shelves"), list(destinations), self._clock.now())
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["destination"] for row in rows]

    async def take(self, destinations: Sequence[str], limit: int, until: datetime) -> Sequence[Claim] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(
                    query("take_doubts"), self._incarnation, self._clock.now(), list(destinations), limit, until
                )
                return await self._claims(connection, rows)
        except DATABASE_ERRORS as error:
            return down(error)

    async def _commit(self, batch: Sequence[_Wish]) -> Sequence[ClaimResult]:
        wanted = [w.delivery for w in batch]
        alone = [w.delivery for w in batch if w.alone]
        trials = [w.delivery for w in batch if w.trial]
        async with self._pool.prompt() as connection:
            self._probe.reach(Point.BEFORE_CLAIM_COMMIT)
            rows = await connection.fetch(query("claim"), wanted, self._incarnation, self._clock.now(), alone, trials)
            self._probe.reach(Point.AFTER_CLAIM_COMMIT)
            claims = {c.delivery_id: c for c in await self._claims(connection, rows)}
            refused = [w.delivery for w in batch if w.delivery not in claims]
            why = (
                {r["id"]: r["halted"] for r in await connection.fetch(query("why_unclaimed"), refused)}
                if refused
                else {}
            )
        # The same delivery twice in a batch (two frames named it): only the first caller may send.
        results: list[ClaimResult] = []
        for wish in batch:
            if wish.delivery in claims:
                results.append(claims.pop(wish.delivery))
            elif wish.delivery not in why:
                results.append(NotClaimable())
            elif why[wish.delivery]:
                results.append(Halted())
            else:
                results.append(NotClaimable() if wish.alone else Quarantined())
        return results

    async def _claims(self, connection: asyncpg.Connection, rows: Iterable[asyncpg.Record]) -> list[Claim]:
        rows = list(rows)
        bodies = await self._recent.of(connection, {r["message_id"] for r in rows}) if rows else {}
        return [_claim(row, bodies[row["message_id"]]) for row in rows]


def _claim(row: asyncpg.Record, body: Body) -> Claim:
    return Claim(
        delivery_id=row["id"],
        message_id=row["message_id"],
        destination=row["destination"],
        queue=QueueName(row["grp"], row["partition"]),
        case=row["case_no"],
        contract=body.contract,
        version=body.version,
        attempt=row["attempt"],
        failures=row["failures"],
        suspect=row["suspect"],
        crashes=row["crashes"],
        asked=row["asked"],
        holder=row["holder"],
        epoch=row["epoch"],
        accepted_at=row["accepted_at"],
        claimed_at=row["claimed_at"],
        expires_at=row["expires_at"],
        replayed_at=row["replayed_at"],
        back_at=row.get("back_at"),
        late=row["late"],
        attributes=body.attributes,
        canonical=body.canonical,
    )
