# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""投资项目代码, GB/T 40058-2021: the code of an investment project, 24 characters with its hyphens.

How its last character checks the others is not known here, so only the form is judged.
"""

import re
from dataclasses import dataclass

from contracts.identifiers.oddity import Malformed, Oddity
from contracts.identifiers.writing import as_meant
from contracts.text import Text

_FORM = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9A-Z]{2}-[0-9A-Z]{2}-[0-9A-Z]{6}")

_UNSHAPED = Oddity(
    "E_W_FORM",
    Text(
        "投资项目代码：时间 4 位-地区 6 位-部门 2 位-类型 2 位-随机与校验 6 位，含连字符共 24 位",
        "a project code of 24: time 4 - region 6 - ministry 2 - kind 2 - random and check 6",
    ),
    Text("请按在线审批监管平台的赋码填写", "Write it as the online approval platform gave it"),
)


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """A code of the right form. Made by :func:`parse`."""

    text: str

    @property
    def time(self) -> str:
        """时间, 4 digits."""
        return self.text[:4]

    @property
    def region(self) -> str:
        """地区, 6 digits."""
        return self.text[5:11]

    @property
    def ministry(self) -> str:
        """中央业务指导部门, 2 characters."""
        return self.text[12:14]

    @property
    def kind(self) -> str:
        """项目类型, 2 characters."""
        return self.text[15:17]

    @property
    def tail(self) -> str:
        """随机码与校验码, 6 characters. That the last alone is the check is recalled, not read in the standard."""
        return self.text[18:]


def parse(text: str) -> ProjectCode | Malformed:
    """The code, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else ProjectCode(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a 投资项目代码; empty when nothing is."""
    if _FORM.fullmatch(text):
        return ()
    meant, typed = as_meant(text)
    return typed if _FORM.fullmatch(meant) else (*typed, _UNSHAPED)
