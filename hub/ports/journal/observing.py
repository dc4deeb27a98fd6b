# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the journal shows of how things stand: backlog, blocked lanes, partitions that nobody works on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.ports.bus import QueueName
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The open deliveries of one destination in one state.

    ``oldest`` is when the oldest of them was accepted; ``oldest_head`` the same for those whose turn has come, as far as
    they are known to be at the head of their lane: on the bus, being sent, or tried before. ``blocking`` is how many
    hold up whatever is behind them in their lane. ``overdue`` were accepted, and their final answer should be in; where it can be
    asked for, it was, in vain. ``overdue_since`` is when the first of these should have come.
    """

    destination: str
    state: str
    count: int
    oldest: datetime
    oldest_head: datetime | None
    blocking: int
    overdue: int = 0
    overdue_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unowned:
    """Partitions under nobody's lease, and since when as far as the leases tell (None: given up, or never taken)."""

    partitions: int
    since: datetime | None


class Observations(Protocol):
    """Looks at the journal as a whole. Each is bounded in time and may be asked every few seconds, never per request."""

    async def standings(self) -> Sequence[Standing] | JournalDown:
        """Everything open, by destination and state: one pass over the open deliveries, five seconds at most."""
        ...

    async def unowned(self, queues: Sequence[QueueName]) -> Unowned | JournalDown:
        """How many of these partitions nobody owns now."""
        ...

    async def moment(self) -> datetime | JournalDown:
        """What time it is by the database's clock."""
        ...

    async def try_write(self) -> JournalDown | None:
        """Write something that needs new room on the disk, and undo it. For when a commit has failed, to see it is over."""
        ...
