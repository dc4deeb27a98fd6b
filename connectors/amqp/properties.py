# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A message's properties, to and from the payload of its content header frame (AMQP 0-9-1, sections 2.3.5.2 and 4.2.6.1).

What nearly every message has, a few short strings and a table of strings, is written and read here in a few microseconds.
All else goes through pamqp's codec, which knows every type and takes ten times as long; so does what is malformed.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from struct import error as StructError  # noqa: N812  # because the module calls every error "error"
from typing import Any

from pamqp.commands import Basic
from pamqp.header import ContentHeader

_PERSISTENT = 2
_CLASS_BASIC = 60
_CONTENT_TYPE, _HEADERS, _MODE, _CORRELATION_ID, _MESSAGE_ID, _APP_ID = (
    1 << 15,
    1 << 13,
    1 << 12,
    1 << 10,
    1 << 7,
    1 << 3,
)
_PLAIN = _CONTENT_TYPE | _HEADERS | _MODE | _CORRELATION_ID | _MESSAGE_ID | _APP_ID
_START = Struct(">HHQH")
_LENGTH = Struct(">I")
_STRING = 0x53  # "S", a long string
_LONGEST_NAME = 128
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Properties:
    """What is asked of a message that came; empty where it said nothing. ``headers`` hold any type of an AMQP table."""

    content_type: str = ""
    headers: dict[str, Any] = field(default_factory=dict)
    message_id: str = ""
    correlation_id: str = ""


NONE = Properties()
"""Of a message whose properties cannot be read."""


def written(
    size: int, content_type: str, headers: dict[str, Any], message_id: str, correlation_id: str, app_id: str
) -> bytes:
    """The payload of the content header of one persistent message. An empty text is left out.

    Raises ``ValueError``, ``TypeError``, ``OverflowError`` or ``struct.error`` for what AMQP cannot write.
    """
    table = _table(headers)
    if table is None:
        properties = Basic.Properties(
            content_type=content_type,
            headers=headers,
            delivery_mode=_PERSISTENT,
            correlation_id=correlation_id or None,
            message_id=message_id or None,
            app_id=app_id,
        )
        return ContentHeader(body_size=size, properties=properties).marshal()
    flags, pieces = _HEADERS | _MODE, [b"", b"", table, b"\x02"]
    if content_type:
        flags |= _CONTENT_TYPE
        pieces[1] = _short(content_type)
    for flag, text in ((_CORRELATION_ID, correlation_id), (_MESSAGE_ID, message_id), (_APP_ID, app_id)):
        if text:
            flags |= flag
            pieces.append(_short(text))
    pieces[0] = _START.pack(_CLASS_BASIC, 0, size, flags)
    return b"".join(pieces)


def _short(text: str) -> bytes:
    encoded = text.encode()
    return b"%c%b" % (len(encoded), encoded)  # an OverflowError beyond 255


def _table(headers: dict[str, Any]) -> bytes | None:
    """A table of strings, in order of their names; None where a value is something else or a name is too long."""
    pieces = [b""]
    size = 0
    for name in sorted(headers):
        value = headers[name]
        if type(value) is not str:
            return None
        head, encoded = _name(name), value.encode()
        if not head:
            return None
        pieces += (head, _LENGTH.pack(len(encoded)), encoded)
        size += len(head) + 4 + len(encoded)
    pieces[0] = _LENGTH.pack(size)
    return b"".join(pieces)


@lru_cache(_REMEMBERED)
def _name(name: str) -> bytes:
    """A name in a table, with the type of a string that follows; nothing when it is too long."""
    encoded = name.encode()
    return b"%c%bS" % (len(encoded), encoded) if len(encoded) <= _LONGEST_NAME else b""


def read(payload: bytes) -> tuple[int, Properties]:
    """The size of the body that follows, and its properties: :data:`NONE` when they do not decode.

    Raises ``struct.error`` when not even the size can be read.
    """
    _, _, size, flags = _START.unpack_from(payload)
    if not flags & ~_PLAIN:
        try:
            return size, _read(payload, flags)
        except (IndexError, ValueError, StructError, _OtherTypeError):
            pass  # whatever it is: the other codec knows it, or knows that it is wrong
    try:
        header = ContentHeader()
        header.unmarshal(payload)
        found = header.properties
        return size, Properties(
            found.content_type or "", found.headers or {}, found.message_id or "", found.correlation_id or ""
        )
    except Exception:  # noqa: BLE001  # because a decoder fed by strangers may fail in any way; all mean the same
        return size, NONE


class _OtherTypeError(Exception):
    """A value in the table is no string, or something stands where nothing should."""


def _read(payload: bytes, flags: int) -> Properties:
    at = _START.size
    texts = ["", "", ""]
    headers: dict[str, Any] = {}
    if flags & _CONTENT_TYPE:
        at, texts[0] = _text(payload, at)
    if flags & _HEADERS:
        at = _read_table(payload, at, headers)
    if flags & _MODE:
        at += 1
    if flags & _CORRELATION_ID:
        at, texts[1] = _text(payload, at)
    if flags & _MESSAGE_ID:
        at, texts[2] = _text(payload, at)
    if flags & _APP_ID:
        at, _ = _text(payload, at)
    if at != len(payload):
        raise _OtherTypeError
    return Properties(texts[0], headers, texts[2], texts[1])


def _text(payload: bytes, at: int) -> tuple[int, str]:
    end = at + 1 + payload[at]
    return end, payload[at + 1 : end].decode()


def _read_table(payload: bytes, at: int, headers: dict[str, Any]) -> int:
    size: int = _LENGTH.unpack_from(payload, at)[0]
    at += 4
    end = at + size
    length = _LENGTH.unpack_from
    while at < end:
        name_end = at + 1 + payload[at]
        if payload[name_end] != _STRING:
            raise _OtherTypeError
        start = name_end + 5
        stop = start + length(payload, name_end + 1)[0]
        headers[payload[at + 1 : name_end].decode()] = payload[start:stop].decode()
        at = stop
    if at != end:
        raise _OtherTypeError
    return end
