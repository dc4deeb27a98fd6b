# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of a record that is not about a case in the first place: the facts that routing asks for."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ExerciseLevel
from contracts.families.case_record import STRICT
from contracts.families.fields import Department, Item, Region, says


class Record(BaseModel):
    """Fields only. Its family adds the field that the envelope's subject repeats (``Contract.subject``)."""

    model_config = STRICT

    region_code: Annotated[
        Region | None, says("行政区划代码", "Administrative division, 6, 9 or 12 digits (GB/T 2260 and below)")
    ] = None
    item_code: Annotated[Item | None, says("实施编码", "Code of the item (事项) it is about")] = None
    department_code: Annotated[
        Department | None, says("实施主体代码", "Code of the responsible department, normally its 统一社会信用代码")
    ] = None
    level_code: Annotated[ExerciseLevel | None, says("行使层级代码", "Level of government it belongs to")] = None
    record_version: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=9999)] | None,
        says("数据版本号", "Counts corrections of the same record at its source, from 1"),
    ] = None
