# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""征求意见与并联审批: the leading department asks others about a case."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ConsultationKind, ConsultationStage
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Department, Line30, Line50, Line100, Moment, Prose2000, says
from contracts.families.material import Material, whole_files
from contracts.personal import PersonalClass
from contracts.rules import Distinct, NotBefore
from contracts.text import Text


class Consulted(BaseModel):
    """One department that is asked."""

    model_config = STRICT

    department_code: Annotated[Department, says("被征求意见部门代码", "Code of the department that is asked")]
    department_name: Annotated[Line100 | None, says("被征求意见部门名称", "Name of that department")] = None
    case_no: Annotated[
        Line50 | None, says("被征求意见部门办件编号", "Case number of its own part of a parallel approval")
    ] = None


class ConsultationRequested(CaseRecord):
    """One question to one or more departments. Each answers for itself."""

    consultation_no: Annotated[Line50, says("征求意见编号", "Number of this consultation; opinions refer to it")]
    kind: Annotated[ConsultationKind, says("征求意见方式", "How the departments take part")]
    stage: Annotated[ConsultationStage | None, says("征求意见阶段", "Stage of the case that it is about")] = None
    department_code: Annotated[Department, says("牵头部门代码", "Code of the department that leads")]
    department_name: Annotated[Line100, says("牵头部门名称", "Name of the department that leads")]
    consulted: Annotated[
        tuple[Consulted, ...], Field(min_length=1, max_length=50), says("被征求意见部门", "Who is asked")
    ]
    question: Annotated[Prose2000, says("征求意见内容", "What is asked"), PersonalClass.FREE_TEXT]
    materials: Annotated[tuple[Material, ...], Field(max_length=200), says("材料", "Materials to look at")] = ()
    handler: Annotated[Line30 | None, says("牵头部门经办人", "Officer who asks"), PersonalClass.NAME] = None
    requested_at: Annotated[Moment, says("征求意见时间", "When it was asked")]
    due_at: Annotated[Moment, says("答复期限", "By when an opinion is wanted")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "consultation_no": "YJ-0001",
    "kind": "opinion",
    "department_code": "115105020000000008",
    "department_name": "示例区市场监督管理局（测试）",
    "consulted": [{"department_code": "115105020000000270"}],
    "question": "请就经营场所消防条件提出意见",
    "requested_at": "2026-03-04T09:00:00+08:00",
    "due_at": "2026-03-06T18:00:00+08:00",
}
_PARALLEL = but(
    _VALID,
    kind="parallel",
    stage="review",
    consulted=[
        {
            "department_code": "115105020000000270",
            "department_name": "示例区消防救援机构（测试）",
            "case_no": "510500-20260302-000002",
        },
        {"department_code": "11510502000000035T"},
    ],
    materials=[{"name": "平面图", "digest": "sha256:" + "0b" * 32, "size": 80211, "media_type": "image/png"}],
    handler="测试经办人丁",
)

CONTRACT = Contract(
    type="cn.gov.consultation.requested",
    version=1,
    title=Text("征求意见", "Consultation requested"),
    meaning=Text(
        "牵头部门就一件办件征求其他部门意见，或发起并联审批、会签。",
        "The leading department asks others for their opinions on a case, for a parallel approval or a countersignature.",
    ),
    model=ConsultationRequested,
    rules=(Distinct("consulted", "department_code"), whole_files("materials"), NotBefore("due_at", "requested_at")),
    examples=(
        Example("征求一个部门意见 / one department is asked", _VALID),
        Example("并联审批 / parallel approval", _PARALLEL),
        Example(
            "同一部门两次 / one department twice",
            but(_VALID, consulted=[*_VALID["consulted"], *_VALID["consulted"]]),
            valid=False,
            expect=(("E_V_RULE", "$.data.consulted[1].department_code"),),
        ),
        Example(
            "期限早于提出时间 / due before it was asked",
            but(_VALID, due_at="2026-03-03T18:00:00+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.due_at"),),
        ),
        Example(
            "没有问题，方式未知，部门为文字 / no question, an unknown kind, a department in words",
            but(_VALID, drop=("question",), kind="其他", consulted=["消防"]),
            valid=False,
            expect=(
                ("E_V_CODE", "$.data.kind"),
                ("E_V_TYPE", "$.data.consulted[0]"),
                ("E_V_MISSING", "$.data.question"),
            ),
        ),
    ),
)
