# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""组织机构代码, GB 11714-1997: what organisations had before the 统一社会信用代码, and characters 9 to 17 of that."""

import re
from dataclasses import dataclass

from contracts.identifiers.oddity import Malformed, Oddity, misfit, misshapen
from contracts.identifiers.writing import as_meant
from contracts.text import Text

LENGTH = 9

_FORM = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "0123456789X"

_NAME = Text("组织机构代码", "an organisation code")
_SAID = Text(
    "组织机构代码：8 位数字或大写字母加 1 位校验码",
    "an organisation code of 8 digits or capitals and a check character",
)


@dataclass(frozen=True, slots=True)
class OrganisationCode:
    """A code that is right in all that can be checked, with or without the hyphen. Made by :func:`parse`."""

    text: str

    @property
    def body(self) -> str:
        """本体代码, 8 characters."""
        return self.text[:8]

    @property
    def check(self) -> str:
        """校验码, 1 character."""
        return self.text[-1]


def check_character(body: str) -> str:
    """The 9th character for the first 8 (0-9, A-Z): modulo 11. Ten is written X.

    Letters count 10 to 35, so characters that differ by 11 or 22 (0 and B, for instance) are not told apart.
    """
    total = sum(int(character, 36) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECKS[-total % 11]


def parse(text: str) -> OrganisationCode | Malformed:
    """The code, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else OrganisationCode(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a 组织机构代码; empty when nothing is."""
    meant, typed = as_meant(text)
    if not _FORM.fullmatch(meant):
        return (*typed, misshapen(meant.replace("-", ""), LENGTH, _SAID))
    return typed if check_character(meant[:8]) == meant[-1] else (*typed, misfit(_NAME))
