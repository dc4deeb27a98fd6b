# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one system may know of itself: what was refused to it, and what is not finished at its destinations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown, State


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView:
    """One refusal as its sender was given it. ``contract`` is the type the sender wrote; None: that could not be read."""

    id: UUID
    sender_id: str | None
    contract: str | None
    code: str
    problem: bytes
    refused_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """One delivery that is not finished. ``lent_until``: it is fetched and not acknowledged; ``attempts`` counts claims."""

    delivery: UUID
    message: UUID
    destination: str
    case: str
    position: int
    contract: str
    version: int
    state: State
    code: str
    attempts: int
    accepted_at: datetime
    due_at: datetime
    expires_at: datetime | None
    lent_until: datetime | None


@dataclass(frozen=True, slots=True)
class LanePlace:
    """A place in a lane, behind which a page goes on. In the order of these fields."""

    destination: str
    case: str
    position: int


class OwnRecords(Protocol):
    """Reading, page by page. Whoever asks must know that the system, and the destinations, are the asker's."""

    async def refusals(self, system: str, before: UUID | None, limit: int) -> Sequence[RefusedView] | JournalDown:
        """At most so many refusals, newest first; ``before``: the last id of the page before, None to begin."""
        ...

    async def waiting(
        self, destinations: Sequence[str], after: LanePlace | None, limit: int
    ) -> Sequence[WaitingView] | JournalDown:
        """At most so many open deliveries of these destinations, in the order of their places in their lanes."""
        ...
