# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Statements that are in the archive, held against their leaves: every file is read, every statement is hashed again."""

from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

import orjson

from certs.leaf import REFUSED, leaf_hash
from hub.archive.blobs import read
from hub.archive.segment import Unreadable, record_of, row_of, unpack
from hub.evidence.checking import Fault, Report
from hub.ports.journal import Archives, EvidenceLog, JournalDown
from hub.ports.journal.archiving import Part, Segment
from hub.ports.materials import Corrupt, Materials, StoreDown

_AT_ONCE = 500
_EXPIRED = "expired"
_Told = tuple[UUID, UUID, str, bytes]
"""Message, leaf, kind, statement."""


async def check_archived(
    log: EvidenceLog, archives: Archives, store: Materials, report: Report
) -> JournalDown | StoreDown | None:
    """Add to the report what is not as it was. What has expired by the rules of retention is gone, and its leaf stands."""
    parts = await archives.parts()
    if isinstance(parts, JournalDown):
        return parts
    for part in parts:
        if part.dropped_at is None:
            continue
        if part.state == _EXPIRED:
            report.expired += part.rows().get("leaf", 0)
            continue
        for segment in part.segments:
            if down := await _segment(log, store, part, segment, report):
                return down
    return None


async def _segment(
    log: EvidenceLog, store: Materials, part: Part, segment: Segment, report: Report
) -> JournalDown | StoreDown | None:
    place = f"{part.month:%Y-%m}, part {part.part}, file {segment.number}"
    content = await read(store, segment.digest)
    if isinstance(content, StoreDown):
        return content
    unpacked = Unreadable("gone") if content is None or isinstance(content, Corrupt) else unpack(content)
    if isinstance(unpacked, Unreadable):
        report.found(Fault.ARCHIVE_DAMAGED, None, detail=f"{place}: {unpacked.reason}")
        return None
    lines = iter(unpacked[1])
    while some := list(islice(lines, _AT_ONCE)):
        told = list(_statements(segment.kind, some))
        leaves = await log.leaves_of([message for message, *_ in told])
        if isinstance(leaves, JournalDown):
            return leaves
        known = {(leaf.message_id, leaf.id): leaf for leaf in leaves}
        for message, one, kind, statement in told:
            leaf = known.get((message, one))
            report.compared += 1
            if leaf is None:
                report.found(Fault.OUTSIDE, None, detail=f"message {message}, {kind}; {place}")
            elif leaf_hash(kind, statement) != leaf.hash:
                report.found(Fault.STATEMENT_CHANGED, leaf.index, detail=f"message {message}, {kind}; {place}")
    return None


def _statements(kind: str, lines: Sequence[bytes]) -> Iterator[_Told]:
    if kind == "messages":
        for line in lines:
            for leaf in record_of(line).leaves:
                yield _uuid(leaf["message_id"]), _uuid(leaf["id"]), str(leaf["kind"]), _bytes(leaf["statement"])
    elif kind == "refusals":
        for line in lines:
            row = row_of(orjson.loads(line))
            if row.get("leaf") is not None:
                yield _uuid(row["id"]), _uuid(row["id"]), REFUSED, _bytes(row["statement"])


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes | bytearray | memoryview)
    return bytes(value)
