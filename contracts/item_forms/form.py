# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One version of an item's own form, ready for use. 事项表单"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.conversion import Conversion
from contracts.item_forms.definition import Carrier
from contracts.item_forms.schema_check import DIALECT
from contracts.item_forms.selector import Selector
from contracts.item_forms.shape import path_of, personal
from contracts.item_forms.validator import Validator
from contracts.item_forms.violations import ROOT, violations
from contracts.personal import PersonalClass
from contracts.refusal import Violation
from contracts.text import Text
from contracts.violations import MOST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """``name`` is the same in every version. ``file`` is where it was read. ``conversion`` leads from the version before
    to this one and back; None for the oldest that is kept.
    """

    name: str
    version: int
    title: Text
    selectors: tuple[Selector, ...]
    carried_by: frozenset[Carrier]
    schema: Mapping[str, Any]
    validator: Validator
    conversion: Conversion | None
    file: str

    @property
    def schema_uri(self) -> str:
        """The ``$id`` of its schema."""
        return f"urn:govhub:form:{self.name}:{self.version}"

    @property
    def personal(self) -> Mapping[str, PersonalClass]:
        """JSON path in the message (``$.data.form.data…``, ``[*]`` for every element) of each personal field."""
        return {path_of(way, ROOT): kind for way, kind in personal(self.schema)}

    def check(self, data: Mapping[str, JsonValue]) -> tuple[Violation, ...]:
        """Everything wrong with the form's data at once, at most 100; empty: nothing. Never raises on JSON values."""
        found = (said for breach in self.validator.breaches(data, MOST) for said in violations(self.schema, breach))
        return tuple({(one.code, one.path, one.expected): one for one in found}.values())[:MOST]

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of ``form.data``, for the outside."""
        return {
            "$schema": DIALECT,
            "$id": self.schema_uri,
            "title": self.title.zh,
            "description": self.title.en,
            **{name: value for name, value in self.schema.items() if name != "$schema"},
        }
