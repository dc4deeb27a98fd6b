# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules on the form of a text that depends on another field; see :mod:`contracts.rules`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.forms import FORMS
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.text import Text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class FormWhen:
    """``field`` has the form ``pattern``, one of :data:`contracts.forms.FORMS`, when the string ``when`` is ``value``."""

    field: str
    pattern: str
    when: str
    value: str

    def text(self) -> Text:
        form = FORMS[self.pattern]
        return Text(
            f"{self.when} 为 {self.value} 时，{self.field} 为 {form.zh}",
            f"{self.field} is {form.en} when {self.when} is {self.value}",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        if data.get(self.when) != self.value:
            return ()
        written = data.get(self.field)
        if not isinstance(written, str) or _compiled(self.pattern).fullmatch(written):
            return ()
        remedy = Text(f"核对 {self.field} 与 {self.when}", f"Check {self.field} and {self.when}")
        return (Violation("E_V_RULE", member("$.data", self.field), self.text(), remedy),)

    def schema(self) -> dict[str, Any] | None:
        condition = {"properties": {self.when: {"const": self.value}}, "required": [self.when]}
        return {"if": condition, "then": {"properties": {self.field: {"pattern": self.pattern}}}}
