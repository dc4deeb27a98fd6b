# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fields every record about a case has: whose case it is, and the facts that routing asks for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import ExerciseLevel
from contracts.families.fields import CaseNo, Department, Item, Region, says

STRICT = ConfigDict(frozen=True, extra="forbid", defer_build=True)
"""How every model of the families is set. A model is compiled when it is first needed: a hub knows some fifty, and is asked
for few."""


class CaseRecord(BaseModel):
    """Fields only. Where the standard's data set has one of these facts itself, the family makes it required."""

    model_config = STRICT

    case_no: Annotated[CaseNo, says("办件编号", "Case number (统一办件编号), opaque; equal to the envelope's subject")]
    region_code: Annotated[
        Region | None, says("行政区划代码", "Administrative division, 6, 9 or 12 digits (GB/T 2260 and below)")
    ] = None
    item_code: Annotated[Item | None, says("实施编码", "Code of the item (事项) as implemented by the department")] = (
        None
    )
    department_code: Annotated[
        Department | None, says("实施主体代码", "Code of the responsible department, normally its 统一社会信用代码")
    ] = None
    level_code: Annotated[
        ExerciseLevel | None, says("行使层级代码", "Level of government that exercises the power")
    ] = None
    record_version: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=9999)] | None,
        says("数据版本号", "Counts corrections of the same record at its source, from 1"),
    ] = None
