# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What crosses the border between the hub and a connector's child process: frames over a Unix socket.

A frame is two lengths (4 bytes each, big-endian), a JSON object and a body of raw bytes. Either side may be hostile to
the other's memory, so both lengths are checked before anything is read.
"""

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from connectors.sdk.guard import sound
from connectors.sdk.manifest import Manifest
from connectors.sdk.outcomes import Accepted, Delivered, InDoubt, NotSeen, QueryOutcome, Rejected, Unavailable
from connectors.sdk.parcel import Parcel

MAX_HEAD_BYTES = 1024 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_METRICS = 50
"""The most metrics of a connector, and the most values of a label: they stay in the hub's memory for good."""

_LENGTHS = struct.Struct(">II")
_MANIFEST: Final = TypeAdapter(Manifest)
_OUTCOMES: Final = {kind.__name__: kind for kind in (Delivered, Accepted, Rejected, Unavailable, InDoubt, NotSeen)}


@dataclass(frozen=True, slots=True)
class Frame:
    """``head`` is the JSON object, of which ``head["is"]`` names the kind."""

    head: Mapping[str, Any]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Malformed:
    """What came is no frame; nothing after it can be understood either."""

    reason: str


def frame_bytes(head: Mapping[str, object], body: bytes = b"") -> bytes | Malformed:
    """A frame as it crosses, or why it may not."""
    try:
        text = orjson.dumps(head)
    except TypeError:
        return Malformed("not JSON")
    if len(text) > MAX_HEAD_BYTES or len(body) > MAX_BODY_BYTES:
        return Malformed("too large")
    return _LENGTHS.pack(len(text), len(body)) + text + body


async def read_frame(reader: asyncio.StreamReader, max_body: int) -> Frame | Malformed | None:
    """The next frame; None at the end. Raises ``OSError`` when the connection is cut."""
    try:
        head_length, body_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
        if head_length > MAX_HEAD_BYTES or body_length > max_body:
            return Malformed("too large")
        text = await reader.readexactly(head_length)
        body = await reader.readexactly(body_length)
    except asyncio.IncompleteReadError:
        return None
    try:
        head = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Malformed("not JSON")
    return Frame(head, body) if isinstance(head, dict) else Malformed("not an object")


def crossing(text: str) -> str:
    """Any text as one that JSON can write: a name from outside may hold what is no UTF-8. :func:`crossed` gives it back."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def crossed(text: str) -> str:
    """The text again. Only for what the hub wrote."""
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def parcel_head(parcel: Parcel) -> dict[str, object]:
    """Everything of a parcel but its body."""
    return {
        "idempotency_key": parcel.idempotency_key,
        "content_type": parcel.content_type,
        "attributes": dict(parcel.attributes),
        "traceparent": parcel.traceparent,
        "attempt": parcel.attempt,
        "timeout": parcel.timeout,
    }


def parcel_of(head: Mapping[str, Any], body: bytes) -> Parcel:
    """The parcel again. The hub wrote the head, so it is not doubted."""
    return Parcel(body=body, **head)


def outcome_head(outcome: QueryOutcome) -> dict[str, object]:
    """An outcome as JSON: its name and its fields."""
    return {"outcome": type(outcome).__name__, **asdict(outcome)}


def outcome_of(head: object) -> QueryOutcome | None:
    """The outcome again, or None if it is none: a child may write anything."""
    if not isinstance(head, dict):
        return None
    fields = dict(head)
    kind = _OUTCOMES.get(str(fields.pop("outcome", "")))
    if isinstance(fields.get("violations"), list):
        fields["violations"] = tuple(fields["violations"])
    try:
        return sound(kind(**fields)) if kind else None
    except TypeError:
        return None


def manifest_head(manifest: Manifest) -> dict[str, object]:
    """A manifest as JSON."""
    written: dict[str, object] = _MANIFEST.dump_python(manifest, mode="json")
    return written


def manifest_of(head: object) -> Manifest | None:
    """The manifest again, or None if it is none."""
    try:
        manifest = _MANIFEST.validate_json(orjson.dumps(head), strict=True)
    except (ValidationError, TypeError):
        return None
    if manifest.max_body_bytes <= 0 or manifest.concurrency <= 0 or len(manifest.metrics) > MAX_METRICS:
        return None
    if any(len(one.values) > MAX_METRICS for one in manifest.metrics):
        return None
    return replace(manifest, max_body_bytes=min(manifest.max_body_bytes, MAX_BODY_BYTES))
