# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Archiving one month: write its files, read them back, and only then take it out of the journal.

    begin     what is finished is this part; cases with unfinished work are held
    write     segment by segment, each in the store before it is in the journal's index
    seal      index of cases and manifest; every file is read back and held against what it should be
    drop      one transaction, if the month still is exactly what the files say
    tidy      the list of what is online forgets what is not

Encoding, packing and reading back run in a thread, so that the hub goes on meanwhile.
Every step may be cut anywhere and is repeated by whoever comes next: files are named by their content, rows written once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import orjson

from hub.archive.blobs import read, write
from hub.archive.segment import FORMAT, Unreadable, pack, record_line, record_of, row_line, unpack
from hub.ports.clock import Clock
from hub.ports.journal import Archives, Disagrees, JournalDown, Part, Record, Segment, TooMuchUnfinished
from hub.ports.materials import Corrupt, Materials, StoreDown

_BATCH = 200
_LARGE = 4 * 1024 * 1024  # bytes of lines after which a segment ends
_CASES = 10_000
_MOST_HELD = 10_000
_NO_ID = UUID(int=0)


class Stage(StrEnum):
    """Where a month is; a crash test ends the process there."""

    BEGUN = "archive.begun"
    STORED = "archive.stored"
    WROTE = "archive.wrote"
    SEALED = "archive.sealed"
    WRITTEN = "archive.written"
    DROPPED = "archive.dropped"
    TIDIED = "archive.tidied"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file could not be read back as it was written. The part was abandoned, and is begun anew."""

    digest: str


Trouble: TypeAlias = StoreDown | JournalDown | Damaged | Disagrees | TooMuchUnfinished


@dataclass(frozen=True, slots=True)
class Archived:
    """A part is done."""

    part: Part


class MonthArchiver:
    """Archives months of one journal into one store. ``told`` hears of every stage, with the part as it is then."""

    def __init__(
        self, archives: Archives, store: Materials, clock: Clock, hub: str, told: Callable[[Stage, Part], None]
    ) -> None:
        self._archives = archives
        self._store = store
        self._clock = clock
        self._hub = hub
        self._told = told

    async def archive(self, month: date) -> Archived | Trouble | None:
        """Do, or carry on, one part of this month. None: there is nothing to do."""
        part = await self._archives.begin(month, self._clock.now(), _MOST_HELD)
        if not isinstance(part, Part):
            return part
        self._told(Stage.BEGUN, part)
        if part.state == "writing":
            written = await self._write(part)
            if not isinstance(written, Part):
                return written
            part = written
        if part.dropped_at is None:
            dropped = await self._archives.drop(part, self._clock.now())
            if isinstance(dropped, Disagrees):
                return await self._archives.abandon(part) or dropped
            if dropped is not None:
                return dropped
            self._told(Stage.DROPPED, part)
        if down := await self._archives.tidy(part):
            return down
        self._told(Stage.TIDIED, part)
        return Archived(part)

    async def _write(self, part: Part) -> Part | StoreDown | JournalDown | Damaged:
        """All files of a part, and its manifest, in the store and read back."""
        async for segment in self._segments(part):
            if not isinstance(segment, Segment):
                return segment
            self._told(Stage.WROTE, part)
        sealed = await self._sealed(part)
        if not isinstance(sealed, Part):
            return sealed
        manifest = await self._manifest(sealed)
        if isinstance(manifest, StoreDown):
            return manifest
        self._told(Stage.SEALED, sealed)
        if trouble := await self._checked(sealed, manifest):
            return trouble
        if down := await self._archives.written(part, manifest, self._clock.now()):
            return down
        self._told(Stage.WRITTEN, sealed)
        return await self._again(part)

    async def _sealed(self, part: Part) -> Part | StoreDown | JournalDown:
        """The part with its index of cases."""
        sealed = await self._again(part)
        if isinstance(sealed, Part) and not any(segment.kind == "cases" for segment in sealed.segments):
            index = await self._index(sealed)
            return await self._again(part) if isinstance(index, Segment) else index
        return sealed

    async def _checked(self, part: Part, manifest: str) -> StoreDown | JournalDown | Damaged | None:
        for digest, rows in [*((s.digest, s.rows) for s in part.segments), (manifest, None)]:
            checked = await check(self._store, digest, rows)
            if isinstance(checked, Damaged):
                # Out of the way, so that the right bytes can take its place.
                return await self._store.remove(digest) or await self._archives.abandon(part) or checked
            if checked is not None:
                return checked
        return None

    async def _again(self, part: Part) -> Part | JournalDown:
        """The part as the journal has it now."""
        again = await self._archives.begin(part.month, self._clock.now(), _MOST_HELD)
        if isinstance(again, Part | JournalDown):
            return again
        return JournalDown("the part is gone")  # another hub has taken over and finished it

    async def _segments(self, part: Part) -> AsyncIterator[Segment | StoreDown | JournalDown]:
        """The segments that are not written yet."""
        done = {kind: [s for s in part.segments if s.kind == kind] for kind in ("messages", "refusals")}
        number = len(part.segments)
        last = done["messages"][-1] if done["messages"] else None
        after = (last.last_case, last.last_id) if last else ("", _NO_ID)
        lines: list[bytes] = []
        rows: dict[str, int] = {}
        cases: dict[str, None] = {}
        while not done["refusals"]:  # messages come first: with a segment of refusals they are all written
            records = await self._archives.batch(part, after, _BATCH)
            if isinstance(records, JournalDown):
                yield records
                return
            lines += await asyncio.to_thread(_lines, records)
            for record in records:
                cases[record.case] = None
                after = (record.case, record.id)
                for table, count in record.rows().items():
                    rows[table] = rows.get(table, 0) + count
            if lines and (sum(map(len, lines)) >= _LARGE or not records):
                number += 1
                yield await self._put(part, number, "messages", lines, rows, tuple(cases), after)
                lines, rows, cases = [], {}, {}
            if not records:
                break
        async for segment in self._refusals(part, number, done["refusals"]):
            yield segment

    async def _refusals(
        self, part: Part, number: int, done: Sequence[Segment]
    ) -> AsyncIterator[Segment | StoreDown | JournalDown]:
        after = done[-1].last_id if done else _NO_ID
        while True:
            refusals = await self._archives.refusals(part, after, _BATCH * 10)
            if isinstance(refusals, JournalDown):
                yield refusals
                return
            if not refusals:
                return
            number += 1
            last = refusals[-1]["id"]
            assert isinstance(last, UUID)
            after = last
            lines = [row_line(row) for row in refusals]
            yield await self._put(part, number, "refusals", lines, {"refusal": len(lines)}, (), ("", after))

    async def _put(
        self,
        part: Part,
        number: int,
        kind: str,
        lines: Sequence[bytes],
        rows: dict[str, int],
        cases: Sequence[str],
        last: tuple[str, UUID],
    ) -> Segment | StoreDown | JournalDown:
        header = {"kind": kind, "month": f"{part.month:%Y-%m}", "part": part.part, "number": number}
        content = await asyncio.to_thread(pack, header, lines)
        digest = await write(self._store, content)
        if isinstance(digest, StoreDown):
            return digest
        self._told(Stage.STORED, part)
        segment = Segment(
            number=number,
            kind=kind,
            digest=digest,
            size=len(content),
            rows=rows,
            last_case=last[0],
            last_id=last[1],
        )
        return await self._archives.wrote(part, segment, cases) or segment

    async def _manifest(self, part: Part) -> str | StoreDown:
        """Write the manifest: what the part holds, and in which files."""
        manifest = {
            "format": FORMAT,
            "kind": "manifest",
            "hub": self._hub,
            "month": f"{part.month:%Y-%m}",
            "part": part.part,
            "rows": part.rows(),
            "segments": [
                {"number": s.number, "kind": s.kind, "digest": s.digest, "size": s.size, "rows": s.rows}
                for s in part.segments
            ],
        }
        return await write(self._store, orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

    async def _index(self, part: Part) -> Segment | StoreDown | JournalDown:
        """In which segments each case stands, so that it is found without the journal too."""
        lines: list[bytes] = []
        after = ("", 0)
        while True:
            page = await self._archives.cases(part, after, _CASES)
            if isinstance(page, JournalDown):
                return page
            if not page:
                return await self._put(part, len(part.segments) + 1, "cases", lines, {}, (), ("", _NO_ID))
            lines += [orjson.dumps({"case": case, "segment": number}) for case, number in page]
            after = page[-1]


async def check(store: Materials, digest: str, rows: object) -> StoreDown | Damaged | None:
    """Read a file back: its digest, and if it is a segment (``rows`` by table) that it holds so many of each."""
    content = await read(store, digest)
    if content is None or isinstance(content, Corrupt):
        return Damaged(digest)
    if isinstance(content, StoreDown):
        return content
    if rows is None or rows == await asyncio.to_thread(_rows_in, content):
        return None
    return Damaged(digest)


def _lines(records: Sequence[Record]) -> list[bytes]:
    lines = []
    for record in records:
        line = record_line(record)
        assert record_of(line) == record, "what is written is what was read"
        lines.append(line)
    return lines


def _rows_in(content: bytes) -> dict[str, int] | Unreadable:
    unpacked = unpack(content)
    if isinstance(unpacked, Unreadable):
        return unpacked
    header, lines = unpacked
    found: dict[str, int] = {}
    for line in lines:
        for table, count in _counted(header.get("kind"), line).items():
            found[table] = found.get(table, 0) + count
    return found


def _counted(kind: object, line: bytes) -> dict[str, int]:
    match kind:
        case "messages":
            return record_of(line).rows()
        case "refusals":
            return {"refusal": 1}
        case _:
            return {}
