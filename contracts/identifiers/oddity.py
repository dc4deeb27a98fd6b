# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is odd about an identifier: stable codes that programs may branch on, and words for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from contracts.text import Text

_WARNINGS = {
    "E_W_CHECK": Text("校验码不符", "The check character does not fit"),
    "E_W_DATE": Text("其中的日期不存在", "The date inside does not exist"),
    "E_W_LENGTH": Text("长度不对", "The length is wrong"),
    "E_W_TRUNCATED": Text("少一位", "One character is missing"),
    "E_W_ALPHABET": Text("含有该标识不使用的字符", "It has a character that this identifier does not use"),
    "E_W_FORM": Text("不是任何已知的写法", "It has none of the forms that are known"),
    "E_W_CASE": Text("字母应大写", "Its letters should be capitals"),
    "E_W_FULL_WIDTH": Text("含有全角字符", "It has full-width characters"),
    "E_W_BLANK": Text("含有空白", "It has blanks"),
    "E_W_OLD_FORM": Text("已停用的旧写法", "An old form that is no longer given out"),
    "E_W_RETIRED": Text("已停用的行政区划代码", "A division code that is no longer in use"),
}

WARNING_CODES: Mapping[str, Text] = MappingProxyType(_WARNINGS)
"""The codes of an :class:`Oddity`, and of a :class:`contracts.refusal.Violation` that is only a warning."""


class Oddity(NamedTuple):
    """One thing odd. A tuple, since what is told of it is looked up by it.

    ``code`` is one of :data:`WARNING_CODES`; no text repeats any of the identifier.
    """

    code: str
    expected: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text that is not quite the identifier it should be, and why; never empty."""

    oddities: tuple[Oddity, ...]


_CHECK = Text("与其余各位相符的校验码", "a check character that fits the others")
_COPY = Text("请与原件核对", "Compare it with the original")


def misfit(what: Text) -> Oddity:
    """The check character of this identifier does not fit."""
    return Oddity("E_W_CHECK", Text(f"{what.zh}：{_CHECK.zh}", f"{what.en}: {_CHECK.en}"), _COPY)


def misshapen(text: str, length: int, form: Text) -> Oddity:
    """A text that has not the form of an identifier with so many characters: too short, too long, or wrong in one of them."""
    if len(text) == length:
        return Oddity("E_W_ALPHABET", form, _COPY)
    return Oddity("E_W_TRUNCATED" if len(text) == length - 1 else "E_W_LENGTH", form, _COPY)
