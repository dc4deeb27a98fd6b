# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that hold inside every element of an array; see :mod:`contracts.rules`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.json_path import located
from contracts.refusal import Violation
from contracts.text import Text

Element = Mapping[str, JsonValue]


def elements(data: Mapping[str, JsonValue], each: str) -> Iterator[tuple[int, Element]]:
    """The objects of the array ``each`` with their indices; what is no object is passed over."""
    found = data.get(each)
    for index, element in enumerate(found if isinstance(found, list) else ()):
        if isinstance(element, dict):
            yield index, element


@dataclass(frozen=True, slots=True)
class RequiredInEach:
    """In each element of ``each``, ``field`` must be there when the string ``when`` has one of ``values``."""

    each: str
    field: str
    when: str
    values: tuple[str, ...]

    def text(self) -> Text:
        values = ", ".join(self.values)
        return Text(
            f"{self.each} 中 {self.when} 为 {values} 的，{self.field} 必填",
            f"in {self.each}, {self.field} is required where {self.when} is {values}",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        for index, element in elements(data, self.each):
            if element.get(self.when) in self.values and element.get(self.field) is None:
                remedy = Text(f"补上 {self.field}", f"Add {self.field}")
                yield Violation("E_V_RULE", located("$.data", (self.each, index, self.field)), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        condition = {"properties": {self.when: {"enum": list(self.values)}}, "required": [self.when]}
        rule = {"if": condition, "then": {"required": [self.field]}}
        return {"properties": {self.each: {"items": rule}}}


@dataclass(frozen=True, slots=True)
class SameInEach:
    """In each element of ``each``, the string at ``repeated`` is the one in ``field``, where both are there."""

    each: str
    repeated: tuple[str, ...]
    field: str

    def text(self) -> Text:
        path = ".".join(self.repeated)
        return Text(
            f"{self.each} 中的 {path} 与 {self.field} 相同", f"in {self.each}, {path} is the same as {self.field}"
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        for index, element in elements(data, self.each):
            inside: JsonValue = dict(element)
            for name in self.repeated:
                inside = inside.get(name) if isinstance(inside, dict) else None
            stated = element.get(self.field)
            if isinstance(inside, str) and isinstance(stated, str) and inside != stated:
                remedy = Text(f"核对 {self.field}", f"Check {self.field}")
                place = located("$.data", (self.each, index, *self.repeated))
                yield Violation("E_V_RULE", place, self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return None
