# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The character encodings of our neighbours: UTF-8, GB18030-2022 and GB 2312-80.

What a codec of another year or another maker reads differently is settled here once:

* **GB18030 is that of 2022** (in force since 2023-08-01). Python's own codec is that of 2000. Between them 8 rare ideographs
  (U+9FB4 to U+9FBB) and 10 vertical forms (U+FE10 to U+FE19) left the private use area, and U+1E3F changed places with
  U+E7C7 in 2005. Read: both the two-byte and the four-byte code of the 18 give the character, as in the WHATWG Encoding
  Standard. Written: the two-byte code. The 18 private-use points that once stood for them cannot be written, since they
  would come back as another character. Every other scalar value, of every plane and of private use, goes and comes back.
* **GB2312 is written strictly and read generously.** Written: the 7445 characters of GB 2312-80 and ASCII, and nothing
  else. Read: all of GB18030, because senders that declare GB2312 send GBK and GB18030 (the same standard reads it so).
* **``·`` (U+00B7) and ``—`` (U+2014) are A1A4 and A1AA** in all three, as GBK and GB18030 say. The GB2312 codec of Python
  gives U+30FB and U+2015 instead, and could not write the ``·`` of a name.
* **The euro sign** is A2E3 in GB18030 and is not in GB2312. The single byte 80 of Windows code page 936 is not GB18030 and
  is refused, as FF is.

Of 1 111 918 characters beyond ASCII that GB18030 writes here, the decoder of ICU 78 (Node's TextDecoder) reads all but one
alike (A3A0: U+E5E5 here, an ideographic space there), that of glibc 2.36 all but six (FE51, FE52, FE53, FE6C, FE76 and FE91:
private use here as in the standard, ideographs of plane 2 there).
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache


@dataclass(frozen=True, slots=True)
class Unencodable:
    """The first character of a text that an encoding does not have; ``index`` counts characters from 0."""

    character: str
    index: int

    def __str__(self) -> str:
        return (
            f"U+{ord(self.character):04X}"
            if _invisible(self.character)
            else f"{self.character} (U+{ord(self.character):04X})"
        )


@dataclass(frozen=True, slots=True)
class Undecodable:
    """The first byte that is not of the encoding; ``index`` counts bytes from 0."""

    index: int


class Encoding(Enum):
    """An encoding by the name that IANA has for it, which is also what an XML declaration says."""

    UTF_8 = "UTF-8"
    GB18030 = "GB18030"
    GB2312 = "GB2312"

    def encode(self, text: str) -> bytes | Unencodable:
        """The bytes of a text, which :meth:`decode` gives back exactly."""
        match self:
            case Encoding.UTF_8:
                return _utf_8(text)
            case Encoding.GB18030:
                return _gb18030(text)
            case Encoding.GB2312:
                outside = _outside_gb2312().search(text)
                return text.encode("gb18030") if outside is None else Unencodable(outside[0], outside.start())

    def decode(self, body: bytes) -> str | Undecodable:
        """The text of some bytes; a byte order mark is a character like any other."""
        try:
            if self is Encoding.UTF_8:
                return body.decode()
            text = body.decode("gb18030")
        except UnicodeDecodeError as error:
            return Undecodable(error.start)
        return text.translate(_READ) if _MOVED.search(text) else text


def named(label: str) -> Encoding | None:
    """The encoding a charset parameter or an XML declaration names, in any case; None when it is not one of ours."""
    return _NAMES.get(label.strip().lower())


_NAMES = {
    "utf-8": Encoding.UTF_8,
    "utf8": Encoding.UTF_8,
    "us-ascii": Encoding.UTF_8,
    "gb18030": Encoding.GB18030,
    "gb18030-2000": Encoding.GB18030,
    "gb18030-2005": Encoding.GB18030,
    "gb18030-2022": Encoding.GB18030,
    "gb2312": Encoding.GB2312,
    "gb_2312-80": Encoding.GB2312,
    "csgb2312": Encoding.GB2312,
    "euc-cn": Encoding.GB2312,
    "gbk": Encoding.GB18030,
    "x-gbk": Encoding.GB18030,
    "cp936": Encoding.GB18030,
    "ms936": Encoding.GB18030,
    "windows-936": Encoding.GB18030,
}

# The private-use point that Python's codec gives for a two-byte code, and the character that the code means since.
_STANDINS = {
    **dict(zip((0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864), range(0x9FB4, 0x9FBC), strict=True)),
    **dict(zip(
        (0xE78D, 0xE78F, 0xE78E, 0xE790, 0xE791, 0xE792, 0xE793, 0xE794, 0xE795, 0xE796), range(0xFE10, 0xFE1A), strict=True
    )),
}  # fmt: skip
_SWAPPED = {0x1E3F: 0xE7C7, 0xE7C7: 0x1E3F}
_READ = _STANDINS | _SWAPPED
_WRITTEN = {character: standin for standin, character in _STANDINS.items()} | _SWAPPED
_MOVED = re.compile(f"[{''.join(map(chr, _READ))}]")
_MOVING = re.compile(f"[{''.join(map(chr, _WRITTEN))}{''.join(map(chr, _STANDINS))}]")


def _utf_8(text: str) -> bytes | Unencodable:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        return Unencodable(text[error.start], error.start)


def _gb18030(text: str) -> bytes | Unencodable:
    if _MOVING.search(text):
        gone = next((index for index, character in enumerate(text) if ord(character) in _STANDINS), None)
        if gone is not None:
            return Unencodable(text[gone], gone)
        text = text.translate(_WRITTEN)
    try:
        return text.encode("gb18030")
    except UnicodeEncodeError as error:  # a lone surrogate
        return Unencodable(text[error.start], error.start)


@cache
def _outside_gb2312() -> re.Pattern[str]:
    """Finds a character that is neither ASCII nor in GB 2312-80, whose repertoire is read off Python's codec."""
    rows = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    characters = sorted(code.decode("gb18030") for code in rows if code.decode("gb2312", "ignore"))
    return re.compile(f"[^\\x00-\\x7f{''.join(characters)}]")


def _invisible(character: str) -> bool:
    return not character.isprintable()
