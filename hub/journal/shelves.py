# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The shelves of the mailboxes: leases, which are claims that a far side makes. Those made at one time share a transaction."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hub.journal.bodies import RecentBodies
from hub.journal.claim_rows import claims_of
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.journal import Claim, JournalDown, Unwritable


@dataclass(frozen=True, slots=True)
class _Lease:
    """A wish for up to ``limit`` deliveries, until that moment."""

    destination: str
    holder: UUID
    limit: int
    until: datetime


@dataclass(frozen=True, slots=True)
class _Leased:
    """The question what a lease still holds."""

    destination: str
    holder: UUID


_Lent: TypeAlias = Sequence[Claim]


class Shelves:
    """The part :class:`hub.ports.journal.Shelf`."""

    def __init__(self, pool: JournalPool, recent: RecentBodies, clock: Clock, figures: CommitFigures) -> None:
        self._pool = pool
        self._recent = recent
        self._clock = clock
        self._leases: GroupCommit[_Lease, _Lent] = GroupCommit(self._lend, counted=figures.of("lease"))
        self._questions: GroupCommit[_Leased, _Lent] = GroupCommit(self._held)

    async def close(self) -> None:
        await self._leases.close()
        await self._questions.close()

    async def lease(self, destination: str, limit: int, until: datetime, holder: UUID) -> Sequence[Claim] | JournalDown:
        lent = await self._leases.submit(_Lease(destination, holder, limit, until))
        return JournalDown(lent.reason) if isinstance(lent, Unwritable) else lent

    async def leased(self, destination: str, holder: UUID) -> Sequence[Claim] | JournalDown:
        held = await self._questions.submit(_Leased(destination, holder))
        return JournalDown(held.reason) if isinstance(held, Unwritable) else held

    async def filled(self, destinations: Sequence[str]) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.promptly(query("filled_shelves"), list(destinations), self._clock.now())
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["destination"] for row in rows]

    async def _lend(self, wishes: Sequence[_Lease]) -> Sequence[_Lent]:
        now, rows = self._clock.now(), []
        async with self._pool.prompt() as connection, connection.transaction():
            for some in _apart(wishes):
                free = await connection.fetch(
                    query("free_on_shelves"),
                    [one.destination for one in some],
                    [one.limit for one in some],
                    [one.holder for one in some],
                    [one.until for one in some],
                    now,
                )
                if free:
                    columns = ([row[name] for row in free] for name in ("id", "holder", "until"))
                    rows += await connection.fetch(query("lend"), *columns, now)
            claims = await claims_of(connection, self._recent, rows)
        return _by_holder(claims, wishes)

    async def _held(self, questions: Sequence[_Leased]) -> Sequence[_Lent]:
        asked = sorted({(one.destination, one.holder) for one in questions})
        async with self._pool.prompt() as connection:
            rows = await connection.fetch(query("leased"), [name for name, _ in asked], [holder for _, holder in asked])
            claims = await claims_of(connection, self._recent, rows)
        return _by_holder(claims, questions)


def _apart(wishes: Sequence[_Lease]) -> Iterator[Sequence[_Lease]]:
    """Rounds in which no mailbox is named twice: within one statement two would be lent the same deliveries."""
    left = sorted(wishes, key=lambda wish: wish.destination)  # one order for all hubs
    while left:
        now: dict[str, _Lease] = {}
        left = [wish for wish in left if now.setdefault(wish.destination, wish) is not wish]
        yield list(now.values())


def _by_holder(claims: Sequence[Claim], wishes: Sequence[_Lease] | Sequence[_Leased]) -> Sequence[_Lent]:
    found: defaultdict[tuple[str, UUID | None], list[Claim]] = defaultdict(list)
    for claim in claims:
        found[claim.destination, claim.holder].append(claim)
    return [found[wish.destination, wish.holder] for wish in wishes]
