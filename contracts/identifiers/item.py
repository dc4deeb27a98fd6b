# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""实施编码: the code of an item as one department carries it out. Several standards and one province's own form are in use.

The national form of 31 characters is 统一社会信用代码 18, 行使层级 1 and 基本编码 12 (GB/T 39554.1); one of 33 has two more
for the 业务办理项 (recalled, not read in the standard). GB/T 39046-2020 has up to 24 characters, and basic codes of 10; other
lengths in use are 36 and 50. What those are made of is not known, so they are taken as they are.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from contracts.codes import ItemCodeKind
from contracts.identifiers import department, uscc
from contracts.identifiers.oddity import Malformed, Oddity
from contracts.identifiers.writing import as_meant
from contracts.text import Text

_NATIONAL = re.compile(r"[0-9A-Z]{18}[0-9A-Z][0-9A-Z]{12}(?:[0-9A-Z]{2})?")
_OLD_BASIC = re.compile(r"[A-Z]{2}[0-9]{5}[0-9A-Z]{3}")
_SICHUAN = re.compile(
    r"(?P<basic>[0-9A-Z]{12}(?:[0-9A-Z]{2})?)-(?P<region>[0-9]{12})-(?P<part>[0-9A-Z]{3})"
    r"-(?P<department>[0-9A-Z]{9}|[0-9A-Z]{17,18})-(?P<kind>[0-9A-Z])-(?P<handling>[0-9A-Z]{2})"
)
_OPAQUE = {24, 36, 50}
_PLAIN = re.compile(r"[!-~]+")
_LEVELS = "1234567"

_COMPARE = Text("请核对事项库中的实施编码", "Compare it with the code in the catalogue of items")
_UNKNOWN = Oddity(
    "E_W_FORM",
    Text(
        "10、24、31、33、36、50 位的事项编码，或四川省的分段编码",
        "an item code of 10, 24, 31, 33, 36 or 50 characters, or one in Sichuan's parts",
    ),
    _COMPARE,
)
_LEVEL = Oddity(
    "E_W_ALPHABET",
    Text("第 19 位为行使层级代码 1 至 7", "the level of exercise, 1 to 7, as the 19th character"),
    _COMPARE,
)


@dataclass(frozen=True, slots=True)
class NationalItem:
    """实施编码 of 31 characters, or 33 with a 业务办理项. Made by :func:`parse`."""

    text: str

    @property
    def department(self) -> str:
        """实施主体的统一社会信用代码, 18 characters."""
        return self.text[:18]

    @property
    def level(self) -> str:
        """行使层级, GB/T 39046-2020 table A.2."""
        return self.text[18]

    @property
    def basic(self) -> str:
        """基本编码, 12 characters; 区划 2, 类型 2, 部门 2, 主项 3, 子项 3 by recollection only, so not taken apart."""
        return self.text[19:31]

    @property
    def handling(self) -> str | None:
        """业务办理项, 2 characters; None in a code of 31."""
        return self.text[31:] or None


@dataclass(frozen=True, slots=True)
class SichuanItem:
    """事项编码 as the platform of Sichuan writes it, in six parts with hyphens. Made by :func:`parse`."""

    text: str

    @property
    def basic(self) -> str:
        """基本编码, 12 or 14 characters."""
        return self.text.split("-")[0]

    @property
    def region(self) -> str:
        """行政区划, 12 digits."""
        return self.text.split("-")[1]

    @property
    def department(self) -> str:
        """实施主体: a 统一社会信用代码 (18) or 组织机构代码 (9)."""
        return self.text.split("-")[3]


@dataclass(frozen=True, slots=True)
class PlainItem:
    """A code whose inside is not known or not told: basic codes of 10, and codes of 24, 36 and 50. Made by :func:`parse`."""

    text: str


Item: TypeAlias = NationalItem | SichuanItem | PlainItem


def parse(text: str) -> Item | Malformed:
    """The code, or everything odd about it. Never raises."""
    oddities = warnings(text)
    if oddities:
        return Malformed(oddities)
    if _NATIONAL.fullmatch(text):
        return NationalItem(text)
    return SichuanItem(text) if _SICHUAN.fullmatch(text) else PlainItem(text)


def warnings_of_kind(kind: str, text: str) -> tuple[Oddity, ...]:
    """What is odd about an item's code that its record says to be of this kind: nothing about a site's own."""
    return () if kind == ItemCodeKind.LOCAL else warnings(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about an item's code; empty when nothing is. Of a form that is not known, only that is said."""
    if len(text) in _OPAQUE and _PLAIN.fullmatch(text):
        return ()
    meant, typed = as_meant(text)
    if _NATIONAL.fullmatch(meant):
        level = () if meant[18] in _LEVELS else (_LEVEL,)
        return (*typed, *uscc.warnings(meant[:18]), *level)
    if (parts := _SICHUAN.fullmatch(meant)) is not None:
        return (*typed, *department.warnings(parts["department"]))
    if _OLD_BASIC.fullmatch(meant) or len(meant) in _OPAQUE:
        return typed
    return (_UNKNOWN,)
