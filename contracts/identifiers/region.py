# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""行政区划代码, GB/T 2260 and below: 6, 9 or 12 digits for province 2, city 2, county 2, township 3 and village 3."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from contracts import forms
from contracts.identifiers.oddity import Malformed, Oddity, misshapen
from contracts.identifiers.successions import Successions, load
from contracts.identifiers.writing import as_meant
from contracts.text import Text

_FORM = re.compile(forms.REGION.removeprefix("^").removesuffix("$"))
_ENDS = (2, 4, 6, 9, 12)
_OWN_TABLE = Path(__file__).parent / "data" / "regions.yaml"

_SAID = Text("6、9 或 12 位数字的行政区划代码", "a division code of 6, 9 or 12 digits")
_RETIRED = Oddity(
    "E_W_RETIRED",
    Text(
        "在用的行政区划代码；此代码所属的区划已撤销", "a division code in use; the division of this one was abolished"
    ),
    Text(
        "新的业务请改用继任区划的代码；历史数据可保留",
        "Use its successor's code for new business; old records may keep it",
    ),
)


@dataclass(frozen=True, slots=True)
class Region:
    """A code of the right form. Whether there is such a division, or was, is not known. Made by :func:`parse`."""

    text: str

    @property
    def prefix(self) -> str:
        """How the codes of everything inside begin: ``51`` of 510000, ``5105`` of 510500, ``510502`` of 510502000000."""
        text = self.text
        return next((text[:end] for end in _ENDS if not text[end:].strip("0")), text)

    def contains(self, other: "Region") -> bool:
        """Whether the other is this one or lies inside it, by the codes alone."""
        return other.prefix.startswith(self.prefix)


def parse(text: str) -> Region | Malformed:
    """The code, or why it is none. A retired code is one. Never raises."""
    meant, typed = as_meant(text)
    if not _FORM.fullmatch(meant):
        return Malformed((*typed, misshapen(meant, 6, _SAID)))
    return Malformed(typed) if typed else Region(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a division code; empty when nothing is.

    The county it names, or the place inside it, may be retired, going by the table that comes with the hub.
    """
    parsed = parse(text)
    if isinstance(parsed, Malformed):
        return parsed.oddities
    return (_RETIRED,) if text[:6] in known().retired else ()


def successor(code: Region, on: date, successions: Successions | None = None) -> Region | None:
    """The division in whose place this one stood on that day, as many digits long; None: it was not retired then.

    Only the retired division itself has one: whether the codes of places inside went along, its table does not say.
    ``successions`` is the table asked, that of the hub if none is given.
    """
    table = known() if successions is None else successions
    found = table.successor(code.text[:6] if len(code.prefix) <= 6 else code.text, on)
    return None if found is None else Region(found.ljust(len(code.text), "0"))


@cache
def known() -> Successions:
    """The successions that come with the hub; a deployment may add its own to them."""
    table = load(_OWN_TABLE)
    assert isinstance(table, Successions), f"our own table is wrong: {table}"
    return table
