# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""特别程序开始: a special procedure that stops or lengthens the legal clock, GB/T 39046-2020 table 7."""

from typing import Annotated

from pydantic import Field

from contracts.codes import PeriodUnit, SpecialProcedure
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line30, Line50, Line100, Moment, Prose2000, says
from contracts.personal import PersonalClass
from contracts.rules import Together
from contracts.text import Text


class SpecialStarted(CaseRecord):
    """The start of one special procedure."""

    special_no: Annotated[Line50, says("特别程序编号", "Pairs the start with the end of the procedure")]
    kind: Annotated[SpecialProcedure, says("特别程序种类代码", "Kind of procedure")]
    kind_name: Annotated[Line100, says("特别程序种类名称", "Name of the procedure, such as hearing or expert review")]
    reason: Annotated[Prose2000, says("启动理由或依据", "Reason or legal basis"), PersonalClass.FREE_TEXT]
    requested_by: Annotated[Line30 | None, says("申请人", "Officer who asked for it"), PersonalClass.NAME] = None
    approved_by: Annotated[Line30 | None, says("批准人", "Officer who approved it"), PersonalClass.NAME] = None
    started_at: Annotated[Moment, says("开始时间", "When the procedure began")]
    period: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=3650)] | None, says("特别程序时限", "How long it may take")
    ] = None
    period_unit: Annotated[PeriodUnit | None, says("特别程序时限单位", "Unit of the period")] = None
    department_name: Annotated[Line100 | None, says("办理单位名称", "Name of the department")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "special_no": "1",
    "kind": "2",
    "kind_name": "专家评审",
    "reason": "依法需要专家评审",
    "started_at": "2026-03-05T09:00:00+08:00",
}
_EXTENSION = but(
    _VALID,
    special_no="2",
    kind="1",
    kind_name="延长审批",
    reason="案情复杂",
    requested_by="测试经办人丁",
    approved_by="测试负责人己",
    period=10,
    period_unit="working_day",
    department_name="示例区市场监督管理局（测试）",
)

CONTRACT = Contract(
    type="cn.gov.special.started",
    version=1,
    title=Text("特别程序开始", "Special procedure started"),
    meaning=Text(
        "办件进入特别程序，办理时限暂停或延长。",
        "The case has entered a special procedure; its period is paused or lengthened.",
    ),
    model=SpecialStarted,
    rules=(Together(("period", "period_unit")),),
    examples=(
        Example("专家评审 / expert review", _VALID),
        Example("延长审批 / extension", _EXTENSION),
        Example(
            "时限缺少单位 / a period without a unit",
            but(_EXTENSION, drop=("period_unit",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.period_unit"),),
        ),
        Example(
            "种类与名称颠倒 / kind and name swapped",
            but(_VALID, kind="专家评审", kind_name="2"),
            valid=False,
            expect=(("E_V_CODE", "$.data.kind"),),
        ),
        Example(
            "缺少编号与依据 / no number and no reason",
            but(_VALID, drop=("special_no", "reason")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.special_no"), ("E_V_MISSING", "$.data.reason")),
        ),
    ),
)
