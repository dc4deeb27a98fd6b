# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""预警: electronic supervision has noticed something about a case, GB/T 39046-2020 table 11."""

from typing import Annotated

from pydantic import Field

from contracts.codes import ItemType, WarningSeverity, WarningTrigger
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Day, Line20, Line100, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class SupervisionWarned(CaseRecord):
    """One warning. The rule that was broken is named by its number; the rules themselves are the supervisor's data."""

    supervision_no: Annotated[Line20, says("监察编号", "Number of this warning; a supervise order refers to it")]
    rule_no: Annotated[Line20, says("监察规则编号", "Number of the supervision rule that fired")]
    warning_type_code: Annotated[
        Line20 | None,
        says("监察预警类型代码", "Kind of warning as the supervisor codes it; the standard gives no code table"),
    ] = None
    severity: Annotated[WarningSeverity, says("预警级别", "How grave it is")]
    trigger: Annotated[WarningTrigger | None, says("预警依据", "Which of the case's times has come")] = None
    due_on: Annotated[Day | None, says("时限日期", "Last day of the period that the trigger is about")] = None
    overdue_days: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=9999)] | None,
        says("超期天数", "Working days beyond that day, 0 when none"),
    ] = None
    stage_name: Annotated[Line100 | None, says("环节名称", "Step of the work the warning is about")] = None
    item_type: Annotated[ItemType | None, says("事项类型代码", "Kind of the item")] = None
    description: Annotated[
        Prose1000, says("监察结果描述", "What the supervisor found, in words"), PersonalClass.FREE_TEXT
    ]
    department_name: Annotated[Line100, says("责任部门", "Department that answers for it")]
    supervisor_name: Annotated[Line100 | None, says("监察机构名称", "Body that supervises")] = None
    occurred_at: Annotated[Moment, says("状态产生时间", "When the state arose that the warning is about")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "supervision_no": "JC-20260312-0001",
    "rule_no": "GZ-001",
    "severity": "notice",
    "description": "距承诺办结时间不足一个工作日",
    "department_name": "示例区市场监督管理局（测试）",
    "occurred_at": "2026-03-12T09:00:00+08:00",
}
_OVERDUE = but(
    _VALID,
    supervision_no="JC-20260317-0001",
    rule_no="GZ-003",
    warning_type_code="2",
    severity="yellow",
    trigger="statutory_time",
    due_on="2026-03-16",
    overdue_days=1,
    stage_name="现场核查",
    item_type="01",
    description="超过法定时限一个工作日未办结",
    supervisor_name="示例市行政效能监察机构（测试）",
    occurred_at="2026-03-17T00:00:00+08:00",
    department_code="115105020000000008",
)

CONTRACT = Contract(
    type="cn.gov.supervision.warned",
    version=1,
    title=Text("预警", "Supervision warned"),
    meaning=Text(
        "电子监察就办件发出预警；预警时间、承诺时间、法定时间到达均可触发。",
        "Supervision warns about a case: its warning time, promised time or statutory time has come, or a rule is broken.",
    ),
    model=SupervisionWarned,
    rules=(RequiredWhen("due_on", "trigger", ("warning_time", "promised_time", "statutory_time")),),
    examples=(
        Example("临期提醒 / a period about to end", _VALID),
        Example("超期黄牌 / overdue, a yellow card", _OVERDUE),
        Example(
            "时限触发而无日期 / a time has come, and no day is given",
            but(_OVERDUE, drop=("due_on",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.due_on"),),
        ),
        Example(
            "级别写成颜色的汉字，编号过长 / a severity in words, a number too long",
            but(_VALID, severity="黄牌", supervision_no="J" * 21),
            valid=False,
            expect=(("E_V_CODE", "$.data.severity"), ("E_V_LENGTH", "$.data.supervision_no")),
        ),
        Example(
            "缺少规则与责任部门，天数为负 / no rule, nobody answers for it, fewer days than none",
            but(_OVERDUE, drop=("rule_no", "department_name"), overdue_days=-1),
            valid=False,
            expect=(
                ("E_V_MISSING", "$.data.rule_no"),
                ("E_V_RANGE", "$.data.overdue_days"),
                ("E_V_MISSING", "$.data.department_name"),
            ),
        ),
    ),
)
