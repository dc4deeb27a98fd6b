# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""办结时限: how long an item may take, by law and by promise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from contracts.cloudevent import JsonValue
from contracts.codes import PeriodUnit
from contracts.families.case_record import STRICT
from contracts.families.fields import Prose2000, says
from contracts.json_path import located
from contracts.refusal import Violation
from contracts.text import Text

_LONGER = Text(
    "承诺时限不长于法定时限（单位相同时）", "the promised period is not longer than the legal one of the same unit"
)
_REMEDY = Text("核对承诺时限与法定时限", "Check the promised and the legal period")


class TimeLimit(BaseModel):
    """办结时限 with its unit and what is to be said about it, GB/T 39046-2020 table 4."""

    model_config = STRICT

    length: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=3650)], says("办结时限", "How long; 0 when it is done at once")
    ]
    unit: Annotated[PeriodUnit, says("办结时限单位", "Unit of the length")]
    note: Annotated[Prose2000 | None, says("办结时限说明", "What is to be said about it")] = None


@dataclass(frozen=True, slots=True)
class PromiseWithinLaw:
    """``promised`` is not longer than ``statutory`` where both have one unit; working days and days are not compared."""

    promised: str
    statutory: str

    def text(self) -> Text:
        return _LONGER

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        promised, statutory = data.get(self.promised), data.get(self.statutory)
        if not isinstance(promised, dict) or not isinstance(statutory, dict):
            return
        if promised.get("unit") != statutory.get("unit"):
            return
        here, there = promised.get("length"), statutory.get("length")
        if type(here) is int and type(there) is int and here > there:
            yield Violation("E_V_RULE", located("$.data", (self.promised, "length")), _LONGER, _REMEDY)

    def schema(self) -> dict[str, Any] | None:
        return None
