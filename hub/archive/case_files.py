# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A case (办件) whole, wherever its messages are: in the journal, in the archive, or in both.

The journal is asked first: a message leaves it only after the archive's index has it, so none is missed in between; one that is
in both is told once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import orjson

from certs.leaf import REPLAYED
from certs.operator_words import operator_word
from hub.archive.blobs import read
from hub.archive.segment import Unreadable, cases_of, records_of
from hub.ports.ids import first_of
from hub.ports.journal import (
    AttemptView,
    CaseView,
    DeliveryView,
    Journal,
    JournalDown,
    LateAnswer,
    MessageView,
    Record,
    Recorded,
    Row,
    State,
)
from hub.ports.materials import Corrupt, Materials, StoreDown


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """Reads cases from a journal and the archive beside it. Safe for concurrent use."""

    journal: Journal
    archive: Materials

    async def view(self, case: str, limit: int) -> CaseView | JournalDown | StoreDown | None:
        """As :meth:`hub.ports.journal.Lookups.case`, with what is archived; at most ``limit`` messages, oldest first."""
        online = await self.journal.lookups.case(case, limit)
        if not isinstance(online, CaseView):
            return online
        archived = await self._archived(case)
        if not isinstance(archived, Sequence):
            return archived
        if not archived:
            return online
        messages = {record.id: _message(record) for record in archived} | {one.id: one for one in online.messages}
        return replace(online, messages=tuple(messages[key] for key in sorted(messages)[:limit]))

    async def records(self, case: str, limit: int) -> Sequence[Record] | JournalDown | StoreDown:
        """All that is known of every message, oldest first; empty: there is no such case."""
        online = await self.journal.archives.online(case, limit)
        if isinstance(online, JournalDown):
            return online
        archived = await self._archived(case)
        if not isinstance(archived, Sequence):
            return archived
        records = {record.id: record for record in (*archived, *online)}
        return [records[key] for key in sorted(records)[:limit]]

    async def before(
        self, case: str, message: UUID, contracts: Sequence[str]
    ) -> Sequence[Recorded] | JournalDown | StoreDown:
        """As :meth:`hub.ports.journal.Lookups.before`, with what is archived."""
        online = await self.journal.lookups.before(case, message, contracts)
        if isinstance(online, JournalDown):
            return online
        archived = await self._archived(case)
        if not isinstance(archived, Sequence):
            return archived
        found = {
            record.id: _recorded(record)
            for record in archived
            if record.id < message and record.message["contract"] in contracts and "erased" not in record.message
        } | {one.message_id: one for one in online}
        return [found[key] for key in sorted(found, reverse=True)]

    async def archived_cases(
        self, contracts: Sequence[str], since: datetime, until: datetime
    ) -> set[str] | JournalDown | StoreDown:
        """The cases that said any of these contracts between two moments, by messages which are in the archive and no more in
        the journal. Every file of those months is read, one at a time.
        """
        parts = await self.journal.archives.parts()
        if isinstance(parts, JournalDown):
            return parts
        months = since.astimezone(UTC).date().replace(day=1), until.astimezone(UTC).date()
        gone = [one for one in parts if one.dropped_at is not None and months[0] <= one.month <= months[1]]
        cases = set[str]()
        for segment in (one for part in gone for one in part.segments if one.kind == "messages"):
            content = await self._content(segment.digest)
            if isinstance(content, StoreDown):
                return content
            found = await asyncio.to_thread(cases_of, content, contracts, first_of(since), first_of(until))
            if isinstance(found, Unreadable):
                return StoreDown(f"archive file unreadable: {segment.digest}")
            cases |= found
        return cases

    async def _archived(self, case: str) -> Sequence[Record] | JournalDown | StoreDown:
        digests = await self.journal.archives.segments_of(case)
        if isinstance(digests, JournalDown):
            return digests
        records: list[Record] = []
        for digest in digests:
            content = await self._content(digest)
            if isinstance(content, StoreDown):
                return content
            found = await asyncio.to_thread(records_of, content, case)
            if isinstance(found, Unreadable):
                return StoreDown(f"archive file unreadable: {digest}")
            opened = await self.journal.archives.opened(found)
            if isinstance(opened, JournalDown):
                return opened
            records += opened
        return records

    async def _content(self, digest: str) -> bytes | StoreDown:
        content = await read(self.archive, digest)
        if content is None or isinstance(content, Corrupt):
            return StoreDown(f"archive file {'missing' if content is None else 'corrupt'}: {digest}")
        return content


def _message(record: Record) -> MessageView:
    m = record.message
    attempts: dict[object, list[AttemptView]] = {}
    for row in record.attempts:
        attempts.setdefault(row["destination"], []).append(_attempt(row))
    settled = {row["destination"]: row for row in record.settlements}
    late = {row["destination"] for row in record.leaves if row["kind"] == REPLAYED and _late(row)}
    deliveries = [
        _delivery(
            row, settled.get(row["destination"]), attempts.get(row["destination"], []), late=row["destination"] in late
        )
        for row in record.deliveries
    ]
    return MessageView(
        id=record.id,
        system=_text(m["system"]),
        sender_id=_text(m["sender_id"]),
        contract=_text(m["contract"]),
        version=_int(m["version"]),
        case=record.case,
        event_time=None if m["event_time"] is None else _moment(m["event_time"]),
        accepted_at=_moment(m["accepted_at"]),
        digest=_bytes(m["digest"]),
        table_version=_text(m["table_version"]),
        receipt=_bytes(m["receipt"]),
        access=_text(m.get("access") or ""),
        deliveries=tuple(deliveries),
        words=tuple(
            word
            for row in record.leaves
            if (word := operator_word(_text(row["kind"]), _bytes(row["statement"]))) is not None
        ),
    )


def _late(leaf: Row) -> bool:
    return bool(orjson.loads(_bytes(leaf["statement"]))["late"])


def _delivery(row: Row, settled: Row | None, attempts: Sequence[AttemptView], *, late: bool) -> DeliveryView:
    assert settled is not None, "only what is finished is archived"
    identifier = row["delivery_id"]
    assert isinstance(identifier, UUID)
    return DeliveryView(
        id=identifier,
        destination=_text(row["destination"]),
        position=_int(row["position"]),
        state=State(_text(settled["state"])),
        code=_text(settled["code"]),
        detail=_text(settled["detail"]),
        reference=_text(settled["reference"]),
        due_at=None,
        settled_at=_moment(settled["settled_at"]),
        blocked_by=None,
        late=late,
        attempts=tuple(attempts),
    )


def _attempt(row: Row) -> AttemptView:
    return AttemptView(
        attempt=_int(row["attempt"]),
        state=State(_text(row["state"])),
        code=_text(row["code"]),
        detail=_text(row["detail"]),
        started_at=_moment(row["started_at"]),
        ended_at=_moment(row["ended_at"]),
        told_late=_late_answer(row),
    )


def _late_answer(row: Row) -> LateAnswer | None:
    """Archives written before there was such a thing do not name it."""
    if row.get("late_at") is None:
        return None
    return LateAnswer(
        state=State(_text(row["late_state"])),
        code=_text(row["late_code"]),
        detail=_text(row["late_detail"]),
        reference=_text(row["late_reference"]),
        at=_moment(row["late_at"]),
    )


def _recorded(record: Record) -> Recorded:
    m = record.message
    return Recorded(
        message_id=record.id,
        system=_text(m["system"]),
        contract=_text(m["contract"]),
        version=_int(m["version"]),
        case=record.case,
        accepted_at=_moment(m["accepted_at"]),
        canonical=_bytes(m["canonical"]),
    )


def _text(value: object) -> str:
    assert isinstance(value, str)
    return value


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value
