# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""DER (X.690) from outside: looked over before anybody builds anything of it, then read by a typed specification.

What is signed must have one reading. So lengths are definite and minimal, strings are primitive, nothing stands behind the
end, and nesting has a limit; a reader that is more lenient never sees the rest.
"""

from collections.abc import Callable
from typing import TypeVar

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 24
MAX_NODES = 100_000

_CONSTRUCTED = 0x20
_MULTI_BYTE = 0x1F
_SEQUENCE_AND_SET = frozenset({0x30, 0x31})
T = TypeVar("T")


def is_der(data: bytes) -> bool:
    """Whether these bytes are one element of DER and nothing else. Does not look into octet and bit strings."""
    if not 2 <= len(data) <= MAX_BYTES:
        return False
    ends = [len(data)]
    at, nodes = 0, 0
    while at < len(data):
        while at == ends[-1] and len(ends) > 1:
            ends.pop()
        header = _header(data, at, ends[-1])
        nodes += 1
        if header is None or nodes > MAX_NODES or (at == 0 and header[1] != len(data)):
            return False
        inside, end = header
        if data[at] & _CONSTRUCTED:
            if len(ends) > MAX_DEPTH:
                return False
            ends.append(end)
            at = inside
        else:
            at = end
    return True


def decoded(data: bytes, read: Callable[[bytes], T]) -> T | None:
    """What ``read`` makes of the bytes; None if they are not DER, or not what it wants. The library under it raises whatever
    it happens to stumble over.
    """
    if not is_der(data):
        return None
    try:
        return read(data)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError):
        return None


def _header(data: bytes, at: int, limit: int) -> tuple[int, int] | None:
    """Where the contents of the element at this place begin and end; None if it is none."""
    if at + 2 > limit:
        return None
    tag, length = data[at], data[at + 1]
    if tag & _MULTI_BYTE == _MULTI_BYTE:  # no structure that we read has a tag above 30
        return None
    if tag & _CONSTRUCTED and not tag & 0xC0 and tag not in _SEQUENCE_AND_SET:
        return None  # a string in pieces
    inside = at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or inside + count > limit or not data[inside]:  # more is no file
            return None
        length = int.from_bytes(data[inside : inside + count], "big")
        inside += count
        if length < 0x80:
            return None
    end = inside + length
    return None if end > limit else (inside, end)
