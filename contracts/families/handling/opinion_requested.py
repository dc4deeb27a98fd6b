# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""请出具意见: the question of a consultation as one department gets it."""

from typing import Annotated

from pydantic import Field

from contracts.codes import ConsultationKind, ConsultationStage
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Department, Line50, Line100, Moment, Prose2000, says
from contracts.families.material import Material, whole_files
from contracts.personal import PersonalClass
from contracts.rules import NotBefore
from contracts.text import Text


class OpinionRequested(CaseRecord):
    """One department is asked. It answers with ``cn.gov.opinion.given`` under the same consultation number."""

    consultation_no: Annotated[Line50, says("征求意见编号", "The consultation; the opinion refers to it")]
    kind: Annotated[ConsultationKind, says("征求意见方式", "How the department takes part")]
    stage: Annotated[ConsultationStage | None, says("征求意见阶段", "Stage of the case that it is about")] = None
    department_code: Annotated[Department, says("被征求意见部门代码", "Code of the department that is asked")]
    department_name: Annotated[Line100 | None, says("被征求意见部门名称", "Name of that department")] = None
    own_case_no: Annotated[
        Line50 | None, says("被征求意见部门办件编号", "Case number of its own part of a parallel approval")
    ] = None
    lead_department_code: Annotated[Department, says("牵头部门代码", "Code of the department that leads")]
    lead_department_name: Annotated[Line100, says("牵头部门名称", "Name of the department that leads")]
    question: Annotated[Prose2000, says("征求意见内容", "What is asked"), PersonalClass.FREE_TEXT]
    materials: Annotated[tuple[Material, ...], Field(max_length=200), says("材料", "Materials to look at")] = ()
    requested_at: Annotated[Moment, says("征求意见时间", "When it was asked")]
    due_at: Annotated[Moment, says("答复期限", "By when the opinion is wanted")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "consultation_no": "YJ-0001",
    "kind": "opinion",
    "department_code": "115105020000000270",
    "lead_department_code": "115105020000000008",
    "lead_department_name": "示例区市场监督管理局（测试）",
    "question": "请就经营场所消防条件提出意见",
    "requested_at": "2026-03-04T09:00:00+08:00",
    "due_at": "2026-03-06T18:00:00+08:00",
}
_PARALLEL = but(
    _VALID,
    kind="parallel",
    stage="review",
    department_name="示例区消防救援机构（测试）",
    own_case_no="510500-20260302-000002",
    materials=[{"name": "平面图", "digest": "sha256:" + "0b" * 32, "size": 80211, "media_type": "image/png"}],
)

CONTRACT = Contract(
    type="cn.gov.opinion.requested",
    version=1,
    title=Text("请出具意见", "Opinion requested"),
    meaning=Text(
        "一个部门被请求就一件办件出具意见；以相同编号答复。",
        "One department is asked for its opinion on a case, and answers under the same number.",
    ),
    model=OpinionRequested,
    rules=(whole_files("materials"), NotBefore("due_at", "requested_at")),
    examples=(
        Example("征求意见 / asked for an opinion", _VALID),
        Example("并联审批 / parallel approval", _PARALLEL),
        Example(
            "期限早于提出时间 / due before it was asked",
            but(_VALID, due_at="2026-03-03T18:00:00+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.due_at"),),
        ),
        Example(
            "没有问题，材料为负 / no question, a material of negative size",
            but(
                _VALID,
                drop=("question",),
                materials=[{"name": "平面图", "digest": "sha256:" + "0b" * 32, "size": -1, "media_type": "image/png"}],
            ),
            valid=False,
            expect=(("E_V_MISSING", "$.data.question"), ("E_V_RANGE", "$.data.materials[0].size")),
        ),
        Example(
            "缺少牵头部门，方式未知 / no leading department, an unknown kind",
            but(_VALID, drop=("lead_department_code",), kind="其他"),
            valid=False,
            expect=(("E_V_CODE", "$.data.kind"), ("E_V_MISSING", "$.data.lead_department_code")),
        ),
    ),
)
