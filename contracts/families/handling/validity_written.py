# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""有效期限 in words and as facts: what is read out of the words, and how facts are written as words.

Only what is certain is read: two days, one of them, or 长期. ``5年`` counts from a day that the words do not give, and
2099-12-31 may stand for 长期 or for itself; such words stay words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.cloudevent import JsonValue
from contracts.codes import Validity
from contracts.conversion import Finding, Record
from contracts.families.validity import LONG_TERM
from contracts.steps import lost
from contracts.text import Text

_OLD = "valid_for"
_FACTS = ("validity", "valid_from", "valid_until")
_WORDS = "validity_text"

_DAY = r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2})|/([0-9]{1,2})/([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
_ENDS: Record = {"validity": Validity.UNTIL.value}
_GOES_ON: Record = {"validity": Validity.LONG_TERM.value}
_FORMS: tuple[tuple[re.Pattern[str], Record, tuple[str, ...]], ...] = (
    (re.compile(f"自?{_DAY}起?[至到]{_DAY}"), _ENDS, ("valid_from", "valid_until")),
    (re.compile(f"自?{_DAY}起?[至到]?长期(?:有效)?"), _GOES_ON, ("valid_from",)),
    (re.compile(f"(?:有效期)?至{_DAY}"), _ENDS, ("valid_until",)),
    (re.compile(f"自{_DAY}起"), {}, ("valid_from",)),
)
_LONG = {"长期", "长期有效"}

_NOT_BOTH = Text("旧版本只容一句文字", "The older version holds one phrase only")
_READ = Text("旧版本的文字读回来不是原样", "Read back from the older version's words it is not the same")


@dataclass(frozen=True, slots=True)
class ValidityStructured:
    """``valid_for``, words of at most 30 characters, becomes ``validity``, ``valid_from`` and ``valid_until`` where the
    words are certain; words that are not, or not in our own way of writing, stay in ``validity_text``.
    """

    def up(self, record: Record) -> tuple[Finding, ...]:
        words = record.pop(_OLD, None)
        if isinstance(words, str):
            record.update(_understood(words))
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        told = {name: record.pop(name) for name in (*_FACTS, _WORDS) if name in record}
        if not told:
            return ()
        words = _best(told)
        if words is not None:
            record[_OLD] = words
        back = _understood(words) if words is not None else {}
        why = _NOT_BOTH if words != told.get(_WORDS) else _READ
        changed = (name for name in (*_FACTS, _WORDS) if told.get(name) != back.get(name))
        return tuple(loss for name in changed for loss in lost(name, why))

    def text(self) -> Text:
        return Text(
            "valid_for（文字）分为 validity、valid_from、valid_until；不能确定的文字留在 validity_text",
            "valid_for, words, becomes validity, valid_from and valid_until; words that are not certain stay validity_text",
        )


def _best(told: Mapping[str, JsonValue]) -> str | None:
    """The words as they stand if they say the facts, or if there are no facts; otherwise the facts in our words."""
    words = told.get(_WORDS)
    facts = {name: value for name, value in told.items() if name != _WORDS}
    if isinstance(words, str) and facts in ({}, _read(words)):
        return words
    return _written(facts)


def _understood(words: str) -> Record:
    facts = _read(words)
    return facts if facts and _written(facts) == words else {**facts, _WORDS: words}


def _written(facts: Mapping[str, JsonValue]) -> str | None:
    first, last = facts.get("valid_from"), facts.get("valid_until")
    if facts.get("validity") == Validity.LONG_TERM.value:
        return f"{first}至长期" if first else "长期"
    if last:
        return f"{first or ''}至{last}"
    return f"自{first}起" if first else None


def _read(words: str) -> Record:
    """The facts in these words; none where anything is uncertain."""
    if words in _LONG:
        return dict(_GOES_ON)
    for form, validity, names in _FORMS:
        days = _days(form.fullmatch(words))
        if days and days == sorted(days):
            return {**validity, **dict(zip(names, days, strict=True))}
    return {}


def _days(found: re.Match[str] | None) -> list[str]:
    """Every day of a match, as canonical text; none if one of them does not exist, or stands for 长期."""
    numbers = [int(part) for part in found.groups() if part is not None] if found else []
    days = []
    for at in range(0, len(numbers), 3):
        year, month, day = numbers[at : at + 3]
        try:
            told = date(year, month, day).isoformat()
        except ValueError:
            return []
        if not 1900 <= year < 2200 or told == LONG_TERM:
            return []
        days.append(told)
    return days
