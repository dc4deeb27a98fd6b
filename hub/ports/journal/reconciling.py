# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliations (对账): what was counted of a day, what the far side says of it, and what comparing the two came to.

Everything stands in rows, so whatever hub looks next goes on with it. A count is made in pages, each of its own statement: no
transaction is held open over it, and a count that is begun anew by somebody else begins with nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from contracts.codes import RecordDifference
from contracts.reconciling.declared import Declared
from contracts.reconciling.tree import Sum, Tree
from hub.ports.journal.acting import NoSuch
from hub.ports.journal.state import JournalDown

T = TypeVar("T")


class Verdict(StrEnum):
    """What a comparison came to; none yet where the far side has not been heard."""

    NONE = ""
    AGREED = "agreed"
    DIFFERS = "differs"
    LIST_WANTED = "list_wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One count of one day. ``counted_at`` None: it is still being made. ``signature`` is that of ``statement``."""

    id: UUID
    agreement: str
    day: date
    rule: str
    asked_by: str
    asked_at: datetime
    counted_at: datetime | None = None
    root: Sum | None = None
    late: Sum | None = None
    superseded: int = 0
    unfinished: Mapping[str, int] = field(default_factory=dict)
    far_counted_at: datetime | None = None
    far_source: str = ""
    verdict: Verdict = Verdict.NONE
    wanted: tuple[str, ...] = ()
    compared_at: datetime | None = None
    heard: UUID | None = None
    differences: Mapping[RecordDifference, int] = field(default_factory=dict)
    statement: bytes | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which messages belong to a day: accepted from ``first`` on and before ``end`` (bounds, no ids), delivered by ``until``.

    ``destination``: what was delivered there; empty: what ``system`` sent.
    """

    first: UUID
    end: UUID
    contract: str
    until: datetime
    destination: str = ""
    system: str = ""


class Exchanged(NamedTuple):
    """One message of a day. ``at`` is when it was delivered, or accepted from its sender."""

    message: UUID
    case: str
    version: int
    canonical: bytes
    at: datetime


class CountedLine(NamedTuple):
    """One record as it counts. ``place`` is the number of its bucket."""

    place: int
    message: UUID
    key: bytes
    rest: bytes


class Bucketful(NamedTuple):
    """The lines of a bucket as one text."""

    place: int
    records: int
    lines: bytes


class Line(NamedTuple):
    """One of our lines, with the message it is of."""

    place: int
    message: UUID
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One difference. ``n`` counts from 1; ``message`` is ours; ``standing`` what of its case is unfinished there."""

    n: int
    kind: RecordDifference
    case: str
    record: str
    here: tuple[int, str] | None
    there: tuple[int, str] | None
    message: UUID | None = None
    standing: str = ""


class Said(NamedTuple):
    """A message about a manifest, as it was accepted."""

    message: UUID
    canonical: bytes


class Sent(NamedTuple):
    """What a system sent of one contract in one version. ``timely`` of ``timed`` came within the time that was asked about."""

    system: str
    contract: str
    version: int
    messages: int
    timed: int
    timely: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the far side has said so far; ``counted_at`` None: nothing."""

    declared: Declared | None
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Takes:
    """What it has said from now on, and how that came. ``anew``: in place of all that it said before."""

    declared: Declared
    counted_at: datetime
    source: str
    anew: bool


class Reconciliations(Protocol):
    """Safe to be called by several hubs at once. Nothing is raised for what a database can do."""

    async def ask(self, wanted: Reconciliation) -> JournalDown | None:
        """Have a day counted. Idempotent by its id."""
        ...

    async def take(self, reconciliation: UUID | None) -> Reconciliation | JournalDown | None:
        """One to count: this one, or any that nobody counts. What was counted of it before is forgotten."""
        ...

    async def records(self, span: Span, after: UUID, limit: int) -> Sequence[Exchanged] | JournalDown:
        """A page in the order of acceptance, behind this message."""
        ...

    async def archived(self, moment: datetime) -> bool | JournalDown:
        """Whether messages of that time have left the journal."""
        ...

    async def unfinished(self, span: Span) -> Mapping[str, int] | JournalDown:
        """How many deliveries of the span are not finished, by state."""
        ...

    async def write(self, reconciliation: UUID, lines: Sequence[CountedLine]) -> bool | JournalDown:
        """Add lines. False: it is no longer this hub's to count."""
        ...

    async def supersede(self, reconciliation: UUID, keys: Sequence[tuple[int, bytes]]) -> JournalDown | None:
        """A later version of these records, by bucket and key, came after the day: those of the day count no more."""
        ...

    async def bucketfuls(
        self, reconciliation: UUID, first: int, end: int, *, latest: bool
    ) -> Sequence[Bucketful] | JournalDown:
        """Buckets from ``first`` and before ``end``, timely and late. ``latest``: of one record the latest version alone."""
        ...

    async def counted(
        self,
        reconciliation: UUID,
        at: datetime,
        sums: Mapping[int, Sum],
        root: Sum,
        late: Sum,
        unfinished: Mapping[str, int],
    ) -> bool | JournalDown:
        """The count is whole. False: somebody else has finished it."""
        ...

    async def view(self, reconciliation: UUID) -> Reconciliation | NoSuch | JournalDown: ...

    async def latest(self, agreement: str, day: date) -> Reconciliation | NoSuch | JournalDown: ...

    async def list(
        self, before: UUID | None, agreement: str | None, limit: int
    ) -> Sequence[Reconciliation] | JournalDown:
        """The newest first."""
        ...

    async def between(self, since: date, until: date) -> Sequence[Reconciliation] | JournalDown:
        """The latest of each agreement and day, from ``since`` and before ``until``."""
        ...

    async def open(self, since: datetime) -> Sequence[Reconciliation] | JournalDown:
        """Those counted that were asked for since then, the latest of each day."""
        ...

    async def tree(self, reconciliation: UUID) -> Tree | JournalDown: ...

    async def lines(self, reconciliation: UUID, places: Sequence[int], *, latest: bool) -> Sequence[Line] | JournalDown:
        """Our lines of these buckets."""
        ...

    async def far(self, reconciliation: UUID) -> Hearing | NoSuch | JournalDown: ...

    async def hear(
        self, reconciliation: UUID, decide: Callable[[Hearing], Takes | T]
    ) -> Takes | T | NoSuch | JournalDown:
        """Take in what the far side says. ``decide`` is pure: it is called within the transaction, again if it is repeated."""
        ...

    async def said(
        self, manifest: str, system: str, contract: str, after: UUID, limit: int
    ) -> Sequence[Said] | JournalDown:
        """What a system sent about a manifest, behind this message."""
        ...

    async def read(self, reconciliation: UUID, message: UUID) -> JournalDown | None:
        """That message was read; it is not read again."""
        ...

    async def compared(
        self, reconciliation: UUID, verdict: Verdict, wanted: Sequence[str], found: Sequence[Found], at: datetime
    ) -> JournalDown | None:
        """What a comparison came to, in place of the one before."""
        ...

    async def differences(
        self, reconciliation: UUID, kind: RecordDifference | None, after: int, limit: int
    ) -> Sequence[Found] | JournalDown:
        """A page, behind that number."""
        ...

    async def standing(self, destination: str, cases: Sequence[str]) -> Mapping[str, str] | JournalDown:
        """Of these cases those with something unfinished at the destination, with the state that matters most."""
        ...

    async def state(
        self, reconciliation: UUID, statement: bytes, signature: bytes
    ) -> Reconciliation | NoSuch | JournalDown:
        """Keep the statement, unless there is one already; the reconciliation with the one that is kept."""
        ...

    async def forget(self, agreement: str, before: datetime) -> int | JournalDown:
        """Drop what was counted of this agreement before then; how many counts. What they came to stays."""
        ...

    async def sent(self, systems: Sequence[str], first: UUID, end: UUID, within: float) -> Sequence[Sent] | JournalDown:
        """What these systems sent, and how much of it within so many seconds of the moment it speaks of."""
        ...
