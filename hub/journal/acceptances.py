# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1, in groups.

Order of the locks, the same in every hub: ids (sorted), cases (sorted), lanes (sorted). COMMIT 2 takes lanes last too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from hub.journal.bodies import Body, RecentBodies, pack
from hub.journal.group_commit import GroupCommit
from hub.journal.offers import OfferBoard
from hub.journal.pool import JournalPool
from hub.journal.queries import columns, query
from hub.ports.figures import CommitFigures
from hub.ports.ids import Ids
from hub.ports.journal import (
    Acceptance,
    AcceptanceResult,
    Archived,
    Committed,
    Duplicate,
    ForeignCase,
    IdTaken,
    JournalDown,
    PlannedDelivery,
    RefusalRecord,
    Unwritable,
)
from hub.ports.probe import Point, Probe

_Lane = tuple[str, str]


class PostgresAcceptances:
    """The part :class:`hub.ports.journal.Acceptances`."""

    def __init__(
        self,
        pool: JournalPool,
        board: OfferBoard,
        recent: RecentBodies,
        ids: Ids,
        probe: Probe,
        figures: CommitFigures,
    ) -> None:
        self._pool = pool
        self._board = board
        self._recent = recent
        self._ids = ids
        self._probe = probe
        self._commits: GroupCommit[Acceptance, AcceptanceResult] = GroupCommit(
            self._commit, counted=figures.of("accept")
        )
        self._refusals: GroupCommit[RefusalRecord, None] = GroupCommit(
            self._write_refusals, in_flight=1, counted=figures.of("refuse")
        )

    async def accept(self, acceptance: Acceptance) -> AcceptanceResult:
        return await self._commits.submit(acceptance)

    async def accept_all(self, acceptances: Sequence[Acceptance]) -> Sequence[AcceptanceResult]:
        return await self._commits.submit_all(acceptances)

    async def refuse(self, record: RefusalRecord) -> JournalDown | None:
        result = await self._refusals.submit(record)
        return JournalDown(result.reason) if isinstance(result, Unwritable) else result

    async def close(self) -> None:
        await self._commits.close()
        await self._refusals.close()

    async def _commit(self, batch: Sequence[Acceptance]) -> Sequence[AcceptanceResult]:
        frame = self._ids.new()
        async with self._pool.prompt() as connection:
            async with connection.transaction():
                results = await _foreign(connection, batch)
                won = await _claim_ids(connection, [a for a in batch if a.message_id not in results])
                lost = [a for a in batch if a.message_id not in won and a.message_id not in results]
                results |= await _first_receipts(connection, lost, {a.message_id: a.receipt for a in batch})
                winners = [a for a in batch if a.message_id in won]
                places = await _write(connection, winners, frame, self._board) if winners else []
                self._probe.reach(Point.BEFORE_ACCEPT_COMMIT)
            self._probe.reach(Point.AFTER_ACCEPT_COMMIT)
        for a in winners:
            results[a.message_id] = Committed(a.receipt)
            self._recent.remember(a.message_id, Body(a.contract, a.version, a.attributes, a.canonical))
        self._board.post(
            frame, [(p.delivery.id, p.delivery.destination, p.delivery.queue) for p in places if p.offered]
        )
        return [results[a.message_id] for a in batch]

    async def _write_refusals(self, batch: Sequence[RefusalRecord]) -> Sequence[None]:
        await self._pool.promptly(
            query("write_refusals"),
            *columns(
                [(r.id, r.system, r.sender_id, r.contract, r.code, r.problem, r.digest, r.refused_at) for r in batch],
                width=8,
            ),
        )
        return [None] * len(batch)


@dataclass(frozen=True, slots=True)
class _Place:
    """A planned delivery with its position in its lane, and the place of its message in the batch, from 1."""

    message: int
    delivery: PlannedDelivery
    position: int
    held: bool
    offered: bool


async def _foreign(connection: asyncpg.Connection, batch: Sequence[Acceptance]) -> dict[UUID, AcceptanceResult]:
    """Senders that speak of a case which belongs to others."""
    cases = sorted({a.case for a in batch if not a.any_case})
    if not cases:
        return {}
    parties: dict[str, set[str]] = {}
    for row in await connection.fetch(query("parties_of_cases"), cases):
        parties.setdefault(row["case_no"], set()).add(row["system"])
    return {
        a.message_id: ForeignCase()
        for a in batch
        if not a.any_case and a.case in parties and a.system not in parties[a.case]
    }


async def _claim_ids(connection: asyncpg.Connection, batch: Sequence[Acceptance]) -> set[UUID]:
    if not batch:
        return set()
    rows = [(a.system, a.sender_id, a.digest, a.message_id, a.accepted_at) for a in batch]
    return {r["message_id"] for r in await connection.fetch(query("claim_ids"), *columns(rows, width=5))}


async def _first_receipts(
    connection: asyncpg.Connection, losers: Sequence[Acceptance], receipts: dict[UUID, bytes]
) -> dict[UUID, AcceptanceResult]:
    """What stands already under an id: its receipt, or the fact that it was other content.

    ``receipts`` are those of this batch: the winner may be among them, its message not written yet.
    """
    if not losers:
        return {}
    results: dict[UUID, AcceptanceResult] = {}
    firsts = await connection.fetch(
        query("first_acceptances"), [a.system for a in losers], [a.sender_id for a in losers]
    )
    stored = await connection.fetch(query("receipts"), [f["message_id"] for f in firsts])
    receipts |= {r["id"]: r["receipt"] for r in stored}
    for first in firsts:
        loser, message = losers[first["n"] - 1], first["message_id"]
        if first["digest"] != loser.digest:
            results[loser.message_id] = IdTaken(message)
        else:
            results[loser.message_id] = Duplicate(receipts[message]) if message in receipts else Archived()
    return results


async def _write(
    connection: asyncpg.Connection, batch: Sequence[Acceptance], frame: UUID, board: OfferBoard
) -> list[_Place]:
    parties = [(a.case, system) for a in batch for system in a.parties]
    await connection.execute(query("join_cases"), *columns(parties, width=2))
    named = [(digest, a.case) for a in batch for digest in a.materials]
    if named:
        await connection.execute(query("name_materials"), *columns(named, width=2))
    places = await _take_positions(connection, batch, board)
    leaves = [(a.leaf.id, a.leaf.kind, a.leaf.statement, a.leaf.hash) for a in batch]
    await connection.execute(
        query("write_accepted"),
        *columns([_message_row(a) for a in batch], width=17),
        *columns(leaves, width=4),
        *columns([_open_row(p) for p in places], width=10),
        frame,
    )
    return places


async def _take_positions(
    connection: asyncpg.Connection, batch: Sequence[Acceptance], board: OfferBoard
) -> list[_Place]:
    """Dense positions, in the order of the batch. A delivery at the head of its lane is offered at once if there is room."""
    wanted = Counter((d.destination, a.case) for a in batch for d in a.deliveries)
    rows = await connection.fetch(
        query("take_positions"), *columns([(*lane, n) for lane, n in wanted.items()], width=3)
    )
    heads: dict[_Lane, int] = {}
    following: dict[_Lane, int] = {}
    for row in rows:
        lane = (row["destination"], row["case_no"])
        heads[lane] = row["head"]
        following[lane] = row["last_position"] - wanted[lane] + 1
    places = []
    for n, a in enumerate(batch, start=1):
        for d in a.deliveries:
            lane = (d.destination, a.case)
            position = following[lane]
            following[lane] += 1
            held = d.ordered and position != heads[lane]
            room = board.open_for(d.queue, d.destination) and board.takes(d.destination)
            places.append(_Place(n, d, position, held, not held and room))
    return places


def _message_row(a: Acceptance) -> tuple[object, ...]:
    codec, (raw, canonical) = pack(a.raw, a.canonical)
    return (
        a.message_id, a.system, a.sender_id, a.contract, a.version, a.case, a.event_time, a.accepted_at, a.expires_at,
        a.content_type, codec, raw, canonical, a.attributes, a.digest, a.table_version, a.receipt,
    )  # fmt: skip


def _open_row(p: _Place) -> tuple[object, ...]:
    d, queue = p.delivery, p.delivery.queue
    return (
        d.id, p.message, d.destination, p.position, d.ordered, queue.group, queue.partition, d.priority, p.held, p.offered,
    )  # fmt: skip
