# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The few elements of DER (X.690) that a signed structure is made of, written and read by hand: it is made for every commit.

What is read here has passed :func:`certs.der.is_der`: lengths are minimal and nothing reaches beyond its end.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

INTEGER, OCTETS, NULL, OID, SEQUENCE, SET = 0x02, 0x04, 0x05, 0x06, 0x30, 0x31
TAG_0, TAG_1 = 0xA0, 0xA1


def element(tag: int, content: bytes) -> bytes:
    """One element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of elements."""
    return element(SEQUENCE, b"".join(parts))


def set_of(parts: Iterable[bytes], tag: int = SET) -> bytes:
    """A SET OF, in the order that DER wants."""
    return element(tag, b"".join(sorted(parts)))


@lru_cache(maxsize=256)
def identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    return element(OID, b"".join(map(_base_128, (first * 40 + second, *rest))))


def members(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The elements that stand in this content one after the other: tag, content, and the whole element."""
    at = 0
    while at < len(content):
        length, inside = content[at + 1], at + 2
        if length & 0x80:
            inside += length & 0x7F
            length = int.from_bytes(content[at + 2 : inside], "big")
        end = inside + length
        yield content[at], content[inside:end], content[at:end]
        at = end


def _base_128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))
