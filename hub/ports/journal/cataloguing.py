# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue: every version of the items that come down, what each run changed, and a number for each change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


class Verdict(StrEnum):
    """What a version that came is to the catalogue."""

    ADDED = "added"
    CHANGED = "changed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    LATE = "late"
    REPEATED = "repeated"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of one item as it came. ``data`` is its canonical JSON, ``digest`` the SHA-256 of that."""

    contract: str
    code: str
    version: int
    effective_on: date
    expires_on: date | None
    status: str
    digest: bytes
    data: bytes
    message: UUID

    @property
    def order(self) -> tuple[int, date]:
        """The province's own order of the versions of an item."""
        return self.version, self.effective_on


@dataclass(frozen=True, slots=True)
class Entry:
    """One version in the catalogue. ``change`` is its number; 0: it came after a newer one."""

    edition: Edition
    change: int
    newest: bool
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What a version is, beside the newest known; ``fields`` are the members that differ."""

    verdict: Verdict
    fields: tuple[str, ...] = ()
    coming: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A version, when it was accepted, and in which run of which day."""

    edition: Edition
    accepted_at: datetime
    run: "RunKey"


@dataclass(frozen=True, slots=True)
class RunKey:
    """The full or the delta run of one day (Beijing time)."""

    full: bool
    day: date

    @property
    def id(self) -> str:
        return f"{'full' if self.full else 'delta'}-{self.day}"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of an arrival. ``tell``: its change has not been told yet."""

    judged: Judged
    change: int
    tell: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report of a run. A vanished item has the version that is newest here."""

    n: int
    verdict: Verdict
    contract: str
    code: str
    version: int
    effective_on: date
    coming: bool
    fields: tuple[str, ...]
    change: int
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. ``counts`` by verdict, and of what is not yet in force under ``coming``. A delta run is never closed."""

    id: str
    full: bool
    day: date
    began_at: datetime
    closed_at: datetime | None
    heard: int
    repeated: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the catalogue stands. ``heard_at`` is when the last item was accepted, ``full_at`` when a full run last ended."""

    change: int
    since: datetime
    heard_at: datetime | None
    full_at: datetime | None


class ItemCatalogue(Protocol):
    """Writes are safe to repeat, and safe on several hubs at once: whoever takes items in holds the ledger's row.

    Numbers of changes have no gaps and appear in their order, so that whoever asks for what came after one misses nothing.
    Nothing is raised; ``JournalDown``: nothing was written, or that is not known.
    """

    async def take_in(
        self, arrivals: Sequence[Arrival], judge: Callable[[Edition | None, Arrival], Judged], at: datetime
    ) -> Sequence[TakenIn] | JournalDown:
        """Judge each beside the newest version of its item, write what follows, all in one transaction. The same message
        again gets the same answer.
        """
        ...

    async def told(self, message: UUID) -> JournalDown | None:
        """The change that this message made was handed to the path."""
        ...

    async def changes(self, since: int, limit: int) -> Sequence[Entry] | JournalDown:
        """Changes with a higher number, in their order."""
        ...

    async def in_force(
        self, day: date, after: tuple[str, str, int, date] | None, limit: int
    ) -> Sequence[Entry] | JournalDown:
        """Of each item the version in force on that day and what is coming, in the order of contract, code and version."""
        ...

    async def versions(self, code: str) -> Sequence[Entry] | JournalDown:
        """Every version of the items with this code, in their order."""
        ...

    async def ledger(self, now: datetime) -> Ledger | JournalDown:
        """Where it stands; asked for the first time, it begins now."""
        ...

    async def close(self, run: RunKey, began: datetime, ended: datetime) -> int | JournalDown | None:
        """End a full run, and name what vanished: what was not said since it began. None: there is no such run open."""
        ...

    async def runs(self, limit: int) -> Sequence[Run] | JournalDown:
        """The newest first."""
        ...

    async def findings(self, run: str, after: int, limit: int) -> Sequence[Finding] | JournalDown:
        """The report of a run, in the order in which it came."""
        ...

    async def forget(self, before: date) -> JournalDown | None:
        """Drop the reports of older days; versions stay."""
        ...
