# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which contract versions are in use on this journal: never one that a hub at work cannot read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Unready:
    """Living hubs, by name, that do not know the version yet."""

    hubs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InUse:
    """Why a version cannot be retired: hubs that are at work, and deliveries of it that are not finished."""

    hubs: int
    deliveries: int


class Activations(Protocol):
    """A version is activated by its first message, and from then on every hub that joins must know it.

    So a new govhub or contract package is rolled out hub by hub, in any order, and rolled back just so until a message of
    the new version was accepted.
    """

    async def activate(self, schema: str, ttl: float) -> Unready | JournalDown | None:
        """Make this ``dataschema`` active, if every hub seen within the last ``ttl`` seconds knows it. Idempotent.

        None: it is active, and stays so as long as any hub runs.
        """
        ...

    async def active(self) -> Sequence[str] | JournalDown:
        """The active versions, in order."""
        ...

    async def retire(self, schema: str, contract: str, version: int, ttl: float) -> InUse | JournalDown | None:
        """Let hubs join again that do not know this version. Only while no hub runs and nothing of it is open."""
        ...
