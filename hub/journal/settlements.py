# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 2, in groups: outcome, attempt, evidence, and the release of the next in each lane.

Order of the locks: open deliveries (sorted by id), then lanes (sorted). The next delivery of a lane is released only if
nobody holds it.

A claim stands while the journal names it. It is also believed where another hub took the partition over and put the delivery
in doubt, because its sender might have died, until somebody asks about it or an operator takes it up: nobody but the sender
knows what became of it, and a delivery in doubt is sent by nobody. What comes later still decides nothing, and is written
beside the attempt as late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from hub.journal.aliases import write_claims
from hub.journal.answer_book import Entry, Word
from hub.journal.awaiting import await_answers
from hub.journal.group_commit import GroupCommit
from hub.journal.lanes import move
from hub.journal.offers import OfferBoard
from hub.journal.ownerships import CRASHED
from hub.journal.pool import JournalPool
from hub.journal.queries import columns, query
from hub.ports.bus import QueueName
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.ids import Ids
from hub.ports.journal import AliasClaim, Leaf, Settled, Settlement, SettlementResult, Stale, State
from hub.ports.probe import Point, Probe

Released: TypeAlias = tuple[UUID, str, QueueName]
"""What came to the head of its lane and may be offered."""

_FINAL = frozenset({State.DELIVERED, State.EXPIRED, State.WITHDRAWN, State.SKIPPED})
_HELD = {"sending", "accepted", "in_doubt"}  # the states in which somebody may hold a delivery


class Settlements:
    """``settle`` of :class:`hub.ports.journal.Deliveries`."""

    def __init__(
        self,
        pool: JournalPool,
        board: OfferBoard,
        clock: Clock,
        ids: Ids,
        probe: Probe,
        incarnation: UUID,
        figures: CommitFigures,
    ) -> None:
        self._pool = pool
        self._board = board
        self._clock = clock
        self._ids = ids
        self._probe = probe
        self._incarnation = incarnation
        self._group: GroupCommit[Settlement, SettlementResult] = GroupCommit(self._commit, counted=figures.of("settle"))

    async def settle(self, settlement: Settlement) -> SettlementResult:
        return await self._group.submit(settlement)

    async def close(self) -> None:
        await self._group.close()

    @property
    def hub(self) -> UUID:
        """The incarnation of this hub, which stands beside every attempt."""
        return self._incarnation

    async def write(
        self, connection: asyncpg.Connection, settlements: Sequence[Settlement], frame: UUID
    ) -> list[Released]:
        """Write settlements whose deliveries are locked and theirs to settle, and free their lanes. What came to the head of a
        lane is told to :meth:`post` after the commit.
        """
        return await self._write_all(connection, _Fates(settlements, (), ()), frame) if settlements else []

    def post(self, frame: UUID, released: Sequence[Released]) -> None:
        """Offer what a commit released."""
        self._board.post(frame, released)

    async def _commit(self, given: Sequence[Settlement]) -> Sequence[SettlementResult]:
        frame = self._ids.new()
        async with self._pool.prompt() as connection:
            async with connection.transaction():
                awaiting = await await_answers(connection, given, self._clock.now())
                batch = awaiting.settlements
                fates = await _fates(connection, batch)
                standing = [*fates.standing, *fates.overtaken]
                written = {id(s) for s in standing}
                released = await self._write_all(connection, fates, frame) if standing else []
                late = [
                    _late_row(s, self._incarnation, self._clock.now())
                    for s in [*fates.overtaken, *filter(_tells, fates.stale)]
                ]
                late += late_rows(await awaiting.save(connection, written), self._incarnation, self._clock.now())
                if late:
                    await write_late(connection, late)
                self._probe.reach(Point.BEFORE_SETTLE_COMMIT)
            self._probe.reach(Point.AFTER_SETTLE_COMMIT)
        self._board.post(frame, released)
        return [
            (Settled() if was is s else Settled(instead=s)) if id(s) in written else Stale()
            for was, s in zip(given, batch, strict=True)
        ]

    async def _write_all(self, connection: asyncpg.Connection, fates: "_Fates", frame: UUID) -> list[Released]:
        """What stands, and what follows in its lanes."""
        freed = _freed([*fates.standing, *fates.overtaken])
        lanes = columns(sorted(freed), width=2)
        await self._write(connection, fates, lanes)
        claims = [
            AliasClaim(*s.learned, s.claim.case, "receipt")
            for s in [*fates.standing, *fates.overtaken]
            if s.learned is not None
        ]
        if claims:
            await write_claims(connection, claims, self._clock.now())
        return await self._release(connection, freed, lanes, frame) if freed else []

    async def _write(self, connection: asyncpg.Connection, fates: "_Fates", lanes: Sequence[Sequence[object]]) -> None:
        """And lock these lanes, as the last thing."""
        batch = [*fates.standing, *fates.overtaken]
        await connection.execute(
            query("write_outcomes"),
            *columns([_attempt_row(s, self._incarnation) for s in fates.standing], width=9),
            *columns([_leaf_row(s, s.leaf) for s in batch if s.leaf is not None], width=6),
            *columns([_settlement_row(s) for s in batch if s.state in _FINAL], width=9),
            *columns([_change_row(s) for s in batch if s.state not in _FINAL], width=13),
            *lanes,
        )

    async def _release(
        self,
        connection: asyncpg.Connection,
        freed: Mapping[tuple[str, str], QueueName],
        lanes: Sequence[Sequence[object]],
        frame: UUID,
    ) -> list[Released]:
        """Move the heads of the lanes that were freed, and offer what stands there now."""
        heads = await move(connection, lanes)
        if not heads:
            return []
        room = [self._board.open_for(freed[destination, case], destination) for destination, case, _ in heads]
        rows = await connection.fetch(query("release_heads"), *columns(heads, width=3), self._clock.now(), frame, room)
        return [(r["id"], r["destination"], QueueName(r["grp"], r["partition"])) for r in rows]


@dataclass(frozen=True, slots=True)
class _Fates:
    """A batch sorted by what its claims are worth: they stand, a takeover put them in doubt, or neither."""

    standing: Sequence[Settlement]
    overtaken: Sequence[Settlement]
    stale: Sequence[Settlement]


async def _fates(connection: asyncpg.Connection, batch: Sequence[Settlement]) -> _Fates:
    """Each delivery is settled once in a batch."""
    rows = {r["id"]: r for r in await connection.fetch(query("lock_open"), [s.claim.delivery_id for s in batch])}
    standing: list[Settlement] = []
    overtaken: list[Settlement] = []
    stale: list[Settlement] = []
    for settlement in batch:
        row = rows.get(settlement.claim.delivery_id)
        if row is None or (row["attempt"], row["epoch"]) != (settlement.claim.attempt, settlement.claim.epoch):
            stale.append(settlement)
        elif row["state"] in _HELD and row["holder"] == settlement.claim.holder:
            standing.append(settlement)
            del rows[settlement.claim.delivery_id]
        elif _taken_over(row):
            overtaken.append(settlement)
            del rows[settlement.claim.delivery_id]
        else:
            stale.append(settlement)
    return _Fates(standing, overtaken, stale)


def _freed(batch: Sequence[Settlement]) -> Mapping[tuple[str, str], QueueName]:
    """The lanes that go on, (destination, case), each with its partition."""
    return {(s.claim.destination, s.claim.case): s.claim.queue for s in batch if s.state in _FINAL or s.yields}


def _taken_over(row: Mapping[str, object]) -> bool:
    """Whether it is in doubt just as a takeover left it."""
    return row["state"] == "in_doubt" and row["code"] == CRASHED and row["holder"] is None


def _tells(settlement: Settlement) -> bool:
    """Whether something was sent or asked; a claim that was given up untouched has nothing to tell."""
    return settlement.state is not State.WAITING or settlement.counted


def _settlement_row(s: Settlement) -> tuple[object, ...]:
    c = s.claim
    return (
        c.delivery_id, c.message_id, c.destination, s.state.value, c.attempt, s.code, s.detail, s.reference, s.ended_at,
    )  # fmt: skip


def _leaf_row(s: Settlement, leaf: Leaf) -> tuple[object, ...]:
    c = s.claim
    return (c.message_id, leaf.id, leaf.kind, c.destination, leaf.statement, leaf.hash)


def _change_row(s: Settlement) -> tuple[object, ...]:
    failed = 1 if s.counted else 0
    return (
        s.claim.delivery_id, s.state.value, s.code, s.detail, s.reference, s.due_at, failed, s.yields, s.suspect,
        s.crashes, s.asked, s.ask_at, s.answer_due,
    )  # fmt: skip


def _attempt_row(s: Settlement, hub: UUID) -> tuple[object, ...]:
    c = s.claim
    return (
        c.message_id, c.destination, c.attempt, s.state.value, s.code, s.detail, hub, c.claimed_at, s.ended_at,
    )  # fmt: skip


def _late_row(s: Settlement, hub: UUID, at: datetime) -> tuple[object, ...]:
    return (*_attempt_row(s, hub), s.reference, at)


async def write_late(connection: asyncpg.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Write what was told late; of one attempt what was told first."""
    first: dict[tuple[object, ...], tuple[object, ...]] = {}
    for row in rows:
        first.setdefault(row[:3], row)
    await connection.execute(query("write_late"), *columns(list(first.values()), width=11))


def late_rows(told: Sequence[tuple[Entry, Word]], hub: UUID, now: datetime) -> list[tuple[object, ...]]:
    """What was answered after another answer counted, for the attempt that this one was about."""
    return [
        (
            entry.message, entry.key[0], entry.attempt, word.state.value, word.code, word.detail, hub, word.heard_at,
            word.heard_at, word.receipt, now,
        )
        for entry, word in told
    ]  # fmt: skip
