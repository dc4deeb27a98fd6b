# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How an identifier was typed: full-width characters, blanks and small letters hide one that is otherwise right."""

import re

from contracts.identifiers.oddity import Oddity
from contracts.text import Text

_AS_MEANT = re.compile("[!-`{-~]*")
"""Printable ASCII without blanks and small letters."""

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_CAPITALS = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}

_RETYPE = Text("改正写法后重新发送", "Correct the writing and send it again")
_FULL_WIDTH = Oddity("E_W_FULL_WIDTH", Text("半角字符", "half-width characters"), _RETYPE)
_BLANK = Oddity("E_W_BLANK", Text("不含空白", "no blanks"), _RETYPE)
_CASE = Oddity("E_W_CASE", Text("大写字母", "capital letters"), _RETYPE)


def as_meant(text: str) -> tuple[str, tuple[Oddity, ...]]:
    """The text half-width, without blanks and in capitals (ASCII letters only), and what had to be changed for that."""
    if _AS_MEANT.fullmatch(text):
        return text, ()
    half = text.translate(_HALF_WIDTH)
    whole = "".join(half.split())
    capital = whole.translate(_CAPITALS)
    changes = ((half != text, _FULL_WIDTH), (whole != half, _BLANK), (capital != whole, _CASE))
    return capital, tuple(oddity for changed, oddity in changes if changed)
