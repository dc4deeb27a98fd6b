# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Offers: deliveries that are due at the head of their lane, on their way to the bus."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.bus import Frame, QueueName
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Pressure:
    """One partition's window: how many deliveries are on the bus, of which destinations, and whether others may be due."""

    offered: int
    due: bool
    by_destination: Mapping[str, int] = field(default_factory=dict)


class Offers(Protocol):
    """Deliveries that are due at the head of their lane, on their way to the bus."""

    def offered(self) -> AsyncIterator[Sequence[Frame]]:
        """What commits of this process offered, as frames, in commit order. One consumer."""
        ...

    async def pressure(self, queues: Sequence[QueueName]) -> Mapping[QueueName, Pressure] | JournalDown:
        """How full the windows of these partitions are, and whether anything due may be waiting."""
        ...

    async def offer_due(
        self, queue: QueueName, room: int, share: int | None = None, rooms: Mapping[str, int] | None = None
    ) -> int | JournalDown:
        """Offer up to ``room`` due lane heads of an owned partition, by priority and age. They appear in :meth:`offered`.

        Of one destination at most ``share``, or what ``rooms`` says of it. Answers how many were offered.
        """
        ...

    async def free_missed(self, queue: QueueName) -> int | JournalDown:
        """Heads of lanes that still count as held, because somebody had them in hand when the lane moved on: they may be
        offered from now on. Looks at all that is held in the partition. Answers how many there were.
        """
        ...

    async def overdue(self, limit: int) -> Sequence[tuple[UUID, QueueName, str]] | JournalDown:
        """What has expired and waits, at the head of its lane, for a destination that is shut, in the partitions this hub owns:
        delivery, partition, destination. Anything else that has expired ends when its turn comes.
        """
        ...

    async def give_back(self, deliveries: Sequence[UUID], due_at: datetime, code: str = "") -> JournalDown | None:
        """These were offered and no worker took them: due again at that moment, no attempt burnt. Idempotent.

        ``code`` says why, for whoever looks at them; empty: what stood there stays.
        """
        ...

    async def astray(self, queue: QueueName, older_than: datetime) -> Sequence[tuple[UUID, UUID]] | JournalDown:
        """(delivery, frame) pairs offered before that moment and not claimed since."""
        ...

    async def unclaim(self, queue: QueueName, older_than: datetime, in_hand: Set[UUID]) -> int | JournalDown:
        """Claims of this process made before that moment whose answer never reached it: due again, no attempt burnt.

        ``in_hand`` are the deliveries it knows it is working on. Answers how many there were.
        """
        ...

    def shut(self, destinations: frozenset[str]) -> None:
        """From now on deliveries accepted for these destinations wait in the journal; ``Gates`` has the truth about them."""
        ...

    def congested(self, queues: frozenset[QueueName], crowds: frozenset[tuple[QueueName, str]] = frozenset()) -> None:
        """From now on deliveries accepted for these queues, or for these destinations in them, wait in the journal until
        the window has room.
        """
        ...
