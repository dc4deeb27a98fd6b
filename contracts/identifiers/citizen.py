# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""公民身份号码, GB 11643-1999: the number of a citizen's identity card. Personal data."""

import re
from dataclasses import dataclass, field
from datetime import date

from contracts.identifiers.oddity import Malformed, Oddity, misfit, misshapen
from contracts.identifiers.writing import as_meant
from contracts.text import Text

LENGTH = 18

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_OLD_FORM = re.compile(r"[0-9]{15}")
_CHECKS = "0123456789X"

_NAME = Text("公民身份号码", "a citizen number")
_SAID = Text("公民身份号码：17 位数字加数字或大写 X", "a citizen number of 17 digits and a digit or capital X")
_DATE = Oddity(
    "E_W_DATE",
    Text(
        "公民身份号码：第 7 至 14 位为存在的出生日期",
        "a citizen number whose 7th to 14th digits are a date that exists",
    ),
    Text("请与证件核对", "Compare it with the card"),
)
_OLD = Oddity(
    "E_W_OLD_FORM",
    Text(
        "18 位公民身份号码；15 位的是第一代居民身份证的旧号码",
        "a citizen number of 18 characters; one of 15 digits is from the first generation of cards",
    ),
    Text("请申请人出示现行证件", "Ask the applicant for the present card"),
)


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A number that is right in all that can be checked; its ``repr`` does not show it. Made by :func:`parse`."""

    text: str = field(repr=False)

    @property
    def region(self) -> str:
        """地址码, 6 digits: where the number was given out, by the code of that time."""
        return self.text[:6]

    @property
    def born(self) -> date:
        """出生日期码."""
        return date.fromisoformat(self.text[6:14])

    @property
    def sequence(self) -> str:
        """顺序码, 3 digits."""
        return self.text[14:17]

    @property
    def check(self) -> str:
        """校验码, 1 character."""
        return self.text[17]


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits: ISO 7064 MOD 11-2, ten written X.

    The weights are powers of 2 modulo 11. 13 is 2 modulo 11, so reading the digits to the base 13 weighs them at once.
    """
    return _CHECKS[(1 - 2 * int(body, 13)) % 11]


def parse(text: str) -> CitizenNumber | Malformed:
    """The number, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else CitizenNumber(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a 公民身份号码; empty when nothing is.

    The division code is not judged: it may be younger than the holder, retired, or a residence permit's (81 to 83).
    """
    if _FORM.fullmatch(text) and check_character(text[:-1]) == text[-1] and _exists(text[6:14]):
        return ()
    meant, typed = as_meant(text)
    if _OLD_FORM.fullmatch(meant):
        return (*typed, _OLD)
    if not _FORM.fullmatch(meant):
        return (*typed, misshapen(meant, LENGTH, _SAID))
    dated = () if _exists(meant[6:14]) else (_DATE,)
    checked = () if check_character(meant[:-1]) == meant[-1] else (misfit(_NAME),)
    return (*typed, *dated, *checked)


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
