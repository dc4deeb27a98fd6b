# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes in, whole packets out, however they were split or glued on their way. Pure. CMPP V3.0.0 (QB-GF-028-2003), 7.3.

A packet is a header of 12 octets, big-endian (length with the header, command, sequence number), and a body.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from connectors.sdk.sms.conversation import Desynchronised

HEADER_BYTES = 12
MOST_BYTES = 8_192
"""No packet of the protocol is longer: a submission to 99 numbers has about 3,500 octets."""

_HEADER = struct.Struct("!III")


class Frame(NamedTuple):
    """One packet. ``command`` and ``sequence`` are of its header."""

    command: int
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
            length, command, sequence = _HEADER.unpack_from(data, at)
            if not HEADER_BYTES <= length <= MOST_BYTES:
                self._rest = b""
                yield Desynchronised(length)
                return
            if end - at < length:
                break
            yield Frame(command, sequence, data[at + HEADER_BYTES : at + length])
            at += length
        self._rest = data[at:]


def framed(command: int, sequence: int, body: bytes = b"") -> bytes:
    """A packet as it goes out."""
    return _HEADER.pack(HEADER_BYTES + len(body), command, sequence) + body
