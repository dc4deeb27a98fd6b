# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Archiving (归档): whole months out of the journal, and the index that finds a case in the files.

A *part* is one archiving of one month. It covers what was finished when it was begun; a case with unfinished work stays in
the journal whole, and is a later part of the same month. Everything a part covers is final, so its steps may be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from hub.ports.journal.state import JournalDown

Row: TypeAlias = Mapping[str, object]
"""One row of the journal, every column by name. A message's bodies are as they were, or, where it has a ``codec``, as they lie in
the journal; ``erased``: they are gone.
"""

TABLES = ("message", "delivery", "attempt", "settlement", "leaf")


@dataclass(frozen=True, slots=True)
class Record:
    """All that the journal has of one message. The rows are in the order of their keys."""

    message: Row
    deliveries: tuple[Row, ...] = ()
    attempts: tuple[Row, ...] = ()
    settlements: tuple[Row, ...] = ()
    leaves: tuple[Row, ...] = ()

    @property
    def id(self) -> UUID:
        """The message's."""
        found = self.message["id"]
        assert isinstance(found, UUID)
        return found

    @property
    def case(self) -> str:
        return str(self.message["case_no"])

    def rows(self) -> dict[str, int]:
        """How many of each table."""
        counts = (1, len(self.deliveries), len(self.attempts), len(self.settlements), len(self.leaves))
        return dict(zip(TABLES, counts, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of a part: ``messages`` or ``refusals``, with ``rows`` by table, the next one beginning behind its last row; or
    ``cases``, the index of the part.
    """

    number: int
    kind: str
    digest: str
    size: int
    rows: Mapping[str, int]
    last_case: str
    last_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One archiving of a month, with what it has come to."""

    month: date
    part: int
    state: str
    begun_at: datetime
    dropped_at: datetime | None
    manifest: str | None
    segments: tuple[Segment, ...]

    def rows(self) -> dict[str, int]:
        """How many of each table, in all segments together."""
        total: dict[str, int] = {}
        for segment in self.segments:
            for table, count in segment.rows.items():
                total[table] = total.get(table, 0) + count
        return total


@dataclass(frozen=True, slots=True)
class TooMuchUnfinished:
    """So many messages of the month belong to cases with unfinished work that the month stays as it is for now."""

    messages: int


@dataclass(frozen=True, slots=True)
class Disagrees:
    """What was written is not what the month holds now: the part is to be abandoned and begun anew."""

    table: str


class Archives(Protocol):
    """The journal's side of archiving. One hub at a time (:class:`hub.ports.journal.Chores`); two at once do no harm."""

    async def months(self, before: date) -> Sequence[date] | JournalDown:
        """Months before this one, first days, that have something in the journal or a part that is not done; oldest first."""
        ...

    async def begin(self, month: date, at: datetime, most: int) -> Part | TooMuchUnfinished | JournalDown | None:
        """The part of this month that is under way, or a new one. None: there is nothing to archive.

        ``most`` messages may belong to cases with unfinished work; they will have to be moved while the journal waits.
        """
        ...

    async def batch(self, part: Part, after: tuple[str, UUID], limit: int) -> Sequence[Record] | JournalDown:
        """The part's messages in the order of (case, id), behind this one, as the archive keeps them: bodies sealed, where this
        hub seals. Empty at the end.
        """
        ...

    async def refusals(self, part: Part, after: UUID, limit: int) -> Sequence[Row] | JournalDown:
        """The month's refusals in the order of their ids; empty at the end, and in later parts of a month."""
        ...

    async def wrote(self, part: Part, segment: Segment, cases: Sequence[str]) -> JournalDown | None:
        """The file is in the store; index it. Idempotent."""
        ...

    async def written(self, part: Part, manifest: str, at: datetime) -> JournalDown | None:
        """All files and the manifest are in the store, and were read back. Idempotent."""
        ...

    async def abandon(self, part: Part) -> JournalDown | None:
        """Forget a part that was not dropped. Its files are nobody's from now on."""
        ...

    async def drop(self, part: Part, at: datetime) -> Disagrees | JournalDown | None:
        """Take a written part out of the journal in one transaction, if it is exactly what the files hold. Idempotent."""
        ...

    async def tidy(self, part: Part) -> JournalDown | None:
        """Take a dropped part's messages off the list of what is online. Idempotent; afterwards the part is done."""
        ...

    async def parts(self) -> Sequence[Part] | JournalDown:
        """Every part, by month."""
        ...

    async def cases(self, part: Part, after: tuple[str, int], limit: int) -> Sequence[tuple[str, int]] | JournalDown:
        """(case, number of the segment) of a part, in order, behind this one."""
        ...

    async def segments_of(self, case: str) -> Sequence[str] | JournalDown:
        """The digests of the segments in which the case stands, oldest month first."""
        ...

    async def online(self, case: str, limit: int) -> Sequence[Record] | JournalDown:
        """What the journal itself has of a case, oldest first."""
        ...

    async def opened(self, records: Sequence[Record]) -> Sequence[Record] | JournalDown:
        """Records of the archive with their bodies as they were."""
        ...

    async def purge_duplicates(
        self, since: datetime | None, before: datetime, limit: int
    ) -> tuple[int, datetime] | JournalDown:
        """Forget at most so many ids accepted before then, from ``since`` on (None: the first there is): how many, and from
        where to go on; ``before`` itself is the end.

        A message that did not say its time keeps its id as long as the archive keeps it: nothing else tells a repeat of it.
        """
        ...

    async def expire(self, part: Part, at: datetime) -> Sequence[str] | JournalDown:
        """Forget a part that has been kept long enough, and the cases of which nothing is left: the digests of its files, which
        may be removed now. Idempotent.
        """
        ...

    async def known(self, digests: Sequence[str]) -> Sequence[str] | JournalDown:
        """Of these, the files that some part has."""
        ...
