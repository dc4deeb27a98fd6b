# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A day's messages become lines, buckets and one root.

In pages: nothing of the day is ever held in memory, the database sorts within buckets, and between two small stretches of
work others get their turn, so that a hub that counts a million records goes on delivering.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.conversion import Converted
from contracts.reconciling.sm3 import sm3_hex
from contracts.reconciling.tree import BUCKETS, LATE, Sum, bucket_name, bucket_of, grown
from contracts.registry import Registry
from hub.ports.clock import Clock
from hub.ports.journal import JournalDown
from hub.ports.journal.reconciling import CountedLine, Exchanged, Reconciliation, Reconciliations, Span
from hub.reconcile.agreement import Agreement, midnight

_PAGE = 2000
_STRETCH = 100
"""Records between two turns of others: a few milliseconds."""

_BUCKETS_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Counted:
    """The day is counted."""

    records: int


@dataclass(frozen=True, slots=True)
class Archived:
    """Messages of the day have left the journal: to count what is left would find differences that are none."""

    day: date


@dataclass(frozen=True, slots=True)
class Lost:
    """Another hub counts it now, or has counted it."""


Progress = Callable[[int], None]


async def count(
    journal: Reconciliations,
    registry: Registry,
    agreement: Agreement,
    wanted: Reconciliation,
    clock: Clock,
    progress: Progress = lambda _records: None,
) -> Counted | Archived | Lost | JournalDown:
    """Count a day that was taken. It counts as of now: what is delivered while it is counted is not in it."""
    at = clock.now()
    span = agreement.span(wanted.day, at)
    archived = await journal.archived(midnight(wanted.day))
    if isinstance(archived, JournalDown):
        return archived
    if archived:
        return Archived(wanted.day)
    closing = agreement.closing(wanted.day)
    ended = await _written(journal, registry, agreement, wanted, span, closing, progress)
    if not isinstance(ended, bool):
        return ended
    if agreement.latest and (down := await _superseded(journal, agreement, wanted, agreement.since(wanted.day, at))):
        return down
    sums = await _sums(journal, wanted.id, latest=agreement.latest)
    if isinstance(sums, JournalDown):
        return sums
    tree = grown({bucket_name(place): one for place, one in sums.items()})
    unfinished = await journal.unfinished(span)
    if isinstance(unfinished, JournalDown):
        return unfinished
    done = await journal.counted(wanted.id, at, sums, tree.at(""), tree.at(LATE), unfinished)
    if isinstance(done, JournalDown):
        return done
    return Counted(tree.at("").records + tree.at(LATE).records) if done else Lost()


async def _written(
    journal: Reconciliations,
    registry: Registry,
    agreement: Agreement,
    wanted: Reconciliation,
    span: Span,
    closing: datetime,
    progress: Progress,
) -> bool | Lost | JournalDown:
    """True when every record of the day has its line. While one page is written the next one is fetched."""
    reading = _Lines(registry, agreement, closing)
    told = 0
    pending: asyncio.Task[bool | JournalDown] | None = None
    async for page in _pages(journal, span):
        if isinstance(page, JournalDown):
            await _settled(pending)
            return page
        lines = await _in_turns(page, reading.line)
        wrong = await _settled(pending)
        if wrong is not None:
            return wrong
        pending = asyncio.create_task(_write(journal, wanted.id, lines))
        told += len(lines)
        progress(told)
    wrong = await _settled(pending)
    return True if wrong is None else wrong


async def _write(journal: Reconciliations, reconciliation: UUID, lines: list[CountedLine]) -> bool | JournalDown:
    return await journal.write(reconciliation, lines)


async def _settled(pending: "asyncio.Task[bool | JournalDown] | None") -> Lost | JournalDown | None:
    result = True if pending is None else await pending
    if isinstance(result, JournalDown):
        return result
    return None if result else Lost()


async def _pages(journal: Reconciliations, span: Span) -> AsyncIterator[Sequence[Exchanged] | JournalDown]:
    after = span.first
    fetching: asyncio.Task[Any] | None = None
    try:
        while True:
            page = await (fetching or journal.records(span, after, _PAGE))
            if isinstance(page, JournalDown):
                yield page
                return
            if not page:
                return
            after = page[-1].message
            fetching = asyncio.create_task(_fetched(journal, span, after)) if len(page) == _PAGE else None
            yield page
            if fetching is None:
                return
    finally:
        if fetching is not None and not fetching.done():
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)


async def _fetched(journal: Reconciliations, span: Span, after: UUID) -> Any:
    return await journal.records(span, after, _PAGE)


async def _in_turns(page: Iterable[Exchanged], line: Callable[[Exchanged], CountedLine]) -> list[CountedLine]:
    lines: list[CountedLine] = []
    for n, one in enumerate(page):
        if n % _STRETCH == _STRETCH - 1:
            await asyncio.sleep(0)
        lines.append(line(one))
    return lines


class _Lines:
    """Turns messages into lines by one agreement."""

    def __init__(self, registry: Registry, agreement: Agreement, closing: datetime) -> None:
        self._registry = registry
        self._agreed = agreement.agreed
        self._closing = closing
        self._sends = agreement.sends
        self._versions = {one.version: one for one in registry.versions(agreement.agreed.contract)}

    def line(self, one: Exchanged) -> CountedLine:
        place = bucket_of(one.case) + (BUCKETS if self._sends and one.at > self._closing else 0)
        agreed = self._agreed
        if one.version == agreed.version and not agreed.fields and not agreed.record:
            # Canonical JSON of the version that is compared is its own content text.
            return CountedLine(
                place, one.message, agreed.key(one.case, {}), agreed.rest(one.version, sm3_hex(one.canonical))
            )
        version, record = self._converted(one)
        return CountedLine(
            place, one.message, agreed.key(one.case, record), agreed.rest(version, agreed.content(record))
        )

    def _converted(self, one: Exchanged) -> tuple[int, dict[str, Any]]:
        """In the version that is compared. What cannot be said in it stays as it was sent, and shows as a difference."""
        record: dict[str, Any] = orjson.loads(one.canonical)
        sent = self._versions.get(one.version)
        if sent is None or one.version == self._agreed.version:
            return one.version, record
        converted = self._registry.convert(record, sent, self._agreed.version)
        return (
            (self._agreed.version, dict(converted.data)) if isinstance(converted, Converted) else (one.version, record)
        )


async def _superseded(
    journal: Reconciliations, agreement: Agreement, wanted: Reconciliation, later: Span
) -> JournalDown | None:
    """Take out of the day what came again afterwards: the far side keeps the latest alone, and counts it on its own day."""
    async for page in _pages(journal, later):
        if isinstance(page, JournalDown):
            return page
        keys = [(bucket_of(one.case), _key(agreement, one)) for one in page]
        if down := await journal.supersede(wanted.id, keys):
            return down
    return None


def _key(agreement: Agreement, one: Exchanged) -> bytes:
    return agreement.agreed.key(one.case, orjson.loads(one.canonical) if agreement.agreed.record else {})


async def _sums(journal: Reconciliations, reconciliation: UUID, *, latest: bool) -> dict[int, Sum] | JournalDown:
    sums: dict[int, Sum] = {}
    for first in range(0, BUCKETS, _BUCKETS_AT_A_TIME):
        bucketfuls = await journal.bucketfuls(reconciliation, first, first + _BUCKETS_AT_A_TIME, latest=latest)
        if isinstance(bucketfuls, JournalDown):
            return bucketfuls
        for place, records, lines in bucketfuls:
            sums[place] = Sum(records, sm3_hex(lines))
        await asyncio.sleep(0)
    return sums
