# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Claims before sends, in groups; and claims to ask about a doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.journal.bodies import RecentBodies
from hub.journal.claim_rows import claims_of
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.journal import Claim, ClaimResult, Halted, JournalDown, NotClaimable, Quarantined, Unwritable
from hub.ports.probe import Point, Probe


@dataclass(frozen=True, slots=True)
class _Wish:
    delivery: UUID
    alone: bool
    trial: bool


_LATEST_SECONDS = 15.0
"""After so long the server has carried out, or given up, whatever it was told before a connection was cut."""
_MOST_LOST = 20_000


class Claims:
    """``claim`` and ``disown`` of :class:`hub.ports.journal.Deliveries`, and the part :class:`hub.ports.journal.Doubts`."""

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
        self._lost: dict[tuple[UUID, datetime], float] = {}
        """Claims whose answer did not come, by delivery and moment, with when that was on the monotonic clock."""
        self._group: GroupCommit[_Wish, ClaimResult] = GroupCommit(self._commit, counted=figures.of("claim"))

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        result = await self._group.submit(_Wish(delivery, alone, trial))
        return JournalDown(result.reason) if isinstance(result, Unwritable) else result

    async def close(self) -> None:
        await self._group.close()

    async def disown(self) -> int | JournalDown:
        if not self._lost:
            return 0
        lost, now = list(self._lost), self._clock.monotonic()
        try:
            rows = await self._pool.promptly(
                query("disown_claims"),
                [delivery for delivery, _ in lost],
                [moment for _, moment in lost],
                self._incarnation,
                self._clock.now(),
            )
        except DATABASE_ERRORS as error:
            return down(error)
        self._lost = {one: since for one, since in self._lost.items() if now - since < _LATEST_SECONDS}
        return len(rows)

    async def take(self, destinations: Sequence[str], limit: int, until: datetime) -> Sequence[Claim] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(
                    query("take_doubts"), self._incarnation, self._clock.now(), list(destinations), limit, until
                )
                return await claims_of(connection, self._recent, rows)
        except DATABASE_ERRORS as error:
            return down(error)

    async def _commit(self, batch: Sequence[_Wish]) -> Sequence[ClaimResult]:
        moment = self._clock.now()
        try:
            return await self._claim(batch, moment)
        except BaseException:
            if len(self._lost) < _MOST_LOST:
                self._lost |= {(wish.delivery, moment): self._clock.monotonic() for wish in batch}
            raise

    async def _claim(self, batch: Sequence[_Wish], moment: datetime) -> Sequence[ClaimResult]:
        wanted = [w.delivery for w in batch]
        alone = [w.delivery for w in batch if w.alone]
        trials = [w.delivery for w in batch if w.trial]
        async with self._pool.prompt() as connection:
            self._probe.reach(Point.BEFORE_CLAIM_COMMIT)
            rows = await connection.fetch(query("claim"), wanted, self._incarnation, moment, alone, trials)
            self._probe.reach(Point.AFTER_CLAIM_COMMIT)
            claims = {c.delivery_id: c for c in await claims_of(connection, self._recent, rows)}
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
