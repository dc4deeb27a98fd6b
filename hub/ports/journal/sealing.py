# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The keys of a sealed journal, and what lies in it from before it was sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from certs.envelope import KeyTrouble
from hub.ports.journal.state import JournalDown

START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SealedSome:
    """How many rows were sealed, and from where to go on; ``after`` None: that was all."""

    sealed: int
    after: UUID | None


@dataclass(frozen=True, slots=True)
class NotSealing:
    """This hub has no master key."""


class SealingKeys(Protocol):
    """Each step may be repeated; several commands at once do no harm."""

    async def wrapped(self) -> Mapping[str, int] | JournalDown:
        """How many data keys each master key wraps, by its name."""
        ...

    async def rewrap(self) -> int | KeyTrouble | NotSealing | JournalDown:
        """Wrap everything by the present master key; how many data keys that were."""
        ...

    async def seal_messages(self, after: UUID, limit: int) -> SealedSome | NotSealing | JournalDown:
        """Seal at most so many messages that lie plain, behind this one."""
        ...

    async def seal_joined(
        self, after: tuple[UUID, UUID], limit: int
    ) -> tuple[int, tuple[UUID, UUID] | None] | NotSealing | JournalDown:
        """The same of what joined processes, in the order of processes and deliveries."""
        ...
