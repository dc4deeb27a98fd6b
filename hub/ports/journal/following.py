# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The lives of cases as the bus follows them (办件进程): what waits, letting it out, and cases that were under way before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.lifecycle.record import Record as CaseRecord
from hub.ports.journal.acting import Act, Acted, NoSuch, RequestTaken
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedView:
    """One message that waits. ``reason``: the number of its rule; ``pass_at``: until then at most."""

    message: UUID
    case: str
    system: str
    contract: str
    reason: str
    parked_at: datetime
    pass_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedStanding:
    """All that waits for one reason. ``alarming`` have waited for more than half of their time."""

    reason: str
    count: int
    oldest: datetime
    next: datetime
    alarming: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A case that was under way before: its parties may speak of it, and its records are what is known of it."""

    case: str
    parties: tuple[str, ...]
    records: tuple[CaseRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Sown:
    """``new`` cases were not known as under way before; ``known`` were, and have at most learned more records."""

    new: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCase:
    """A case of which a destination does not have everything: ``missing`` are the contracts of what it does not have.

    ``archived``: a part of the case is in the archive, so ``records`` may not be all.
    """

    case: str
    records: tuple[CaseRecord, ...]
    missing: frozenset[str]
    archived: bool = False


class Dockets(Protocol):
    """Safe with several hubs: a case's docket is locked by whoever changes it. ``hub`` is this one's name, for the evidence."""

    async def parked(
        self, after: UUID | None, limit: int, reason: str | None = None
    ) -> Sequence[ParkedView] | JournalDown:
        """What waits, in order of acceptance."""
        ...

    async def parked_of(self, case: str) -> Sequence[ParkedView] | JournalDown:
        """What waits of one case."""
        ...

    async def standing(self) -> Mapping[str, ParkedStanding] | JournalDown:
        """What waits, by reason."""
        ...

    async def taken_over(self, case: str) -> Seed | JournalDown | None:
        """What the case was when it was taken over, its parties left out; None: it was not under way before."""
        ...

    async def waiting_at(self, destination: str, after: str, limit: int) -> Sequence[WaitingCase] | JournalDown:
        """Cases of which a destination does not have everything, in the order of their numbers, after this one."""
        ...

    async def overdue(self, limit: int) -> Sequence[str] | JournalDown:
        """Cases of which something has waited for long enough."""
        ...

    async def pass_on(self, hub: str, cases: Sequence[str]) -> Sequence[tuple[UUID, str]] | JournalDown:
        """Let out what has waited for long enough, marked, and adopt these cases: what else waits there is let out too, but for
        what can never be and has time left. The messages that were let out, each with its rule. Again: nothing more.
        """
        ...

    async def adopt(self, hub: str, act: Act, case: str) -> Acted | NoSuch | RequestTaken | JournalDown:
        """An operator says that the case was under way before: nothing is waited for. ``applied`` counts what was let out."""
        ...

    async def sow(self, hub: str, seeds: Sequence[Seed]) -> Sown | JournalDown:
        """Take over cases that are under way: all of these or none. Harmless when done twice."""
        ...
