# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""套餐进度与结果: how the parts of a package stand, and what the package has come to."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import CaseClosing, PackageOutcome, PartStanding
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import CaseNo, Department, Item, Line50, Line100, Line200, Moment, says
from contracts.families.record import Record
from contracts.rules import Distinct, RequiredWhen
from contracts.text import Text


class PartProgress(BaseModel):
    """One part as it stands."""

    model_config = STRICT

    case_no: Annotated[CaseNo, says("办件编号", "Case number of this part")]
    item_code: Annotated[Item, says("套餐内事项实施编码", "Code of the item")]
    item_name: Annotated[Line200 | None, says("套餐内事项名称", "Name of the item")] = None
    department_code: Annotated[Department, says("办理部门代码", "Code of the department that handles it")]
    department_name: Annotated[Line100 | None, says("办理部门名称", "Name of that department")] = None
    standing: Annotated[PartStanding, says("办件状态", "How the part stands")]
    result: Annotated[CaseClosing | None, says("办结结果", "With what result its department closed it")] = None
    licence_no: Annotated[Line50 | None, says("证照编号", "Number of the licence that results")] = None
    since: Annotated[Moment | None, says("状态时间", "Since when it stands so, as its department says")] = None


class PackageProgressed(Record):
    """Every part, each time one of them has come to an end; a higher ``record_version`` replaces a lower one."""

    package_no: Annotated[Line50, says("套餐编号", "Number of the package; equal to the envelope's subject")]
    outcome: Annotated[PackageOutcome, says("总体结果", "What the package has come to")]
    parts: Annotated[
        tuple[PartProgress, ...], Field(min_length=1, max_length=100), says("各办件", "All parts, in their order")
    ]
    reported_at: Annotated[Moment, says("汇总时间", "When this was put together")]
    concluded_at: Annotated[
        Moment | None, says("套餐办结时间", "When the last part came to its end; absent before that")
    ] = None


_FIRST = {
    "case_no": "TC-20260302-000001-01",
    "item_code": "1151050200000000084000131014000",
    "department_code": "115105020000000008",
    "standing": "done",
    "result": "issued",
    "licence_no": "JY00000000000000",
    "since": "2026-03-11T15:00:00+08:00",
}
_SECOND = {
    "case_no": "TC-20260302-000001-02",
    "item_code": "1151050200000002704000000000000",
    "department_code": "115105020000000270",
    "standing": "accepted",
}
_VALID = {
    "package_no": "TC-20260302-000001",
    "outcome": "under_way",
    "parts": [_FIRST, _SECOND],
    "reported_at": "2026-03-11T15:00:02+08:00",
    "record_version": 1,
}
_CONCLUDED = but(
    _VALID,
    outcome="partly",
    parts=[
        {**_FIRST, "item_name": "食品经营许可（新办）", "department_name": "示例区市场监督管理局（测试）"},
        {**_SECOND, "standing": "refused", "result": "denied", "since": "2026-03-12T10:00:00+08:00"},
    ],
    reported_at="2026-03-12T10:00:02+08:00",
    concluded_at="2026-03-12T10:00:02+08:00",
    record_version=2,
)

CONTRACT = Contract(
    type="cn.gov.package.progressed",
    version=1,
    title=Text("套餐进度", "Package progressed"),
    meaning=Text(
        "套餐内有办件到达终点：各办件的状态与套餐的总体结果；全部到达终点即为套餐结果。",
        "A part of a package has come to its end: how every part stands, and what the package has come to; with the last one, "
        "its result.",
    ),
    model=PackageProgressed,
    subject="package_no",
    rules=(
        Distinct("parts", "case_no"),
        RequiredWhen("concluded_at", "outcome", ("completed", "partly", "failed", "withdrawn")),
    ),
    examples=(
        Example("一件已办结，一件办理中 / one part closed, one under way", _VALID),
        Example("套餐结果 / the package's result", _CONCLUDED),
        Example(
            "已有结果而无办结时间 / a result without its time",
            but(_CONCLUDED, drop=("concluded_at",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.concluded_at"),),
        ),
        Example(
            "状态为地方代码，缺少部门 / a site's own code, no department",
            but(_VALID, parts=[but(_SECOND, drop=("department_code",), standing="03")]),
            valid=False,
            expect=(
                ("E_V_MISSING", "$.data.parts[0].department_code"),
                ("E_V_CODE", "$.data.parts[0].standing"),
            ),
        ),
        Example(
            "没有办件 / no part",
            but(_VALID, parts=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.parts"),),
        ),
    ),
)
