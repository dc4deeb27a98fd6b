# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rule that an amount is the sum of its parts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.forms import MONEY
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.text import Text


@dataclass(frozen=True, slots=True)
class AddsUp:
    """``total`` is the sum of the amounts ``parts``; of those in every element of the array ``each`` when that is given.

    It holds its peace where the total or any part is absent or no amount of money.
    """

    total: str
    parts: tuple[str, ...]
    each: str | None = None

    def text(self) -> Text:
        names = " + ".join(self.parts)
        if self.each is None:
            return Text(f"{self.total} 等于 {names}", f"{self.total} is {names}")
        return Text(
            f"{self.total} 等于 {self.each} 中各项 {names} 之和", f"{self.total} is the sum of {names} in {self.each}"
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        total = _amount(data.get(self.total))
        parts = [_amount(part) for part in self._found(data)]
        known = [part for part in parts if part is not None]
        if total is not None and known and len(known) == len(parts) and sum(known) != total:
            remedy = Text(f"核对 {self.total} 与各项金额", f"Check {self.total} and its parts")
            yield Violation("E_V_RULE", member("$.data", self.total), self.text(), remedy)

    def _found(self, data: Mapping[str, JsonValue]) -> Iterator[JsonValue]:
        elements = [data] if self.each is None else data.get(self.each)
        for element in elements if isinstance(elements, list) else ():
            for part in self.parts:
                yield element.get(part) if isinstance(element, dict) else None

    def schema(self) -> dict[str, Any] | None:
        return None


def _amount(value: JsonValue) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) and re.fullmatch(MONEY, value) else None
