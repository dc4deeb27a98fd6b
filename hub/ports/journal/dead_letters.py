# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters, and deliveries in doubt: what they have in common, each one, and their ends by an operator's word. 死信"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.accepting import Leaf
from hub.ports.journal.acting import Act, Acted, NoSuch, RequestTaken
from hub.ports.journal.looking_up import Recorded
from hub.ports.journal.state import JournalDown, State

COUNTED = 10_000
"""A group is counted up to here; beyond, it is told that there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadGroup:
    """Deliveries set aside at one destination with one outcome code and contract. ``state`` is dead or in doubt.

    ``count`` stops at :data:`COUNTED`, then ``more`` is set. ``oldest`` and ``newest`` are when those there failed.
    """

    id: int
    destination: str
    code: str
    contract: str
    state: State
    count: int
    more: bool
    oldest: datetime | None
    newest: datetime | None
    note: str
    noted_by: str
    noted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedGroups:
    """Which groups are looked for; None: whatever it is."""

    destination: str | None = None
    code: str | None = None
    contract: str | None = None
    state: State | None = None


ALL_GROUPS = WantedGroups()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEntry:
    """One delivery that is set aside. ``behind``: how many wait for it in its lane, up to 100; ``replay``: has it in hand.

    ``ask_at``: in doubt, and the hub itself asks the far side about it then.
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
    state: State
    code: str
    detail: str
    attempt: int
    failed_at: datetime
    accepted_at: datetime
    expires_at: datetime | None
    late: bool
    ask_at: datetime | None
    behind: int
    replay: UUID | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of one delivery by an operator's word: only if it still stands as it was seen (state and attempt)."""

    entry: DeadEntry
    state: State
    code: str
    detail: str
    reference: str
    leaf: Leaf


class DeadLetters(Protocol):
    """Pages and lists are bounded by ``limit``; nothing here reads the history."""

    async def groups(
        self, after: int, limit: int, wanted: WantedGroups = ALL_GROUPS
    ) -> Sequence[DeadGroup] | JournalDown:
        """Groups that have deliveries and are wanted, by id; ``after`` the last id of the page before, 0 to begin."""
        ...

    async def group(self, group: int) -> DeadGroup | NoSuch | JournalDown:
        """One group, also when nothing is left in it."""
        ...

    async def entries(
        self, group: int, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[DeadEntry] | JournalDown:
        """The deliveries of a group, those that failed first ahead; ``after``: (failed_at, delivery) of the last one had."""
        ...

    async def chosen(self, deliveries: Sequence[UUID]) -> Sequence[DeadEntry] | JournalDown:
        """Those of these that are set aside now."""
        ...

    async def recorded(self, messages: Sequence[UUID]) -> Sequence[Recorded] | JournalDown:
        """Those of these messages that there are, with their data: to plan them anew."""
        ...

    async def note(self, act: Act, group: int, text: str) -> Acted | NoSuch | RequestTaken | JournalDown:
        """Leave a note on a group; the last one stands."""
        ...

    async def end(self, act: Act, endings: Sequence[Ending]) -> Acted | RequestTaken | JournalDown:
        """Settle these deliveries for good and free their lanes, in one transaction with the act."""
        ...

    async def forget(self, before: datetime) -> JournalDown | None:
        """Drop groups made before then that have neither deliveries nor a note."""
        ...
