# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules between numbers of a record; see :mod:`contracts.rules`. JSON Schema cannot say any of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.text import Text


def whole(value: JsonValue) -> int | None:
    """The value where it is an integer, which ``true`` is not."""
    return value if type(value) is int else None


@dataclass(frozen=True, slots=True)
class SumOf:
    """The integer ``total`` is the sum of the integers ``parts``, where all of them are there."""

    total: str
    parts: tuple[str, ...]

    def text(self) -> Text:
        parts = " + ".join(self.parts)
        return Text(f"{self.total} 等于 {parts}", f"{self.total} is {parts}")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        total = whole(data.get(self.total))
        parts = [number for name in self.parts if (number := whole(data.get(name))) is not None]
        if total is not None and len(parts) == len(self.parts) and total != sum(parts):
            remedy = Text(f"核对 {self.total} 与其各部分", f"Check {self.total} and its parts")
            yield Violation("E_V_RULE", member("$.data", self.total), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return None


@dataclass(frozen=True, slots=True)
class NotMore:
    """The integer ``lesser`` is not more than the integer ``greater``."""

    lesser: str
    greater: str

    def text(self) -> Text:
        return Text(f"{self.lesser} 不大于 {self.greater}", f"{self.lesser} is not more than {self.greater}")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        lesser, greater = whole(data.get(self.lesser)), whole(data.get(self.greater))
        if lesser is not None and greater is not None and lesser > greater:
            remedy = Text(f"核对 {self.lesser} 与 {self.greater}", f"Check {self.lesser} and {self.greater}")
            yield Violation("E_V_RULE", member("$.data", self.lesser), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return None
