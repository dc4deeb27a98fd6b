# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""办件编号: the number of a case. Opaque: every site makes it another way, and nothing is ever read out of it."""

from dataclasses import dataclass

from contracts.identifiers.oddity import Malformed, Oddity
from contracts.text import Text

LONGEST = 50
"""an..50 in GB/T 39046-2020, varchar(50) in the national front database."""

_LENGTH = Oddity(
    "E_W_LENGTH",
    Text("1 至 50 个字符的办件编号", "a case number of 1 to 50 characters"),
    Text("请按赋码系统给出的编号填写", "Write the number as the system that gave it"),
)
_BLANK = Oddity(
    "E_W_BLANK",
    Text("首尾不含空白的办件编号", "a case number without blanks around it"),
    Text("请去掉首尾空白", "Remove the blanks"),
)


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """A case number; it has no parts. Made by :func:`parse`."""

    text: str


def parse(text: str) -> CaseNumber | Malformed:
    """The number, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else CaseNumber(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a case number: its length, and blanks around it; nothing else can be."""
    if not text.strip() or len(text) > LONGEST:
        return (_LENGTH,)
    return (_BLANK,) if text != text.strip() else ()
