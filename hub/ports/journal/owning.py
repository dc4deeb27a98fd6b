# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which hub works on which partition."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from hub.ports.bus import QueueName
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Ownership:
    """The partitions this process owns, with their epochs, as of the last beat."""

    epochs: Mapping[QueueName, int]
    surplus: frozenset[QueueName]
    """Owned, but more than a fair share: stop taking, drain, then release."""


@dataclass(frozen=True, slots=True)
class NameTaken:
    """A living hub already has this name."""


@dataclass(frozen=True, slots=True)
class Unspoken:
    """Contract versions are in use that this hub does not know: it must not work on this journal."""

    schemas: tuple[str, ...]


class Ownerships(Protocol):
    """Which hub works on which partition: leased rows with epochs."""

    async def join(
        self, name: str, incarnation: UUID, speaks: Set[str] = frozenset()
    ) -> NameTaken | Unspoken | JournalDown | None:
        """Enter the hub under its name; a dead predecessor of the same name is fenced off at once.

        ``speaks`` are the ``dataschema`` URIs of every contract version this hub knows.
        """
        ...

    async def agree(self, name: str, value: str) -> str | JournalDown:
        """A fact all hubs on this journal must share: the value of whoever said it first."""
        ...

    async def beat(
        self, queues: Sequence[QueueName], ttl: float, *, deaf: bool = False
    ) -> Ownership | Unspoken | JournalDown:
        """Renew what is owned, take a fair share of what is free or expired. Call at least three times per ``ttl`` seconds.

        ``deaf``: this hub has been cut off from the bus for a while. It has no share then, as long as another hub is not.

        A hub that slept while the others went on may find itself :class:`Unspoken`: then nothing is renewed or taken.
        """
        ...

    async def recover(
        self, queue: QueueName, repeatable: Set[str], askable: Set[str] = frozenset(), in_hand: Set[UUID] = frozenset()
    ) -> int | JournalDown:
        """After taking a partition: what a dead owner left on the bus is due again; what it was sending is due again,
        quarantined, where the destination is ``repeatable``, and in doubt elsewhere: to be asked about at once where it is
        ``askable``, for a person where it is neither. Answers how many were being sent. Each is one crash richer.

        ``in_hand`` are the deliveries this very process is sending: its lease ran out, its claims did not.
        """
        ...

    async def release(self, queues: Sequence[QueueName]) -> JournalDown | None:
        """Let these partitions go. Idempotent."""
        ...
