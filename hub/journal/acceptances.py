# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1, in groups.

Order of the locks, the same in every hub: dockets of cases (sorted) where lives are followed, then ids (sorted), cases (sorted),
lanes (sorted), and where senders tell numbers of their own those (sorted). COMMIT 2 takes lanes and numbers last too. Without a
policy nothing is followed, and a batch that tells no numbers is one statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from hub.journal.aliases import write_claims
from hub.journal.bodies import Body, RecentBodies
from hub.journal.following import follow, freed, save
from hub.journal.group_commit import GroupCommit
from hub.journal.offers import OfferBoard
from hub.journal.placing import Placed, place
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.seals import Seals
from hub.journal.signing import Signing
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.ids import Ids
from hub.ports.journal import (
    Acceptance,
    AcceptanceResult,
    AliasClaim,
    Archived,
    Committed,
    Duplicate,
    ForeignCase,
    IdTaken,
    JournalDown,
    RefusalRecord,
    Unlawful,
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
        clock: Clock,
        ids: Ids,
        probe: Probe,
        figures: CommitFigures,
        signed: Signing,
        seals: Seals,
    ) -> None:
        self._seals = seals
        self._signed = signed
        self._clock = clock
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
        await self._seals.ready((a.system, a.message_id) for a in batch)
        async with self._pool.prompt() as connection:
            results = await _foreign(connection, batch)
            own = [a for a in batch if a.message_id not in results]
            if any(a.waits for a in own):
                written, unlawful = await self._commit_followed(connection, own, frame)
                results |= unlawful
            else:
                written = await self._commit_plain(connection, own, frame)
            results |= written.results
            for a in written.taken:
                if a.nameless is not None:
                    continue  # it will be another case's
                self._recent.remember(a.message_id, Body(a.contract, a.version, a.attributes, a.canonical))
            results |= await _first_receipts(
                connection, [a for a in own if a.message_id not in results], written.receipts
            )
        return [results[a.message_id] for a in batch]

    async def _commit_plain(self, connection: asyncpg.Connection, own: Sequence[Acceptance], frame: UUID) -> "_Written":
        own = self._signed.over(own)
        if any(a.numbers for a in own):
            async with connection.transaction():
                placed = await place(connection, self._seals, own, frame, self._board)
                await self._learn(connection, [a for a in own if a.message_id in placed.taken])
                self._probe.reach(Point.BEFORE_ACCEPT_COMMIT)
        else:
            self._probe.reach(Point.BEFORE_ACCEPT_COMMIT)
            placed = await place(connection, self._seals, own, frame, self._board) if own else Placed(frozenset(), ())
        self._probe.reach(Point.AFTER_ACCEPT_COMMIT)
        self._board.post(frame, placed.offered)
        taken = [a for a in own if a.message_id in placed.taken]
        return _Written(
            taken, {a.message_id: Committed(a.receipt) for a in taken}, {a.message_id: a.receipt for a in own}
        )

    async def _commit_followed(
        self, connection: asyncpg.Connection, own: Sequence[Acceptance], frame: UUID
    ) -> tuple["_Written", Mapping[UUID, Unlawful]]:
        async with connection.transaction():
            followed = await follow(connection, self._seals, own, self._clock.now())
            followed.writing[:] = self._signed.over(followed.writing)
            let_out = await freed(connection, followed, self._ids)
            placed = await place(connection, self._seals, followed.writing, frame, self._board, let_out)
            taken = [a for a in followed.writing if a.message_id in placed.taken]
            judged = {a.message_id for a in followed.writing if a.waits}
            if judged & placed.taken != judged - followed.losers:
                raise asyncpg.SerializationError("an id was taken meanwhile")  # the batch is judged once more
            await save(connection, followed)
            await self._learn(connection, taken)
            self._probe.reach(Point.BEFORE_ACCEPT_COMMIT)
        self._probe.reach(Point.AFTER_ACCEPT_COMMIT)
        self._board.post(frame, placed.offered)
        results = {
            a.message_id: Committed(
                a.receipt, followed.rules.get(a.message_id, ""), parked=a.message_id in followed.parked
            )
            for a in taken
        }
        return _Written(taken, results, {a.message_id: a.receipt for a in followed.writing}), followed.unlawful

    async def _learn(self, connection: asyncpg.Connection, taken: Sequence[Acceptance]) -> None:
        """What their senders call the cases, where they tell it beside the case number."""
        claims = [AliasClaim(*number, a.case, "message") for a in taken for number in a.numbers]
        if claims:
            await write_claims(connection, claims, self._clock.now())

    async def _write_refusals(self, batch: Sequence[RefusalRecord]) -> Sequence[None]:
        await self._pool.promptly(
            query("write_refusals"),
            *columns(
                [
                    (
                        r.id,
                        r.system,
                        r.sender_id,
                        r.contract,
                        r.code,
                        r.problem,
                        r.digest,
                        r.refused_at,
                        r.routing or None,
                        r.statement or None,
                        r.leaf or None,
                        r.salt or None,
                    )
                    for r in batch
                ],
                width=12,
            ),
        )
        return [None] * len(batch)


@dataclass(frozen=True, slots=True)
class _Written:
    """What a batch came to: ``taken`` as they were written; ``receipts`` of all that were tried, by message."""

    taken: Sequence[Acceptance]
    results: Mapping[UUID, Committed]
    receipts: dict[UUID, bytes]


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
