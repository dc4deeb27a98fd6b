# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A text as the octets of its parts. Pure. 3GPP TS 23.040, 9.2.3.24.1 (concatenation), TS 23.038 (codings).

A text that fits is one part without a header. A longer one is cut by :mod:`contracts.notices.segments`, the same pieces that
were counted before; each begins with six octets: ``05 00 03``, a reference, how many parts, which one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.sdk.outcomes import Rejected
from connectors.sdk.sms import gsm7
from contracts.notices.segments import Alphabet, segmented

HEADER_BYTES: Final = 6
MOST_PARTS: Final = 255

_ENCODERS: Final[Mapping[Alphabet, Callable[[str], bytes]]] = {
    Alphabet.ASCII: lambda text: text.encode("ascii"),
    Alphabet.GSM7: gsm7.encode,
    Alphabet.UCS2: lambda text: text.encode("utf-16-be"),
    Alphabet.GB: lambda text: text.encode("gb18030"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part; ``headed`` says that it begins with a header."""

    content: bytes = field(repr=False)
    headed: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in its parts, and the alphabet of all of them."""

    alphabet: Alphabet
    parts: tuple[Part, ...]


def cut(text: str, alphabets: tuple[Alphabet, ...], reference: int) -> Cut | None:
    """The parts of a text in the first alphabet that has all of it; None where they are more than 255, or it is no text.

    ``reference`` tells the parts of one message from those of another to the same number; it counts to 255.
    """
    whole = segmented(text, alphabets)
    count = len(whole.parts)
    encode = _ENCODERS[whole.alphabet]
    try:
        pieces = [encode(part) for part in whole.parts]
    except UnicodeEncodeError:
        return None
    if count == 1:
        return Cut(whole.alphabet, (Part(pieces[0], headed=False),))
    if count > MOST_PARTS:
        return None
    return Cut(
        whole.alphabet,
        tuple(
            Part(bytes((5, 0, 3, reference & 0xFF, count, number)) + piece, headed=True)
            for number, piece in enumerate(pieces, 1)
        ),
    )


def too_long(most: int) -> Rejected:
    """What a text comes to that has more parts than it may have."""
    return Rejected("TEXT_TOO_LONG", f"超过 {most} 条，请缩短内容 / more than {most} parts; shorten the text")
