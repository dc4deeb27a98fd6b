# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Refused records, and the corrected ones that wait behind them in their lanes. 更正重报"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.dead_letters import DeadEntry, Ending
from hub.ports.journal.looking_up import Recorded
from hub.ports.journal.state import JournalDown

Place = tuple[datetime, UUID]
"""When a delivery failed, and which: how far a walk has come."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused delivery at the head of its lane. ``behind``: what waits there under the same contract, in order, as
    (delivery, message).
    """

    entry: DeadEntry
    record: Recorded
    behind: tuple[tuple[UUID, Recorded], ...]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a stretch of the walk found; ``reached`` None: it was the last one."""

    refused: Sequence[Refused]
    reached: Place | None


class Corrections(Protocol):
    """Safe for concurrent use by several hubs: each step stands by itself."""

    async def refused(
        self, destinations: Collection[str], spared: Collection[str], after: Place | None, limit: int
    ) -> Walked | JournalDown:
        """Look at the next dead deliveries of these destinations whose code is none of ``spared``: those that keep others
        of their contract waiting.
        """
        ...

    async def take_place(self, ending: Ending, successor: UUID, at: datetime) -> bool | JournalDown:
        """End a dead delivery, and have one that waits behind it in its lane sent in its place: before all that waits there.

        False: one of the two no longer stands as it was seen; nothing is changed.
        """
        ...
