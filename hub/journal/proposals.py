# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What waits for a second person, in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import transacted
from hub.journal.audit import note_in
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import AuditEntry, JournalDown, Proposal

_END = UUID(int=2**128 - 1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class PostgresProposals:
    """The part :class:`hub.ports.journal.Proposals`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def propose(self, proposal: Proposal, entry: AuditEntry) -> Proposal | JournalDown:
        async def write(connection: asyncpg.Connection) -> Proposal:
            async with connection.transaction():
                new = await connection.fetchval(
                    query("propose"), proposal.id, proposal.request, proposal.kind, proposal.subject, proposal.content,
                    proposal.size, proposal.proposer, proposal.reason, proposal.proposed_at, proposal.expires_at,
                    proposal.details,
                )  # fmt: skip
                if new is not None:
                    await note_in(connection, entry)
                    return proposal
                return Proposal(**await connection.fetchrow(query("proposal_of_request"), proposal.request))

        return await transacted(self._pool, write)

    async def of_request(self, request: str) -> Proposal | JournalDown | None:
        return await self._one(query("proposal_of_request"), request)

    async def proposal(self, proposal: UUID) -> Proposal | JournalDown | None:
        return await self._one(query("proposal"), proposal)

    async def newest(
        self, before: UUID | None, limit: int, *, waiting_at: datetime | None
    ) -> Sequence[Proposal] | JournalDown:
        try:
            rows = await self._pool.fetch(
                query("proposals"), before or _END, limit, waiting_at is not None, waiting_at or _NEVER
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(Proposal(**row) for row in map(dict, rows))

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        try:
            done = await self._pool.execute(query("forget_proposals"), before, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return int(done.rpartition(" ")[2])

    async def decide(
        self, proposal: UUID, content: bytes, approver: str, now: datetime, entry: AuditEntry, *, refuse: bool
    ) -> bool | JournalDown:
        async def write(connection: asyncpg.Connection) -> bool:
            async with connection.transaction():
                decided = await connection.fetchval(
                    query("decide_proposal"), proposal, approver, now, refuse, entry.reason, content
                )
                if decided is not None:
                    await note_in(connection, entry)
            return decided is not None

        return await transacted(self._pool, write)

    async def _one(self, statement: str, argument: object) -> Proposal | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                row = await connection.fetchrow(statement, argument)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else Proposal(**row)
