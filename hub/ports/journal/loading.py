# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded messages given to a destination that their plan did not have: the initial load. 初始装载"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from hub.ports.journal.accepting import Leaf, PlannedDelivery
from hub.ports.journal.acting import Act, Acted, RequestTaken
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Addition:
    """One message, the delivery that it is given, the system that becomes a party to its case, and the evidence of it."""

    message: UUID
    delivery: PlannedDelivery
    party: str
    leaf: Leaf


class Loads(Protocol):
    """Beside running hubs or without any. What is added waits in the journal, where its owner's window finds it."""

    async def unsent(self, messages: Sequence[UUID], destinations: Sequence[str]) -> Sequence[UUID] | JournalDown:
        """Those of these messages that have, and had, no delivery to any of these destinations."""
        ...

    async def waits(self, delivery: UUID, destinations: Sequence[str]) -> bool | JournalDown:
        """Whether something of an open delivery's case is unfinished at one of these destinations and holds its lane."""
        ...

    async def add(
        self, act: Act, additions: Sequence[Addition], destinations: Sequence[str]
    ) -> Acted | RequestTaken | JournalDown:
        """Put these at the ends of their lanes, in their order, in one transaction with the act. What has a delivery to one of
        ``destinations`` by then is left out. ``applied`` is how many were added.
        """
        ...
