# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables by version: which is active, which runs in its shadow, who activated what, and what the shadow does otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from hub.ports.journal.acting import Act, Acted, RequestTaken
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force: ``seq`` counts activations from 1, ``shadow`` is empty where nothing runs in the shadow."""

    seq: int
    version: str
    shadow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One activation: the table that was active from then on, who did it and why. ``via`` is ``start`` for a hub's own."""

    seq: int
    version: str
    actor: str
    via: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else activated a table since the one that was expected; nothing was done."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a shadow does otherwise than the active table, of one contract from one system; as
    :class:`routing.comparing.Change` has it.
    """

    kind: str
    destination: str
    old: str
    new: str
    system: str
    contract: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How often that was seen, since when and until when, and a few of the messages."""

    difference: Difference
    count: int
    first_at: datetime
    last_at: datetime
    samples: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a shadow was tried on: so many messages, so many of which it would have planned otherwise."""

    planned: int
    differing: int
    differences: tuple[Differences, ...] = ()


TableAnswer: TypeAlias = Acted | Overtaken | RequestTaken | JournalDown


class RouteTables(Protocol):
    """One table is active for all hubs of a journal. A version is kept for ever, so that whatever a message was planned by can
    be read.
    """

    async def in_force(self) -> InForce | JournalDown | None:
        """What is in force; None: nothing was ever activated."""
        ...

    async def content(self, version: str) -> str | JournalDown | None:
        """The text of a table that was once active or in the shadow."""
        ...

    async def begin(self, version: str, content: str, hub: str, at: datetime) -> InForce | JournalDown:
        """A hub starts with this table in its file: it becomes active if it never was. What is in force then."""
        ...

    async def activate(self, act: Act, version: str, content: str, expected: int) -> TableAnswer:
        """Make it active, if the activation ``expected`` is the last. A shadow of the same version ends."""
        ...

    async def cast(self, act: Act, version: str, content: str) -> Acted | RequestTaken | JournalDown:
        """Let a table run in the shadow from now on, in place of the one that did; an empty version: none."""
        ...

    async def history(self, limit: int) -> Sequence[Activation] | JournalDown:
        """The last activations, newest first."""
        ...

    async def observe(
        self, shadow: str, active: str, planned: int, seen: Sequence[tuple[Difference, UUID]], at: datetime
    ) -> JournalDown | None:
        """Add what a hub saw since it last told: messages that were planned by both, and what differed of which."""
        ...

    async def observed(self, shadow: str, active: str) -> Observed | JournalDown:
        """Everything seen of this shadow beside this active table, the most frequent first."""
        ...
