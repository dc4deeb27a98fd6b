# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of a record that may be about a case, a booking, an account or nothing but itself."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ExerciseLevel
from contracts.families.case_record import STRICT
from contracts.families.fields import Department, Item, Line50, Region, says


class MatterRecord(BaseModel):
    """What :class:`contracts.families.case_record.CaseRecord` is, where there need not be a case.

    ``matter_no`` is the case number whenever the record serves a case: so it keeps the order of that case and stands in its
    timeline. Otherwise it is the number of the booking or account, or the record's own number.
    """

    model_config = STRICT

    matter_no: Annotated[
        Line50,
        says(
            "业务编号",
            "The case number when this serves a case, else the booking's or account's number or the record's own; "
            "equal to the envelope's subject",
        ),
    ]
    region_code: Annotated[
        Region | None, says("行政区划代码", "Administrative division, 6, 9 or 12 digits (GB/T 2260 and below)")
    ] = None
    item_code: Annotated[Item | None, says("实施编码", "Code of the item (事项) it serves")] = None
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
