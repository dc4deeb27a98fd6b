# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The shelf of the mailboxes: deliveries that a far side fetches by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.delivering import Claim
from hub.ports.journal.state import JournalDown


class Shelf(Protocol):
    """Deliveries that a far side fetches by itself. A lease is a :class:`Claim` whose ``holder`` is the lease's id."""

    async def lease(self, destination: str, limit: int, until: datetime, holder: UUID) -> Sequence[Claim] | JournalDown:
        """Lend up to ``limit`` accepted deliveries nobody holds, oldest first, until that moment."""
        ...

    async def leased(self, destination: str, holder: UUID) -> Sequence[Claim] | JournalDown:
        """What that lease still holds (also past its time, as long as nobody else has been lent it)."""
        ...

    async def filled(self, destinations: Sequence[str]) -> Sequence[str] | JournalDown:
        """Which of these have something on their shelf that nobody holds. Reads only."""
        ...
