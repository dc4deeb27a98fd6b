# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rule that keeps ratings which nobody gave apart from those of people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.codes import RatingGiver
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.text import Text

_GIVER = "given_by"
_NOBODY = RatingGiver.SYSTEM_DEFAULT.value
_REMEDY = Text("按实际情况填写 given_by：没有人评价的，不得写成本人评价", "Say in given_by what is true of this rating")


@dataclass(frozen=True, slots=True)
class NobodyRated:
    """``field`` has ``value`` exactly when ``given_by`` says that a system filled the rating in."""

    field: str
    value: str

    def text(self) -> Text:
        return Text(
            f"当且仅当 {_GIVER} 为 {_NOBODY} 时，{self.field} 为 {self.value}",
            f"{self.field} is {self.value} exactly when {_GIVER} is {_NOBODY}",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        giver = data.get(_GIVER)
        if isinstance(giver, str) and (giver == _NOBODY) != (data.get(self.field) == self.value):
            yield Violation("E_V_RULE", member("$.data", _GIVER), self.text(), _REMEDY)

    def schema(self) -> dict[str, Any] | None:
        told = {"properties": {_GIVER: {"const": _NOBODY}}}
        shown = {"properties": {self.field: {"const": self.value}}, "required": [self.field]}
        return {"if": {"required": [_GIVER]}, "then": {"if": told, "then": shown, "else": {"not": shown}}}
