# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers with check digits. Real data breaks them often, so a broken one is a warning and never a refusal here.

A warning says what is odd and never repeats the identifier: it may be personal.
"""

import re
from datetime import date

from contracts import forms
from contracts.text import Text

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(f"[{_USCC_ALPHABET}]{{18}}")
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_CITIZEN = re.compile(r"[0-9]{17}[0-9X]")
_CITIZEN_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CITIZEN_CHECKS = "10X98765432"

_REGION = re.compile(forms.REGION.removeprefix("^").removesuffix("$"))

_USCC_FORM = Text(
    "统一社会信用代码应为 18 位数字与大写字母（不含 I、O、S、V、Z）",
    "A USCC has 18 digits and capitals without I, O, S, V, Z",
)
_USCC_CHECK = Text("统一社会信用代码的校验码不符", "The check character of the USCC does not fit")
_CITIZEN_FORM = Text(
    "公民身份号码应为 17 位数字加数字或大写 X", "A citizen number has 17 digits and a digit or capital X"
)
_CITIZEN_DATE = Text("公民身份号码中的出生日期不存在", "The date of birth in the citizen number does not exist")
_CITIZEN_CHECK = Text("公民身份号码的校验码不符", "The check character of the citizen number does not fit")


def uscc_check_character(body: str) -> str:
    """The 18th character for the first 17 of a 统一社会信用代码, GB 32100-2015 (modulo 31, weights 3^i)."""
    total = sum(_USCC_ALPHABET.index(character) * weight for character, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def uscc_warnings(code: str) -> tuple[Text, ...]:
    """What is odd about a 统一社会信用代码; empty when nothing is."""
    if not _USCC.fullmatch(code):
        return (_USCC_FORM,)
    return () if uscc_check_character(code[:17]) == code[17] else (_USCC_CHECK,)


def citizen_check_character(body: str) -> str:
    """The 18th character for the first 17 digits of a 公民身份号码, GB 11643-1999 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _CITIZEN_WEIGHTS, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def citizen_warnings(number: str) -> tuple[Text, ...]:
    """What is odd about a 公民身份号码; empty when nothing is.

    The division code is not judged: it may be younger than the holder, retired, or a permit's (81 to 83).
    """
    if not _CITIZEN.fullmatch(number):
        return (_CITIZEN_FORM,)
    dated = () if _exists(number[6:14]) else (_CITIZEN_DATE,)
    checked = () if citizen_check_character(number[:17]) == number[17] else (_CITIZEN_CHECK,)
    return dated + checked


def _exists(day: str) -> bool:
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True


def is_region(code: str) -> bool:
    """Whether this has the form of a 行政区划代码: 6, 9 or 12 digits."""
    return _REGION.fullmatch(code) is not None
