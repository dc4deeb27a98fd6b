# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""补正告知: everything the applicant has to add or correct, said once."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Day, Line30, Line50, Line100, Line200, Moment, Prose1000, Prose2000, says
from contracts.personal import PersonalClass
from contracts.text import Text


class MaterialWanted(BaseModel):
    """One material the applicant has to hand in, anew or corrected."""

    model_config = STRICT

    name: Annotated[Line200, says("材料名称", "Name of the material")]
    requirement: Annotated[Prose1000 | None, says("补正要求", "What is wrong with it or wanted of it")] = None


class CorrectionRequested(CaseRecord):
    """One notice of correction."""

    correction_no: Annotated[Line50 | None, says("补正编号", "Number of this notice; the correction refers to it")] = (
        None
    )
    reason: Annotated[Prose2000, says("补正原因", "Why a correction is needed"), PersonalClass.FREE_TEXT]
    materials: Annotated[
        tuple[MaterialWanted, ...],
        Field(min_length=1, max_length=200),
        says("补正材料清单", "What has to be handed in"),
    ]
    department_name: Annotated[Line100 | None, says("告知部门名称", "Name of the department that asks")] = None
    sender: Annotated[Line30 | None, says("补正告知发出人", "Officer who sent the notice"), PersonalClass.NAME] = None
    requested_at: Annotated[Moment, says("补正告知时间", "When the notice was given")]
    due_on: Annotated[Day | None, says("补正期限", "Last day for the correction")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "reason": "平面图未标注尺寸",
    "materials": [{"name": "平面图"}],
    "requested_at": "2026-03-02T11:00:00+08:00",
}
_FULL = but(
    _VALID,
    correction_no="BZ-0001",
    materials=[{"name": "平面图", "requirement": "标注各区域尺寸"}, {"name": "从业人员健康证明"}],
    department_name="示例区市场监督管理局（测试）",
    sender="测试经办人丁",
    due_on="2026-03-16",
    item_code="1151050200000000084000131014000",
)

CONTRACT = Contract(
    type="cn.gov.correction.requested",
    version=1,
    title=Text("补正告知", "Correction requested"),
    meaning=Text(
        "部门一次性告知申请人需要补正的全部内容。",
        "The department tells the applicant, once, all that must be corrected.",
    ),
    model=CorrectionRequested,
    examples=(
        Example("补正一份材料 / one material", _VALID),
        Example("补正两份材料，含期限 / two materials and a last day", _FULL),
        Example(
            "清单为空 / an empty list",
            but(_VALID, materials=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.materials"),),
        ),
        Example(
            "期限写成其他格式 / the last day in another form",
            but(_VALID, due_on="2026/03/16"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.due_on"),),
        ),
        Example(
            "原因空白，材料无名称 / a blank reason, a material without a name",
            but(_VALID, reason="  ", materials=[{"requirement": "标注尺寸"}]),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.reason"), ("E_V_MISSING", "$.data.materials[0].name")),
        ),
    ),
)
