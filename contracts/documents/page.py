# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a generated page says, apart from how it is written: headings, tables and lists, with every text in both languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from contracts.text import Text


class Language(Enum):
    """The languages of a page; the value is its tag (RFC 5646)."""

    ZH = "zh-CN"
    EN = "en"

    def of(self, text: Text) -> str:
        """The text in this language."""
        return text.zh if self is Language.ZH else text.en

    @property
    def other(self) -> "Language":
        """The language this one is not."""
        return Language.EN if self is Language.ZH else Language.ZH


@dataclass(frozen=True, slots=True)
class Words:
    """Something said. Nothing in it is markup."""

    text: Text


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be written exactly so, in any language."""

    text: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """To another generated page, by its name."""

    page: str
    label: "Span"


@dataclass(frozen=True, slots=True)
class HubLink:
    """To a path of a running hub. A page that is read elsewhere shows the path."""

    path: str


@dataclass(frozen=True, slots=True)
class Break:
    """The next line, inside a cell or a paragraph."""


Span: TypeAlias = Words | Code | PageLink | HubLink | Break
Inline: TypeAlias = tuple[Span, ...]
"""What stands in one line, cell or item."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 2 or 3; the page's title is the only one of level 1. ``anchor`` is unique on the page and never translated."""

    level: int
    content: Inline
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    content: Inline


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; never empty."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has as many cells as the head."""

    head: tuple[Text, ...]
    rows: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines to be written exactly so; ``syntax`` names what they are written in."""

    syntax: str
    text: Text


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that are shown when somebody asks for them."""

    summary: Inline
    blocks: "tuple[Block, ...]"


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Listing | Folded


@dataclass(frozen=True, slots=True)
class Page:
    """``name`` is unique among all pages and stands in their addresses."""

    name: str
    title: Text
    blocks: tuple[Block, ...]


def words(zh: str, en: str) -> Words:
    """Something said, in both languages."""
    return Words(Text(zh, en))


def same(text: str) -> Words:
    """Something that stands there in one language only, such as a Chinese title."""
    return Words(Text(text, text))


def lines(contents: Iterable[Inline]) -> Inline:
    """Each of these on its own line."""
    spread = [span for content in contents for span in (Break(), *content)]
    return tuple(spread[1:])


def codes(names: Sequence[str]) -> Inline:
    """Several names, one after the other."""
    spread: list[Span] = []
    for name in names:
        spread += [same(" "), Code(name)] if spread else [Code(name)]
    return tuple(spread)
