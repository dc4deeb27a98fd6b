# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""会签与并联意见: what one department says to the department that leads."""

from typing import Annotated

from pydantic import Field

from contracts.codes import ConsultationStage, OpinionKind
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Department, Line30, Line50, Line100, Moment, Prose2000, says
from contracts.families.material import Material, whole_files
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen, RequiredWhen
from contracts.text import Text


class OpinionGiven(CaseRecord):
    """One department's opinion. A later one with a higher ``record_version`` replaces it."""

    consultation_no: Annotated[Line50, says("征求意见编号", "The consultation this answers")]
    stage: Annotated[ConsultationStage | None, says("征求意见阶段", "Stage of the case that it is about")] = None
    department_code: Annotated[Department, says("出具意见部门代码", "Code of the department whose opinion it is")]
    department_name: Annotated[Line100, says("出具意见部门名称", "Name of that department")]
    lead_department_code: Annotated[Department | None, says("牵头部门代码", "Code of the department that leads")] = None
    opinion: Annotated[OpinionKind, says("意见", "The opinion")]
    conditions: Annotated[Prose2000 | None, says("条件", "On what conditions it agrees"), PersonalClass.FREE_TEXT] = (
        None
    )
    reason: Annotated[Prose2000 | None, says("理由", "Why"), PersonalClass.FREE_TEXT] = None
    document_no: Annotated[Line50 | None, says("意见文书号", "Number of the written opinion")] = None
    materials: Annotated[
        tuple[Material, ...], Field(max_length=50), says("意见附件", "Written opinion and enclosures")
    ] = ()
    handler: Annotated[Line30 | None, says("经办人", "Officer who wrote it"), PersonalClass.NAME] = None
    approved_by: Annotated[Line30 | None, says("批准人", "Officer who approved it"), PersonalClass.NAME] = None
    given_at: Annotated[Moment, says("出具意见时间", "When it was given")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "consultation_no": "YJ-0001",
    "department_code": "115105020000000270",
    "department_name": "示例区消防救援机构（测试）",
    "opinion": "agree",
    "given_at": "2026-03-05T15:00:00+08:00",
}
_CONDITIONAL = but(
    _VALID,
    stage="review",
    lead_department_code="115105020000000008",
    opinion="conditions",
    conditions="开业前增设一处疏散指示",
    reason="疏散指示数量不足",
    document_no="（测）消意字第0号",
    materials=[{"name": "消防意见书", "digest": "sha256:" + "0f" * 32, "size": 20480, "media_type": "application/pdf"}],
    handler="测试经办人庚",
    approved_by="测试负责人己",
)

CONTRACT = Contract(
    type="cn.gov.opinion.given",
    version=1,
    title=Text("会签意见", "Opinion given"),
    meaning=Text(
        "一个部门就征求意见、会签或并联审批答复牵头部门：同意、有条件同意、不同意或无意见。",
        "A department answers the one that leads: it agrees, agrees with conditions, objects, or has no opinion.",
    ),
    model=OpinionGiven,
    rules=(
        RequiredWhen("conditions", "opinion", ("conditions",)),
        AbsentWhen("conditions", "opinion", ("agree", "object", "none")),
        RequiredWhen("reason", "opinion", ("object",)),
        whole_files("materials"),
    ),
    examples=(
        Example("同意 / agrees", _VALID),
        Example("有条件同意 / agrees with conditions", _CONDITIONAL),
        Example(
            "不同意而无理由 / objects without a reason",
            but(_VALID, opinion="object"),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "有条件同意而无条件 / conditions that nobody states",
            but(_CONDITIONAL, drop=("conditions",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.conditions"),),
        ),
        Example(
            "同意又附条件，缺少编号 / agrees and yet has conditions, no number",
            but(_CONDITIONAL, drop=("consultation_no",), opinion="agree"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.consultation_no"), ("E_V_RULE", "$.data.conditions")),
        ),
    ),
)
