# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages by whatever name somebody has for them. 查找"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Found:
    """A case, by a name that ``system`` has for it or for one of its messages; no ``message`` where the name is the case's."""

    system: str
    case: str
    message: UUID | None = None


class Searches(Protocol):
    """Each is a look by key; all may be asked at once."""

    async def sent_as(self, name: str, systems: Sequence[str]) -> Sequence[Found] | JournalDown:
        """What one of these systems sent under this id."""
        ...

    async def called(self, number: str, systems: Sequence[str]) -> Sequence[Found] | JournalDown:
        """Cases for which one of these systems has this number of its own; several, if it is disputed."""
        ...

    async def delivery(self, delivery: UUID) -> Found | JournalDown | None:
        """The message that a delivery carries, as long as it is open."""
        ...
