# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Differences between versions where the newer one tells apart what the older one says in one field."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.conversion import Finding, Loss, Record
from contracts.steps import lost
from contracts.text import Text

Forms = tuple[tuple[str, re.Pattern[str]], ...]
"""Names, each with the form that a whole text has; the first that fits counts."""

_UNTOLD = Text("旧版本不说明编码种类，只能按格式推断", "The older version leaves the kind to be told from the form")
_ONE_ONLY = Text("旧版本只容一个编码", "The older version holds one of these codes only")
_READ_BACK = Text(
    "旧版本不分种类，按格式会归入另一字段", "From the older version the form alone would put it elsewhere"
)


def _first(text: str, forms: Forms, rest: str) -> str:
    for name, form in forms:
        if form.fullmatch(text):
            return name
    return rest


def _each(names: Iterable[str], why: Text) -> tuple[Loss, ...]:
    losses: list[Loss] = []
    for name in names:
        losses += lost(name, why)
    return tuple(losses)


@dataclass(frozen=True, slots=True)
class KindTold:
    """A code whose kind only its form shows, in the older version; the newer one states it in ``kind`` as well.

    The code itself stays as it is. ``rest`` is the kind of a code that has none of the forms.
    """

    field: str
    kind: str
    forms: Forms
    rest: str

    def up(self, record: Record) -> tuple[Finding, ...]:
        record[self.kind] = _first(str(record[self.field]), self.forms, self.rest)
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        if record.pop(self.kind) == _first(str(record[self.field]), self.forms, self.rest):
            return ()
        return lost(self.kind, _UNTOLD)

    def text(self) -> Text:
        return Text(
            f"{self.kind} 说明 {self.field} 属哪一种编码", f"{self.kind} states which kind of code {self.field} is"
        )


@dataclass(frozen=True, slots=True)
class ToldApart:
    """One optional text of several forms becomes a field for each; what has none of the forms goes into ``rest``.

    Going down, the first of them counts, in the order of ``forms`` with ``rest`` last, that is not longer than the
    ``longest`` text which the older version holds.
    """

    field: str
    forms: Forms
    rest: str
    longest: int

    def up(self, record: Record) -> tuple[Finding, ...]:
        if self.field in record:
            written = str(record.pop(self.field))
            record[_first(written, self.forms, self.rest)] = written
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        told = [(name, str(record.pop(name))) for name, _ in self.forms if name in record]
        if self.rest in record:
            told.append((self.rest, str(record.pop(self.rest))))
        if not told:
            return ()
        kept = next((one for one in told if len(one[1]) <= self.longest), None)
        names = [name for name, _ in told]
        if kept is None:
            return _each(names, _ONE_ONLY)
        name, written = kept
        record[self.field] = written
        back = _first(written, self.forms, self.rest)
        unsaid = _each([one for one in names if one != name], _ONE_ONLY)
        if back == name:
            return unsaid
        # Read back, it would stand in a field that may have held another code, or nothing: that is not said either.
        return unsaid + _each([name] if back in names else [name, back], _READ_BACK)

    def _fields(self) -> tuple[str, ...]:
        return (*(name for name, _ in self.forms), self.rest)

    def text(self) -> Text:
        names = ", ".join(self._fields())
        return Text(f"{self.field} 按格式分为 {names}", f"{self.field} is told apart by its form into {names}")
