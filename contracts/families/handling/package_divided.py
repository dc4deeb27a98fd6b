# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""套餐拆分: a package has become applications, each with a case number, a department and a deadline of its own."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import CaseNo, Day, Department, Item, Line50, Line100, Line200, Moment, says
from contracts.families.record import Record
from contracts.rules import Distinct
from contracts.text import Text


class PackagePart(BaseModel):
    """One application that the package became."""

    model_config = STRICT

    case_no: Annotated[CaseNo, says("办件编号", "Case number of this part")]
    item_code: Annotated[Item, says("套餐内事项实施编码", "Code of the item")]
    item_name: Annotated[Line200 | None, says("套餐内事项名称", "Name of the item")] = None
    department_code: Annotated[Department, says("办理部门代码", "Code of the department that handles it")]
    department_name: Annotated[Line100 | None, says("办理部门名称", "Name of that department")] = None
    promised_on: Annotated[Day | None, says("承诺办结时间", "Day by which this part is promised to be closed")] = None
    statutory_on: Annotated[Day | None, says("法定办结时间", "Day by which the law wants it closed")] = None
    after: Annotated[
        tuple[CaseNo, ...], Field(max_length=20), says("前置办件编号", "Parts that must be closed before this one")
    ] = ()


class PackageDivided(Record):
    """One division. It names every part; a later one with a higher ``record_version`` replaces it."""

    package_no: Annotated[Line50, says("套餐编号", "Number of the package; equal to the envelope's subject")]
    parts: Annotated[
        tuple[PackagePart, ...], Field(min_length=1, max_length=100), says("拆分办件", "What the package became")
    ]
    lead_department_name: Annotated[Line100 | None, says("牵头部门名称", "Department that leads")] = None
    lead_department_code: Annotated[Department | None, says("牵头部门代码", "Code of the department that leads")] = None
    divided_at: Annotated[Moment, says("拆分时间", "When the package was divided")]


_FIRST = {
    "case_no": "510500-20260302-000001",
    "item_code": "1151050200000000084000131014000",
    "department_code": "115105020000000008",
}
_SECOND = {
    "case_no": "510500-20260302-000002",
    "item_code": "1151050200000002704000000000000",
    "department_code": "115105020000000270",
}
_VALID = {
    "package_no": "TC-20260302-000001",
    "parts": [_FIRST, _SECOND],
    "divided_at": "2026-03-02T09:05:02+08:00",
}
_FULL = but(
    _VALID,
    parts=[
        {
            **_FIRST,
            "item_name": "食品经营许可（新办）",
            "department_name": "示例区市场监督管理局（测试）",
            "promised_on": "2026-03-13",
            "statutory_on": "2026-03-31",
        },
        {**_SECOND, "after": ["510500-20260302-000001"]},
    ],
    lead_department_name="示例区市场监督管理局（测试）",
    lead_department_code="115105020000000008",
    record_version=1,
)

CONTRACT = Contract(
    type="cn.gov.package.divided",
    version=1,
    title=Text("套餐拆分", "Package divided"),
    meaning=Text(
        "套餐已拆分为各部门的办件，各有编号、事项、部门与时限。",
        "A package has been divided into departments' cases, each with its number, item, department and deadline.",
    ),
    model=PackageDivided,
    subject="package_no",
    rules=(Distinct("parts", "case_no"),),
    examples=(
        Example("拆成两件 / two parts", _VALID),
        Example("含时限与先后 / with deadlines and an order", _FULL),
        Example(
            "两件同号 / two parts of one number",
            but(_VALID, parts=[_FIRST, {**_SECOND, "case_no": _FIRST["case_no"]}]),
            valid=False,
            expect=(("E_V_RULE", "$.data.parts[1].case_no"),),
        ),
        Example(
            "缺少部门，时限不是日期 / no department, a deadline that is no day",
            but(_VALID, parts=[but(_FIRST, drop=("department_code",), promised_on="十个工作日")]),
            valid=False,
            expect=(
                ("E_V_MISSING", "$.data.parts[0].department_code"),
                ("E_V_FORMAT", "$.data.parts[0].promised_on"),
            ),
        ),
        Example(
            "没有拆分结果与时间 / no parts and no time",
            but(_VALID, drop=("parts", "divided_at")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.parts"), ("E_V_MISSING", "$.data.divided_at")),
        ),
    ),
)
