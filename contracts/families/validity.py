# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""有效期 as a fact: from a day, until a day, or without an end. Some sites write a far day for "without an end"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.codes import Validity
from contracts.refusal import Violation
from contracts.rules import AbsentWhen, RequiredWhen, Rule
from contracts.text import Text

LONG_TERM = "2099-12-31"
"""The day that sites write into 有效期至 (XK_YXQZI) when they mean 长期."""


@dataclass(frozen=True, slots=True)
class NoStandIn:
    """``field`` is a real day, not the one that stands for "without an end"."""

    field: str

    def text(self) -> Text:
        return Text(
            f"{self.field} 不写 {LONG_TERM}；长期有效时 validity 为 long_term",
            f"{self.field} is never {LONG_TERM}; validity is long_term when there is no end",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        if data.get(self.field) == LONG_TERM:
            remedy = Text("改用 validity: long_term", "Say validity: long_term instead")
            yield Violation("E_V_RULE", f"$.data.{self.field}", self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return {"properties": {self.field: {"not": {"const": LONG_TERM}}}}


VALIDITY_RULES: tuple[Rule, ...] = (
    RequiredWhen("valid_until", "validity", (Validity.UNTIL.value,)),
    AbsentWhen("valid_until", "validity", (Validity.LONG_TERM.value,)),
)
"""``valid_until`` is there when there is an end, and not when there is none."""
