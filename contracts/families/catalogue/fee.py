# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""收费: what an item costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel

from contracts.cloudevent import JsonValue
from contracts.families.case_record import STRICT
from contracts.families.fields import Line100, Money, Prose1000, says
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.text import Text

_TOLD = Text(
    "收费的写明收费项目，不收费的不写", "what is charged for is listed, and nothing is when nothing is charged"
)
_REMEDY = Text("核对 charged 与 fees", "Check charged and fees")


class Fee(BaseModel):
    """One thing that is charged for."""

    model_config = STRICT

    name: Annotated[Line100, says("收费项目名称", "What is charged for")]
    amount: Annotated[Money | None, says("收费金额（元）", "Amount in yuan; absent when it depends on the case")] = None
    standard: Annotated[Prose1000 | None, says("收费标准", "How the amount is found")] = None
    basis: Annotated[Prose1000 | None, says("收费依据", "The rule that allows the charge")] = None


@dataclass(frozen=True, slots=True)
class FeesTold:
    """The array ``fees`` has elements exactly when the flag ``charged`` is true."""

    charged: str
    fees: str

    def text(self) -> Text:
        return _TOLD

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        charged, fees = data.get(self.charged), data.get(self.fees, [])
        if isinstance(charged, bool) and isinstance(fees, list) and charged != bool(fees):
            yield Violation("E_V_RULE", member("$.data", self.fees), _TOLD, _REMEDY)

    def schema(self) -> dict[str, Any] | None:
        return {
            "if": {"properties": {self.charged: {"const": True}}, "required": [self.charged]},
            "then": {"properties": {self.fees: {"minItems": 1}}, "required": [self.fees]},
            "else": {"properties": {self.fees: {"maxItems": 0}}},
        }
