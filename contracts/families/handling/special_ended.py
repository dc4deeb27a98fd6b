# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""特别程序结束: the legal clock goes on, GB/T 39046-2020 table 7."""

from typing import Annotated

from contracts.codes import SpecialProcedure
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line30, Line50, Line100, Moment, Prose2000, says
from contracts.personal import PersonalClass
from contracts.text import Text


class SpecialEnded(CaseRecord):
    """The end of one special procedure."""

    special_no: Annotated[Line50, says("特别程序编号", "The number its start carried")]
    kind: Annotated[SpecialProcedure | None, says("特别程序种类代码", "Kind of procedure")] = None
    result: Annotated[Prose2000, says("特别程序结果", "What came of it"), PersonalClass.FREE_TEXT]
    opinion: Annotated[Prose2000 | None, says("办理意见", "The officer's opinion"), PersonalClass.FREE_TEXT] = None
    handler: Annotated[Line30 | None, says("办理人", "Officer who ended it"), PersonalClass.NAME] = None
    ended_at: Annotated[Moment, says("结束时间", "When the procedure ended")]
    department_name: Annotated[Line100 | None, says("办理单位名称", "Name of the department")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "special_no": "1",
    "result": "评审通过",
    "ended_at": "2026-03-09T17:00:00+08:00",
}
_FULL = but(
    _VALID,
    kind="2",
    opinion="同意继续办理",
    handler="测试经办人丁",
    department_name="示例区市场监督管理局（测试）",
    level_code="4",
)

CONTRACT = Contract(
    type="cn.gov.special.ended",
    version=1,
    title=Text("特别程序结束", "Special procedure ended"),
    meaning=Text("特别程序结束，办理时限继续计算。", "A special procedure has ended; the period runs on."),
    model=SpecialEnded,
    examples=(
        Example("评审结束 / review ended", _VALID),
        Example("字段齐全 / every field", _FULL),
        Example(
            "缺少结果 / no result",
            but(_VALID, drop=("result",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.result"),),
        ),
        Example(
            "编号为数字 / the number as a JSON number",
            but(_VALID, special_no=1),
            valid=False,
            expect=(("E_V_TYPE", "$.data.special_no"),),
        ),
        Example(
            "不存在的日期，未知层级 / a day that does not exist, an unknown level",
            but(_VALID, ended_at="2026-02-30T17:00:00+08:00", level_code="8"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.ended_at"), ("E_V_CODE", "$.data.level_code")),
        ),
    ),
)
