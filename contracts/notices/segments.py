# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The parts in which a text travels by text message: counted here, before it is sent, and cut here, when it is. 分条

A short message holds 140 octets (3GPP TS 23.040). A text that does not fit is cut into parts, each with a header of six
octets that says where it belongs (concatenation with an 8-bit reference), so a part of a long text holds less.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of 3GPP TS 23.038, without its escape."""
_EXTENSION = frozenset("\f^{}\\[~]|€")
"""What stands behind an escape, and so takes two places."""


class Alphabet(StrEnum):
    """How a text is written in a short message. ``single`` and ``part`` are the places of a whole message and of one part."""

    single: int
    part: int

    def __new__(cls, value: str, single: int, part: int) -> Self:
        """An alphabet with its sizes."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.single = single
        member.part = part
        return member

    ASCII = "ascii", 160, 134
    """One octet each. CMPP takes 160 of them where nothing is cut; a part is 140 octets with its header."""
    GSM7 = "gsm7", 160, 153
    """The default alphabet, seven bits each; ten further characters take two places."""
    GB = "gb", 140, 134
    """Two octets for a Chinese character (GBK), one for ASCII. Without the four-octet characters of GB 18030."""
    UCS2 = "ucs2", 70, 67
    """Two octets each, by UTF-16: a character beyond the basic plane takes two places and is never cut apart."""

    def places(self, character: str) -> int | None:
        """How many places a character takes; None: it cannot be written."""
        match self:
            case Alphabet.ASCII:
                return 1 if character.isascii() else None
            case Alphabet.GSM7:
                return 1 if character in _BASIC else 2 if character in _EXTENSION else None
            case Alphabet.GB:
                return _gb_octets(character)
            case Alphabet.UCS2:
                return 1 if ord(character) < 0x10000 else 2


def _gb_octets(character: str) -> int | None:
    try:
        return len(character.encode("gbk"))
    except UnicodeEncodeError:
        return None


@dataclass(frozen=True, slots=True)
class Segmented:
    """A text in its parts; together they are the text. ``places`` is its whole length in the alphabet."""

    alphabet: Alphabet
    places: int
    parts: tuple[str, ...]


def segmented(text: str, alphabets: tuple[Alphabet, ...] = (Alphabet.GSM7, Alphabet.UCS2)) -> Segmented:
    """The text in the first of the alphabets that can write all of it; the last must be UCS2. An empty text is one part.

    A text of at most ``single`` places is one part; a longer one is cut greedily into parts of at most ``part`` places.
    """
    assert alphabets[-1] is Alphabet.UCS2, "what nothing else can write, UCS2 does"
    alphabet = next(one for one in alphabets if all(one.places(character) for character in text))
    sizes = [alphabet.places(character) or 0 for character in text]
    places = sum(sizes)
    if places <= alphabet.single:
        return Segmented(alphabet, places, (text,))
    parts: list[str] = []
    begun = filled = 0
    for at, size in enumerate(sizes):
        if filled + size > alphabet.part:
            parts.append(text[begun:at])
            begun, filled = at, 0
        filled += size
    return Segmented(alphabet, places, (*parts, text[begun:]))
