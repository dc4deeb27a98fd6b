# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""事项目录（目录清单）: an item as the directory names it for every department, GB/T 39046-2020 table 4."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ApplicantType, ExerciseLevel, ItemStatus, ItemType
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Day, Department, Line20, Line50, Line100, Line200, Prose1000, Region, says
from contracts.rules import NotBefore, RequiredWhen
from contracts.text import Text

ItemVersion = Annotated[int, Field(strict=True, ge=1, le=9999)]


class ItemDirectory(BaseModel):
    """One item of the directory in one version. Who carries it out, and how, is said by its implementations."""

    model_config = STRICT

    basic_code: Annotated[Line20, says("基本编码", "National basic code of the item; equal to the envelope's subject")]
    local_code: Annotated[Line50 | None, says("地方目录编码", "Code of the item in the local directory")] = None
    main_code: Annotated[
        Line20 | None, says("主项基本编码", "Basic code of the main item, where this is a part of one")
    ] = None
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
    item_type: Annotated[ItemType, says("事项类型代码", "Kind of power or service, table A.1")]
    legal_basis: Annotated[Prose1000, says("设定依据", "The law or rule that the item rests on")]
    exercise_levels: Annotated[
        tuple[ExerciseLevel, ...],
        Field(min_length=1, max_length=7),
        says("行使层级代码", "Levels of government that exercise the power, table A.2"),
    ]
    service_objects: Annotated[
        Annotated[tuple[ApplicantType, ...], Field(min_length=1, max_length=6)] | None,
        says("服务对象", "Whom the item serves, table A.4"),
    ] = None
    department_name: Annotated[Line100 | None, says("主管部门名称", "Name of the department in charge of the item")] = (
        None
    )
    department_code: Annotated[Department | None, says("主管部门代码", "Code of the department in charge")] = None
    region_code: Annotated[
        Region | None, says("行政区划代码", "Division whose directory this is; absent for the national one")
    ] = None
    item_version: Annotated[ItemVersion, says("事项版本", "Version of the item in the directory, from 1")]
    status: Annotated[ItemStatus, says("事项状态", "Whether the item is in force, changed or withdrawn")]
    change_reason: Annotated[Prose1000 | None, says("变更或取消原因", "Why it was changed or withdrawn")] = None
    effective_on: Annotated[Day, says("生效日期", "First day on which this version is in force")]
    expires_on: Annotated[Day | None, says("失效日期", "Last day on which it is; absent while it has no end")] = None


_VALID = {
    "basic_code": "000131014000",
    "item_name": "食品经营许可（示例）",
    "item_type": "01",
    "legal_basis": "《示例法》第零条（测试）",
    "exercise_levels": ["3", "4"],
    "item_version": 1,
    "status": "in_force",
    "effective_on": "2026-01-01",
}
_FULL = but(
    _VALID,
    local_code="DF-000131014000",
    main_code="000131014000",
    service_objects=["1", "2", "6"],
    department_name="示例省市场监督管理局（测试）",
    department_code="11510000000000000H",
    region_code="510000",
    item_version=2,
    status="changed",
    change_reason="行使层级下放",
    expires_on="2028-12-31",
)
_WITHDRAWN = but(_FULL, item_version=3, status="withdrawn", change_reason="依据已废止", expires_on="2026-06-30")

CONTRACT = Contract(
    type="cn.gov.item.directory",
    version=1,
    title=Text("事项目录", "Item directory entry"),
    meaning=Text(
        "事项目录（目录清单）中一个事项的现行内容、变更或取消。",
        "An item of the directory: as it is in force, as it was changed, or that it is withdrawn.",
    ),
    model=ItemDirectory,
    subject="basic_code",
    rules=(
        RequiredWhen("expires_on", "status", ("withdrawn",)),
        RequiredWhen("change_reason", "status", ("changed", "withdrawn")),
        NotBefore("expires_on", "effective_on"),
    ),
    examples=(
        Example("现行事项 / in force", _VALID),
        Example("变更，字段齐全 / changed, every field", _FULL),
        Example("取消 / withdrawn", _WITHDRAWN),
        Example(
            "取消而无失效日期 / withdrawn without a last day",
            but(_WITHDRAWN, drop=("expires_on",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.expires_on"),),
        ),
        Example(
            "没有行使层级，类型未知 / no level, an unknown kind",
            but(_VALID, exercise_levels=[], item_type="11"),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.exercise_levels"), ("E_V_CODE", "$.data.item_type")),
        ),
        Example(
            "失效早于生效 / over before it begins",
            but(_FULL, expires_on="2025-12-31"),
            valid=False,
            expect=(("E_V_RULE", "$.data.expires_on"),),
        ),
        Example(
            "层级代码有误，版本为文字 / a wrong level, the version as text",
            but(_VALID, exercise_levels=["3", "8"], item_version="V1"),
            valid=False,
            expect=(("E_V_CODE", "$.data.exercise_levels[1]"), ("E_V_TYPE", "$.data.item_version")),
        ),
    ),
)
