# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1, in groups.

Order of the locks, the same in every hub: ids (sorted), cases (sorted), lanes (sorted). COMMIT 2 takes lanes last too.
"""

from collections.abc import Sequence, Set
from uuid import UUID

import asyncpg

from hub.journal.bodies import Body, RecentBodies, pack
from hub.journal.group_commit import GroupCommit
from hub.journal.offers import OfferBoard
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
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
            results = await _foreign(connection, batch)
            own = [a for a in batch if a.message_id not in results]
            self._probe.reach(Point.BEFORE_ACCEPT_COMMIT)
            # One statement and so one transaction.
            rows = await connection.fetch(query("accept"), *_columns(own, frame, self._board)) if own else []
            self._probe.reach(Point.AFTER_ACCEPT_COMMIT)
            taken = {row["message_id"] for row in rows}
            self._publish(frame, own, {row["offered"] for row in rows})
            for a in own:
                if a.message_id in taken:
                    results[a.message_id] = Committed(a.receipt)
                    self._recent.remember(a.message_id, Body(a.contract, a.version, a.attributes, a.canonical))
            lost = [a for a in own if a.message_id not in taken]
            results |= await _first_receipts(connection, lost, {a.message_id: a.receipt for a in own})
        return [results[a.message_id] for a in batch]

    def _publish(self, frame: UUID, batch: Sequence[Acceptance], offered: Set[UUID]) -> None:
        self._board.post(
            frame, [(d.id, d.destination, d.queue) for a in batch for d in a.deliveries if d.id in offered]
        )

    async def _write_refusals(self, batch: Sequence[RefusalRecord]) -> Sequence[None]:
        await self._pool.promptly(
            query("write_refusals"),
            *columns(
                [(r.id, r.system, r.sender_id, r.contract, r.code, r.problem, r.digest, r.refused_at) for r in batch],
                width=8,
            ),
        )
        return [None] * len(batch)


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


async def _first_receipts(
    connection: asyncpg.Connection, losers: Sequence[Acceptance], receipts: dict[UUID, bytes]
) -> dict[UUID, AcceptanceResult]:
    """What stands already under an id: its receipt, or the fact that it was other content.

    ``receipts`` are those of this batch: the winner may be among them, its message not written yet.
    """
    if not losers:
        return {}
    results: dict[UUID, AcceptanceResult] = {}
    try:
        firsts = await connection.fetch(
            query("first_acceptances"), [a.system for a in losers], [a.sender_id for a in losers]
        )
        stored = await connection.fetch(query("receipts"), [f["message_id"] for f in firsts])
    except DATABASE_ERRORS as error:  # the winners are committed: they must not be told the same
        return {a.message_id: down(error) for a in losers}
    receipts |= {r["id"]: r["receipt"] for r in stored}
    for first in firsts:
        loser, message = losers[first["n"] - 1], first["message_id"]
        if first["digest"] != loser.digest:
            results[loser.message_id] = IdTaken(message)
        else:
            results[loser.message_id] = Duplicate(receipts[message]) if message in receipts else Archived()
    return results


def _columns(batch: Sequence[Acceptance], frame: UUID, board: OfferBoard) -> list[object]:
    """What the statement asks for. A delivery may be offered at once if there is room for it on the bus."""
    numbered = list(enumerate(batch, start=1))
    leaves = [(a.leaf.id, a.leaf.kind, a.leaf.statement, a.leaf.hash) for a in batch]
    deliveries = [_delivery_row(n, d, board) for n, a in numbered for d in a.deliveries]
    return [
        *columns([_message_row(a) for a in batch], width=17),
        *columns(leaves, width=4),
        *columns(deliveries, width=8),
        frame,
        *columns([(n, system) for n, a in numbered for system in a.parties], width=2),
        *columns([(n, digest) for n, a in numbered for digest in a.materials], width=2),
    ]


def _message_row(a: Acceptance) -> tuple[object, ...]:
    codec, (raw, canonical) = pack(a.raw, a.canonical)
    return (
        a.message_id, a.system, a.sender_id, a.contract, a.version, a.case, a.event_time, a.accepted_at, a.expires_at,
        a.content_type, codec, raw, canonical, a.attributes, a.digest, a.table_version, a.receipt,
    )  # fmt: skip


def _delivery_row(message: int, d: PlannedDelivery, board: OfferBoard) -> tuple[object, ...]:
    room = board.open_for(d.queue, d.destination) and board.takes(d.destination)
    return (d.id, message, d.destination, d.ordered, d.queue.group, d.queue.partition, d.priority, room)
