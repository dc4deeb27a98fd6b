# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""办理环节: one step of handling, GB/T 39046-2020 table 7."""

from typing import Annotated

from contracts.codes import StepAction, StepStatus
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line30, Line50, Line100, Moment, Prose1000, says
from contracts.families.form import SAME_ITEM, ItemForm
from contracts.personal import PersonalClass
from contracts.rules import NotBefore
from contracts.text import Text


class ProcessStep(CaseRecord):
    """One step, begun or finished."""

    step_no: Annotated[Line50 | None, says("环节编号", "The department's own id of this step")] = None
    step_name: Annotated[Line100, says("环节名称", "Name of the step")]
    action: Annotated[StepAction | None, says("业务动作", "What the officer did")] = None
    status: Annotated[StepStatus, says("环节办理状态", "Whether the step waits or is done")]
    handler: Annotated[Line30 | None, says("处理人", "Officer who handles the step"), PersonalClass.NAME] = None
    opinion: Annotated[Prose1000 | None, says("处理意见", "The officer's opinion"), PersonalClass.FREE_TEXT] = None
    started_at: Annotated[Moment, says("环节开始时间", "When the step began")]
    ended_at: Annotated[
        Moment | None, says("环节结束时间", "When the step ended; absent while it lasts or when it took no time")
    ] = None
    department_name: Annotated[Line100 | None, says("处理单位名称", "Name of the handling department")] = None
    form: Annotated[ItemForm | None, says("事项表单", "What the item's own form asks at this step")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "step_name": "现场核查",
    "status": "1",
    "started_at": "2026-03-04T09:00:00+08:00",
}
_DONE = but(
    _VALID,
    step_no="3",
    status="2",
    action="passed",
    handler="测试核查员戊",
    opinion="符合要求，\n同意。",
    ended_at="2026-03-04T16:30:00+08:00",
    department_name="示例区市场监督管理局（测试）",
    department_code="115105020000000008",
    form={
        "item_code": "1151050200000000084000131014000",
        "form_version": 1,
        "data": {"checked_on": "2026-03-04", "passed": True, "remarks": None},
    },
)

CONTRACT = Contract(
    type="cn.gov.process.step",
    version=1,
    title=Text("办理环节", "Process step"),
    meaning=Text("办件进入或完成了一个环节。", "The case has entered or finished a step of handling."),
    model=ProcessStep,
    rules=(NotBefore("ended_at", "started_at"), SAME_ITEM),
    examples=(
        Example("环节待办 / waiting", _VALID),
        Example("环节已办 / done", _DONE),
        Example(
            "结束早于开始 / ended before it began",
            but(_DONE, ended_at="2026-03-04T08:59:59+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.ended_at"),),
        ),
        Example(
            "表单没有版本 / a form without its version",
            but(_VALID, form={"item_code": "1151050200000000084000131014000", "data": {}}),
            valid=False,
            expect=(("E_V_MISSING", "$.data.form.form_version"),),
        ),
        Example(
            "状态写成数字，动作写成中文 / status as a number, action in Chinese",
            but(_VALID, status=1, action="通过"),
            valid=False,
            expect=(("E_V_CODE", "$.data.status"), ("E_V_CODE", "$.data.action")),
        ),
        Example(
            "意见过长，时间为数字 / an opinion too long, a time as a number",
            but(_VALID, opinion="意" * 1001, started_at=1772586000),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.opinion"), ("E_V_TYPE", "$.data.started_at")),
        ),
    ),
)
