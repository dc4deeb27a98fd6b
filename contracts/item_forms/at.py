# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Changes inside a form: where they happen, and the ones that records of families have no use for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from contracts.conversion import Finding, Loss, Record, Step
from contracts.json_path import NAME, member
from contracts.text import Text

AT = rf"^({NAME}(\[\*\])?(\.{NAME}(\[\*\])?)*)?$"
"""An object inside a form, from the top: ``premises``, ``staff[*].licence``; empty is the top."""

_SEGMENT = re.compile(rf"({NAME})(\[\*\])?")
_ROOT = "$.data"

Change = Callable[[Record], tuple[Finding, ...]]


def segments(at: str) -> tuple[str, ...]:
    """``staff[*].licence`` as ``("staff", "[*]", "licence")``."""
    return tuple(part for pair in _SEGMENT.findall(at) for part in pair if part)


@dataclass(frozen=True, slots=True)
class Within:
    """A step that happens in an object inside the record, or in each object of a list. What is not there stays away."""

    at: str
    step: Step

    def up(self, record: Record) -> tuple[Finding, ...]:
        return _inside(record, segments(self.at), _ROOT, self.step.up)

    def down(self, record: Record) -> tuple[Finding, ...]:
        return _inside(record, segments(self.at), _ROOT, self.step.down)

    def text(self) -> Text:
        inner = self.step.text()
        return Text(f"{self.at} 中：{inner.zh}", f"in {self.at}: {inner.en}")


def _inside(record: Record, way: tuple[str, ...], path: str, change: Change) -> tuple[Finding, ...]:
    """Copies are made on the way down, so that the original keeps what it has."""
    if not way:
        return tuple(replace(found, path=path + found.path.removeprefix(_ROOT)) for found in change(record))
    name, *rest = way
    value, path = record.get(name), member(path, name)
    if rest[:1] != ["[*]"]:
        if not isinstance(value, dict):
            return ()
        inner: Record = dict(value)
        record[name] = inner
        return _inside(inner, tuple(rest), path, change)
    if not isinstance(value, list):
        return ()
    elements: list[Any] = [dict(element) if isinstance(element, dict) else element for element in value]
    record[name] = elements
    found: list[Finding] = []
    for index, element in enumerate(elements):
        if isinstance(element, dict):
            found += _inside(element, tuple(rest[1:]), f"{path}[{index}]", change)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Listed:
    """What was one value is now a list of them. On the way down only the first is kept; an empty list is nothing said."""

    field: str

    def up(self, record: Record) -> tuple[Finding, ...]:
        if self.field in record:
            record[self.field] = [record[self.field]]
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        values = record.get(self.field)
        if not isinstance(values, list):
            return ()
        if not values:
            del record[self.field]
            return (Loss(member(_ROOT, self.field), Text("旧版本不区分空列表与未填", "An empty list is not told")),)
        record[self.field] = values[0]
        why = Text("旧版本只容一项", "The older version holds one only")
        return tuple(Loss(f"{member(_ROOT, self.field)}[{index}]", why) for index in range(1, len(values)))

    def text(self) -> Text:
        return Text(f"{self.field} 改为可填多项", f"{self.field} may be many now")
