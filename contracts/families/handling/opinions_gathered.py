# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""意见汇总: what the departments that were asked have said, put together for the one that leads."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ConsultationKind, ConsultationOutcome, ConsultationStage, OpinionKind, OpinionStanding
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Department, Line50, Line100, Moment, Prose2000, says
from contracts.personal import PersonalClass
from contracts.rules import Distinct, Together
from contracts.text import Text


class Gathered(BaseModel):
    """One department that was asked."""

    model_config = STRICT

    department_code: Annotated[Department, says("被征求意见部门代码", "Code of the department that was asked")]
    department_name: Annotated[Line100 | None, says("被征求意见部门名称", "Name of that department")] = None
    standing: Annotated[OpinionStanding, says("答复状态", "Whether it has answered")]
    opinion: Annotated[OpinionKind | None, says("意见", "Its opinion")] = None
    conditions: Annotated[Prose2000 | None, says("条件", "On what conditions it agrees"), PersonalClass.FREE_TEXT] = (
        None
    )
    reason: Annotated[Prose2000 | None, says("理由", "Why"), PersonalClass.FREE_TEXT] = None
    document_no: Annotated[Line50 | None, says("意见文书号", "Number of the written opinion")] = None
    given_at: Annotated[Moment | None, says("出具意见时间", "When it was given")] = None


class OpinionsGathered(CaseRecord):
    """All answers to one consultation; a higher ``record_version`` replaces a lower one, for an answer may come late."""

    consultation_no: Annotated[Line50, says("征求意见编号", "The consultation")]
    kind: Annotated[ConsultationKind, says("征求意见方式", "How the departments took part")]
    stage: Annotated[ConsultationStage | None, says("征求意见阶段", "Stage of the case that it is about")] = None
    department_code: Annotated[Department, says("牵头部门代码", "Code of the department that leads")]
    outcome: Annotated[ConsultationOutcome, says("总体结果", "What the opinions come to")]
    opinions: Annotated[
        tuple[Gathered, ...], Field(min_length=1, max_length=50), says("各部门意见", "Everybody who was asked")
    ]
    due_at: Annotated[Moment, says("答复期限", "By when opinions were wanted")]
    gathered_at: Annotated[Moment, says("汇总时间", "When this was put together")]


_AGREES = {
    "department_code": "115105020000000270",
    "standing": "answered",
    "opinion": "agree",
    "given_at": "2026-03-05T15:00:00+08:00",
}
_VALID = {
    "case_no": "510500-20260302-000001",
    "consultation_no": "YJ-0001",
    "kind": "opinion",
    "department_code": "115105020000000008",
    "outcome": "agreed",
    "opinions": [_AGREES],
    "due_at": "2026-03-06T18:00:00+08:00",
    "gathered_at": "2026-03-05T15:00:02+08:00",
}
_INCOMPLETE = but(
    _VALID,
    kind="parallel",
    stage="review",
    outcome="incomplete",
    opinions=[
        {
            **_AGREES,
            "opinion": "conditions",
            "conditions": "开业前增设一处疏散指示",
            "reason": "疏散指示数量不足",
            "department_name": "示例区消防救援机构（测试）",
            "document_no": "（测）消意字第0号",
        },
        {"department_code": "11510502000000035T", "standing": "overdue"},
    ],
    gathered_at="2026-03-06T18:00:00+08:00",
    record_version=1,
)

CONTRACT = Contract(
    type="cn.gov.opinions.gathered",
    version=1,
    title=Text("意见汇总", "Opinions gathered"),
    meaning=Text(
        "被征求意见的部门都已答复，或答复期限已到：各部门意见与总体结果，告知牵头部门。",
        "Every department that was asked has answered, or time is up: all opinions, and what they come to, for the leading one.",
    ),
    model=OpinionsGathered,
    rules=(
        Distinct("opinions", "department_code"),
        Together(("opinion", "given_at"), each="opinions"),
    ),
    examples=(
        Example("均同意 / all agree", _VALID),
        Example("一个部门附条件，一个部门逾期 / conditions from one, another overdue", _INCOMPLETE),
        Example(
            "已答复而无意见 / answered, and no opinion",
            but(_VALID, opinions=[but(_AGREES, drop=("opinion",))]),
            valid=False,
            expect=(("E_V_RULE", "$.data.opinions[0].opinion"),),
        ),
        Example(
            "没有部门，没有编号 / nobody was asked, no number",
            but(_VALID, drop=("consultation_no",), opinions=[]),
            valid=False,
            expect=(("E_V_MISSING", "$.data.consultation_no"), ("E_V_LENGTH", "$.data.opinions")),
        ),
        Example(
            "同一部门两次，总体结果未知 / one department twice, an unknown outcome",
            but(_VALID, opinions=[_AGREES, _AGREES], outcome="其他"),
            valid=False,
            expect=(("E_V_CODE", "$.data.outcome"), ("E_V_RULE", "$.data.opinions[1].department_code")),
        ),
    ),
)
