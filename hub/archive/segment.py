# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The files of the archive (归档段): zstd-compressed JSON lines, the first of which says what the rest is.

Bytes are written as ``{"utf8": text}`` where they are text and ``{"base64": text}`` where not, so that they come back as they
were; UUIDs, times and everything else as the strings, numbers and nulls of JSON. See docs/retention.md.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson
import zstandard

from hub.ports.journal import Record, Row

FORMAT: Final = "govhub-archive/1"
_LARGEST = 1024 * 1024 * 1024
_IDS = frozenset({"id", "message_id", "delivery_id", "hub"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """This is not a file of the archive, or of a format that this govhub does not know."""

    reason: str


def record_line(record: Record) -> bytes:
    """One message with all that belongs to it."""
    return orjson.dumps(
        {
            "message": _plain(record.message),
            "deliveries": [_plain(row) for row in record.deliveries],
            "attempts": [_plain(row) for row in record.attempts],
            "settlements": [_plain(row) for row in record.settlements],
            "leaves": [_plain(row) for row in record.leaves],
        },
        option=orjson.OPT_SORT_KEYS,
    )


def row_line(row: Row) -> bytes:
    """One row by itself."""
    return orjson.dumps(_plain(row), option=orjson.OPT_SORT_KEYS)


def pack(header: Mapping[str, object], lines: Iterable[bytes]) -> bytes:
    """The file. The same lines give the same bytes."""
    head = orjson.dumps({"format": FORMAT, **header}, option=orjson.OPT_SORT_KEYS)
    return zstandard.ZstdCompressor(level=9, write_checksum=True).compress(b"\n".join((head, *lines)) + b"\n")


def unpack(content: bytes) -> tuple[Mapping[str, object], Sequence[bytes]] | Unreadable:
    """Header and lines."""
    try:
        head, *lines = zstandard.ZstdDecompressor().decompress(content, max_output_size=_LARGEST).splitlines()
        header = orjson.loads(head)
    except (zstandard.ZstdError, orjson.JSONDecodeError, ValueError) as error:
        return Unreadable(type(error).__name__)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        return Unreadable("format")
    return header, lines


def record_of(line: bytes) -> Record:
    """The record of a line of :func:`record_line`."""
    value = orjson.loads(line)
    several = {name: tuple(map(row_of, value[name])) for name in ("deliveries", "attempts", "settlements", "leaves")}
    return Record(row_of(value["message"]), **several)


def records_of(content: bytes, case: str) -> Sequence[Record] | Unreadable:
    """The records of one case in a segment. Only lines in which the case stands are parsed."""
    unpacked = unpack(content)
    if isinstance(unpacked, Unreadable):
        return unpacked
    named = b'"case_no":' + orjson.dumps(case)
    records = [record_of(line) for line in unpacked[1] if named in line]
    return [record for record in records if record.case == case]  # a body may quote what looks like another's case


def cases_of(content: bytes, contracts: Sequence[str], after: UUID, before: UUID) -> set[str] | Unreadable:
    """The cases of messages by these contracts in a segment, behind one id and up to another, which is left out."""
    unpacked = unpack(content)
    if isinstance(unpacked, Unreadable):
        return unpacked
    named = [b'"contract":' + orjson.dumps(one) for one in contracts]
    found = (record_of(line) for line in unpacked[1] if any(one in line for one in named))
    return {one.case for one in found if one.message["contract"] in contracts and after < one.id < before}


def row_of(value: Mapping[str, object]) -> Row:
    """A row as the journal gave it."""
    return {name: _column(name, column) for name, column in value.items()}


def _plain(row: Row) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    match value:
        case bytes():
            try:
                return {"utf8": value.decode()}
            except UnicodeDecodeError:
                return {"base64": base64.b64encode(value).decode()}
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


def _column(name: str, value: object) -> object:
    match value:
        case {"utf8": str(text)}:
            return text.encode()
        case {"base64": str(text)}:
            return base64.b64decode(text)
        case str() if name in _IDS:
            return UUID(value)
        case str() if name.endswith("_at") or name == "event_time":
            return datetime.fromisoformat(value)
        case _:
            return value
