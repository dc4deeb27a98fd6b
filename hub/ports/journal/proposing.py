# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dangerous acts that wait for a second person (四眼): proposed by one, approved by another, carried out once, or expired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hub.ports.journal.auditing import AuditEntry
from hub.ports.journal.state import JournalDown


class ProposalState(StrEnum):
    """How it stands at a moment."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """``content`` is a digest of exactly what would be done: the kind, every delivery or the table, and how. ``size`` is how many
    it touches. ``act``: it was carried out. ``details`` are for whoever decides: what would be done, line by line, or the table;
    cut where that is long, and left out of pages.
    """

    id: UUID
    request: str
    kind: str
    subject: str
    content: bytes
    size: int
    proposer: str
    reason: str
    proposed_at: datetime
    expires_at: datetime
    approver: str | None = None
    approved_at: datetime | None = None
    refused: bool = False
    word: str = ""
    details: str = ""
    act: UUID | None = None

    def state(self, now: datetime) -> ProposalState:
        """How it stands."""
        if self.act is not None:
            return ProposalState.DONE
        if self.refused:
            return ProposalState.REFUSED
        if self.expires_at <= now:
            return ProposalState.EXPIRED
        return ProposalState.WAITING if self.approver is None else ProposalState.APPROVED


class Proposals(Protocol):
    """Kept in the journal, so they survive every restart. All calls may run at once; decisions are taken once."""

    async def propose(self, proposal: Proposal, entry: AuditEntry) -> Proposal | JournalDown:
        """Keep it, or give the one that was proposed under its request before."""
        ...

    async def of_request(self, request: str) -> Proposal | JournalDown | None:
        """The one that was proposed under this request."""
        ...

    async def proposal(self, proposal: UUID) -> Proposal | JournalDown | None:
        """One of them."""
        ...

    async def newest(
        self, before: UUID | None, limit: int, *, waiting_at: datetime | None
    ) -> Sequence[Proposal] | JournalDown:
        """A page, newest first; ``waiting_at``: only those that wait at that time."""
        ...

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        """Drop those that were proposed before then and are over, at most so many: how many went."""
        ...

    async def decide(
        self, proposal: UUID, content: bytes, approver: str, now: datetime, entry: AuditEntry, *, refuse: bool
    ) -> bool | JournalDown:
        """Approve or refuse it. False, and nothing changes: it is decided, expired, of other content, or the approver's own."""
        ...
