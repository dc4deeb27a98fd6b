# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which regions and systems messages, cases, replays and numbers are about, for whoever is there for some only. 管辖范围"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a case is about: every region that one of its messages says, and every system that is a party of it."""

    regions: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inside:
    """How many dead letters of a group are of certain regions, and when the first and the last of them failed."""

    count: int
    oldest: datetime
    newest: datetime


class Jurisdictions(Protocol):
    """Read only; all calls may run at once. What a message says of its region was recorded when it was accepted; what is not in
    the journal any more is of no region.
    """

    async def of_messages(self, messages: Sequence[UUID]) -> Mapping[UUID, str | None] | JournalDown:
        """The region of each message that is there; None: it says none."""
        ...

    async def of_cases(self, cases: Collection[str]) -> Mapping[str, Bounds] | JournalDown:
        """What each case is about; its first thousand messages are looked at."""
        ...

    async def of_replay(self, replay: UUID) -> Sequence[tuple[str, str | None]] | JournalDown:
        """Destination and region of everything that a replay takes, each pair once; empty: there is no such replay."""
        ...

    async def of_number(self, system: str, number: str) -> Sequence[str] | JournalDown:
        """Every case that a system's number was ever said to be of."""
        ...

    async def dead_inside(self, groups: Sequence[int], regions: Sequence[str]) -> Mapping[int, Inside] | JournalDown:
        """Of these groups of dead letters those that have some of these regions (with all below), and how many."""
        ...
