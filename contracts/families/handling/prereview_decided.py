# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""预审（预受理）: whether an application may go on to acceptance."""

from typing import Annotated

from pydantic import Field

from contracts.codes import PrereviewDecision
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line30, Line100, Line200, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class PrereviewDecided(CaseRecord):
    """The finding of one prereview."""

    decision: Annotated[PrereviewDecision, says("预审结论", "The finding")]
    reason: Annotated[
        Prose1000 | None,
        says("不予受理或补正的原因", "Why it is refused or must be corrected"),
        PersonalClass.FREE_TEXT,
    ] = None
    missing_materials: Annotated[
        tuple[Line200, ...], Field(max_length=200), says("需补交补正的材料", "Names of materials to add or correct")
    ] = ()
    department_name: Annotated[Line100, says("预审部门名称", "Name of the department that prereviewed")]
    handler: Annotated[Line30 | None, says("办理人", "Officer who prereviewed"), PersonalClass.NAME] = None
    decided_at: Annotated[Moment, says("预审时间", "When the finding was made")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "decision": "passed",
    "department_name": "示例区市场监督管理局（测试）",
    "decided_at": "2026-03-02T10:30:00+08:00",
}
_CORRECTION = but(
    _VALID,
    decision="correction",
    reason="平面图未标注尺寸",
    missing_materials=["平面图"],
    handler="测试经办人丁",
    region_code="510502001",
    department_code="115105020000000008",
)

CONTRACT = Contract(
    type="cn.gov.prereview.decided",
    version=1,
    title=Text("预审", "Prereview decided"),
    meaning=Text("部门对申请作出预审（预受理）结论。", "The department has prereviewed an application."),
    model=PrereviewDecided,
    rules=(RequiredWhen("reason", "decision", ("refused", "correction")),),
    examples=(
        Example("预审通过 / passed", _VALID),
        Example("需要补正 / to be corrected", _CORRECTION),
        Example(
            "不予受理而无原因 / refused without a reason",
            but(_VALID, decision="refused"),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "地方代码未转换 / a site's own code left as it was",
            but(_VALID, decision="1"),
            valid=False,
            expect=(("E_V_CODE", "$.data.decision"),),
        ),
        Example(
            "时间不带时区，材料不是数组 / time without offset, materials not an array",
            but(_VALID, decided_at="2026-03-02T10:30:00", missing_materials="平面图"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.decided_at"), ("E_V_TYPE", "$.data.missing_materials")),
        ),
    ),
)
