# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""容缺补齐: which materials of a case are still missing that was accepted without them, and by when they are wanted."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import SupplementNews, SupplementStanding
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Day, Department, Line100, Line200, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import Distinct
from contracts.text import Text


class MissingMaterial(BaseModel):
    """One material that was missing."""

    model_config = STRICT

    name: Annotated[Line200, says("材料名称", "Name of the material")]
    standing: Annotated[SupplementStanding, says("补交状态", "Whether it has come")]
    due_on: Annotated[Day | None, says("补交期限", "Last day for it; absent where nobody can tell it")] = None
    asked_by: Annotated[Line100 | None, says("告知部门名称", "Name of the department that said so")] = None
    asked_at: Annotated[Moment | None, says("告知时间", "When it said so")] = None
    supplied_at: Annotated[Moment | None, says("补交时间", "When it came")] = None


class SupplementProgressed(CaseRecord):
    """All materials of one case that were missing; a higher ``record_version`` replaces a lower one."""

    department_code: Annotated[Department, says("受理单位代码", "Code of the department that accepted the case")]
    department_name: Annotated[Line100 | None, says("受理单位名称", "Name of that department")] = None
    item_name: Annotated[Line200 | None, says("事项名称", "Name of the item")] = None
    news: Annotated[SupplementNews, says("进展", "What is new")]
    materials: Annotated[
        tuple[MissingMaterial, ...], Field(min_length=1, max_length=200), says("容缺材料", "What was missing")
    ]
    missing: Annotated[
        tuple[Line200, ...], Field(max_length=200), says("尚缺材料", "Names of what is missing still")
    ] = ()
    due_on: Annotated[Day | None, says("最近的补交期限", "The first last day of what is missing still")] = None
    consequence: Annotated[
        Prose1000 | None, says("超期处理方法", "What happens if it does not come in time"), PersonalClass.FREE_TEXT
    ] = None
    reported_at: Annotated[Moment, says("汇总时间", "When this was put together")]


_PLAN = {
    "name": "平面图",
    "standing": "awaited",
    "due_on": "2026-03-16",
    "asked_by": "示例区市场监督管理局（测试）",
    "asked_at": "2026-03-03T10:00:00+08:00",
}
_HEALTH = {**_PLAN, "name": "从业人员健康证明"}
_VALID = {
    "case_no": "510500-20260302-000001",
    "department_code": "115105020000000008",
    "news": "asked",
    "materials": [_PLAN],
    "missing": ["平面图"],
    "due_on": "2026-03-16",
    "reported_at": "2026-03-03T10:00:02+08:00",
}
_OVERDUE = but(
    _VALID,
    item_code="1151050200000000084000131014000",
    item_name="食品经营许可（新办）",
    department_name="示例区市场监督管理局（测试）",
    news="overdue",
    materials=[
        {**_PLAN, "standing": "overdue"},
        {**_HEALTH, "standing": "supplied", "supplied_at": "2026-03-05T09:20:00+08:00"},
    ],
    consequence="逾期未补齐的，由受理部门依法作出处理",
    reported_at="2026-03-16T17:00:00+08:00",
    record_version=3,
)
_COMPLETE = but(
    _OVERDUE,
    drop=("missing", "due_on"),
    news="complete",
    materials=[{**_PLAN, "standing": "supplied", "supplied_at": "2026-03-17T09:00:00+08:00"}],
    reported_at="2026-03-17T09:00:01+08:00",
    record_version=4,
)

CONTRACT = Contract(
    type="cn.gov.supplement.progressed",
    version=1,
    title=Text("容缺补齐", "Supplement progressed"),
    meaning=Text(
        "容缺受理的办件还缺哪些材料、何时以前补齐、由谁告知；告知、补交、展期、逾期、补齐时各说明一次。",
        "Which materials a case still lacks that was accepted without them, by when, and who said so: when it is told, when "
        "some or all have come, when time is up.",
    ),
    model=SupplementProgressed,
    rules=(Distinct("materials", "name"),),
    examples=(
        Example("一次性告知 / told once", _VALID),
        Example("逾期未补齐 / time is up", _OVERDUE),
        Example("已补齐 / all has come", _COMPLETE),
        Example(
            "没有材料 / no material",
            but(_VALID, materials=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.materials"),),
        ),
        Example(
            "同一材料两次，进展未知 / one material twice, unknown news",
            but(_VALID, materials=[_PLAN, _PLAN], news="其他"),
            valid=False,
            expect=(("E_V_CODE", "$.data.news"), ("E_V_RULE", "$.data.materials[1].name")),
        ),
        Example(
            "缺少部门，期限不是日期 / no department, a last day that is none",
            but(_VALID, drop=("department_code",), due_on="十个工作日"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.department_code"), ("E_V_FORMAT", "$.data.due_on")),
        ),
        Example(
            "材料状态为地方代码，无进展 / a site's own code for a material, no news",
            but(_OVERDUE, drop=("news",), materials=[{**_PLAN, "standing": "2"}]),
            valid=False,
            expect=(("E_V_MISSING", "$.data.news"), ("E_V_CODE", "$.data.materials[0].standing")),
        ),
    ),
)
