# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""统一社会信用代码, GB 32100-2015: the unified social credit code of an organisation."""

import re
from dataclasses import dataclass

from contracts.identifiers.oddity import Malformed, Oddity, misfit, misshapen
from contracts.identifiers.writing import as_meant
from contracts.text import Text

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: digits and capitals without I, O, S, V, Z."""

LENGTH = 18

_FORM = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))

_NAME = Text("统一社会信用代码", "a USCC")
_SAID = Text(
    "统一社会信用代码：18 位数字与大写字母（不含 I、O、S、V、Z）",
    "a USCC of 18 digits and capitals without I, O, S, V, Z",
)


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code that is right in all that can be checked. Made by :func:`parse`."""

    text: str

    @property
    def authority(self) -> str:
        """登记管理部门, 1 character: which kind of authority registered the organisation."""
        return self.text[0]

    @property
    def category(self) -> str:
        """机构类别, 1 character."""
        return self.text[1]

    @property
    def region(self) -> str:
        """登记管理机关行政区划, 6 characters: where it was registered, by the code of that time."""
        return self.text[2:8]

    @property
    def organisation(self) -> str:
        """主体标识码, 9 characters: the organisation code (GB 11714) it had before, or would have had."""
        return self.text[8:17]

    @property
    def check(self) -> str:
        """校验码, 1 character."""
        return self.text[17]


def check_character(body: str) -> str:
    """The 18th character for the first 17, each of :data:`ALPHABET`: modulo 31 with weights 3^i."""
    return ALPHABET[-sum(_VALUES[character] * weight for character, weight in zip(body, _WEIGHTS, strict=True)) % 31]


def parse(text: str) -> Uscc | Malformed:
    """The code, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else Uscc(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a 统一社会信用代码; empty when nothing is.

    Whether the organisation code inside fits by itself is not asked: :func:`contracts.identifiers.organisation.warnings`
    can be asked for that.
    """
    meant, typed = as_meant(text)
    if not _FORM.fullmatch(meant):
        return (*typed, misshapen(meant, LENGTH, _SAID))
    return typed if check_character(meant[:-1]) == meant[-1] else (*typed, misfit(_NAME))
