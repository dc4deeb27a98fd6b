# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The packets as values and in octets, as far as a sender of messages needs them. Pure. SMPP v3.4 (issue 1.2), 4 and 5.

A packet is a header of 16 octets (length with the header, command, status, sequence number), a body, and optional
parameters, each with a tag and a length. What comes is measured before it is read.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from connectors.sdk.sms.conversation import Desynchronised

HEADER_BYTES: Final = 16
MOST_BYTES: Final = 70_000
"""A message_payload has 64 KiB at most."""
MOST_SHORT: Final = 254
_HEADER: Final = struct.Struct("!IIII")
_TAG: Final = struct.Struct("!HH")

MESSAGE_PAYLOAD: Final = 0x0424
RECEIPTED_MESSAGE_ID: Final = 0x001E
MESSAGE_STATE: Final = 0x0427
HEADED: Final = 0x40
"""The bit of esm_class that says that the text begins with a user data header."""
_KIND: Final = 0x3C
_RECEIPT: Final = 0x04
VERSION: Final = 0x34


class Command(IntEnum):
    """The commands this side speaks; an answer has the highest bit set."""

    GENERIC_NACK = 0x8000_0000
    SUBMIT_SM = 0x04
    SUBMIT_SM_RESP = 0x8000_0004
    DELIVER_SM = 0x05
    DELIVER_SM_RESP = 0x8000_0005
    UNBIND = 0x06
    UNBIND_RESP = 0x8000_0006
    BIND_TRANSCEIVER = 0x09
    BIND_TRANSCEIVER_RESP = 0x8000_0009
    ENQUIRE_LINK = 0x15
    ENQUIRE_LINK_RESP = 0x8000_0015


class Frame(NamedTuple):
    """One packet."""

    command: int
    status: int
    sequence: int
    body: bytes


class FrameReader:
    """Collects what comes in. It holds less than one packet between two calls."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame | Desynchronised]:
        """Every packet that is complete now; after a :class:`Desynchronised` nothing comes any more."""
        data = self._rest + data if self._rest else data
        at, end = 0, len(data)
        while end - at >= HEADER_BYTES:
            length, command, status, sequence = _HEADER.unpack_from(data, at)
            if not HEADER_BYTES <= length <= MOST_BYTES:
                self._rest = b""
                yield Desynchronised(length)
                return
            if end - at < length:
                break
            yield Frame(command, status, sequence, data[at + HEADER_BYTES : at + length])
            at += length
        self._rest = data[at:]


def framed(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A packet as it goes out."""
    return _HEADER.pack(HEADER_BYTES + len(body), command, status, sequence) + body


@dataclass(frozen=True, slots=True)
class Bind:
    """Who logs in."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A submission (submit_sm) or a delivery (deliver_sm): both have the same fields."""

    source: str = field(repr=False)
    destination: str = field(repr=False)
    content: bytes = field(repr=False)
    service_type: str = ""
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 0
    esm_class: int = 0
    valid_until: str = ""
    registered: int = 0
    coding: int = 0
    optional: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> bytes:
        """The content, wherever it stands."""
        return self.content or self.optional.get(MESSAGE_PAYLOAD, b"")

    @property
    def headed(self) -> bool:
        """Whether it begins with a user data header."""
        return bool(self.esm_class & HEADED)

    @property
    def is_receipt(self) -> bool:
        """Whether a delivery is a receipt."""
        return self.esm_class & _KIND == _RECEIPT


def bind(one: Bind) -> bytes:
    """The body of bind_transceiver."""
    return _text(one.system_id) + _text(one.password) + _text(one.system_type) + bytes((VERSION, 0, 0)) + b"\0"


def bind_of(body: bytes) -> Bind | None:
    """Read one; None when it is none."""
    fields = _Fields(body)
    system_id, password, system_type = fields.text(16), fields.text(9), fields.text(13)
    return Bind(system_id, password, system_type) if fields.sound else None


def message(one: Message) -> bytes:
    """The body of submit_sm or deliver_sm. A content of more than 254 octets must stand in ``optional``."""
    return b"".join(
        (
            _text(one.service_type),
            bytes((one.source_ton, one.source_npi)),
            _text(one.source),
            bytes((one.destination_ton, one.destination_npi)),
            _text(one.destination),
            bytes((one.esm_class, 0, 0)),
            b"\0",
            _text(one.valid_until),
            bytes((one.registered, 0, one.coding, 0, len(one.content))),
            one.content,
            *(_TAG.pack(tag, len(value)) + value for tag, value in one.optional.items()),
        )
    )


def message_of(body: bytes) -> Message | None:
    """Read one; None when it is none. Optional parameters that nobody knows are kept."""
    fields = _Fields(body)
    service_type = fields.text(6)
    source_ton, source_npi, source = fields.octet(), fields.octet(), fields.text(21)
    destination_ton, destination_npi, destination = fields.octet(), fields.octet(), fields.text(21)
    esm_class, _, _ = fields.octet(), fields.octet(), fields.octet()
    _, valid_until = fields.text(17), fields.text(17)
    registered, _, coding, _ = fields.octet(), fields.octet(), fields.octet(), fields.octet()
    content = fields.octets(fields.octet())
    optional = fields.optional()
    if not fields.sound:
        return None
    return Message(
        source=source,
        destination=destination,
        content=content,
        service_type=service_type,
        source_ton=source_ton,
        source_npi=source_npi,
        destination_ton=destination_ton,
        destination_npi=destination_npi,
        esm_class=esm_class,
        valid_until=valid_until,
        registered=registered,
        coding=coding,
        optional=optional,
    )


def name(value: str) -> bytes:
    """The body of an answer that is a name: a message's, or a system's."""
    return _text(value)


def name_of(body: bytes) -> str:
    """Read one; optional parameters behind it are passed over, and an empty body is an empty name."""
    return body.partition(b"\0")[0].decode("ascii", "replace").strip()


def _text(value: str) -> bytes:
    return value.encode("ascii") + b"\0"


class _Fields:
    """Reads a body field by field; ``sound`` says in the end whether all of them were there."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self.sound = True

    def octet(self) -> int:
        return self.octets(1)[0] if self._at < len(self._body) else self._missing()

    def octets(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        self._at += count
        self.sound &= len(found) == count
        return found

    def text(self, most: int) -> str:
        end = self._body.find(b"\0", self._at, self._at + most)
        if end < 0:
            self._missing()
            self._at = len(self._body)
            return ""
        found = self._body[self._at : end]
        self._at = end + 1
        return found.decode("ascii", "replace")

    def optional(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self.sound and self._at < len(self._body):
            head = self.octets(_TAG.size)
            if len(head) == _TAG.size:
                tag, length = _TAG.unpack(head)
                found[tag] = self.octets(length)
        return found

    def _missing(self) -> int:
        self.sound = False
        return 0
