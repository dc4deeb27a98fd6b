# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What far sides have and have not answered, and its end by an operator's word. 待答复"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.accepting import Leaf
from hub.ports.journal.acting import Act, Acted, RequestTaken
from hub.ports.journal.state import JournalDown, State

RESOLVED, RESOLVED_REJECTED = "RESOLVED", "RESOLVED_REJECTED"
"""The codes of what became of a delivery by an operator's word: it is delivered, or the far side refused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """One delivery that was accepted ``since`` then, under ``reference``, and whose final answer has not come.

    ``due``: it should be in by then; ``ask_at``: the hub asks the far side then, as it did ``asked`` times. ``lent_until``: a
    department has it in hand until then. ``behind``: how many wait for it in its lane, up to 100.
    """

    delivery: UUID
    message: UUID
    system: str
    sender_id: str
    destination: str
    case: str
    contract: str
    version: int
    position: int
    attempt: int
    reference: str
    accepted_at: datetime
    since: datetime
    due: datetime | None
    ask_at: datetime | None
    asked: int
    lent_until: datetime | None
    behind: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What an operator says became of one: delivered, or dead; ``goes_on``: then its lane does. Only if it still stands as it was
    seen: accepted, by that attempt, and in nobody's hand.
    """

    entry: Unanswered
    state: State
    code: str
    detail: str
    reference: str
    goes_on: bool
    leaf: Leaf


class UnansweredDeliveries(Protocol):
    """Safe with several hubs, and with answers that come at the same moment: one of the two counts, the other is told late."""

    async def listed(
        self, after: tuple[str, UUID], limit: int, *, destination: str | None = None, due_before: datetime | None = None
    ) -> Sequence[Unanswered] | JournalDown:
        """A page in the order of (destination, delivery); ``due_before``: only those whose answer should be in by then."""
        ...

    async def chosen(self, deliveries: Sequence[UUID]) -> Sequence[Unanswered] | JournalDown:
        """Those of these that await their answer now."""
        ...

    async def references(self, destination: str, after: UUID, limit: int) -> Sequence[tuple[UUID, str]] | JournalDown:
        """Deliveries of a destination that await their answer, by id, each with its reference."""
        ...

    async def decide(self, act: Act, decisions: Sequence[Decided]) -> Acted | RequestTaken | JournalDown:
        """End them, with their evidence and what their references say from now on, and free their lanes, in one transaction with
        the act. How many stood as they were seen is what was applied.
        """
        ...

    async def ask(self, act: Act, deliveries: Sequence[UUID], at: datetime) -> Acted | RequestTaken | JournalDown:
        """Have the far sides asked at that moment. What is asked sooner is left as it is."""
        ...
