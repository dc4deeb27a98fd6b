# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""办结: how the case ended, GB/T 39046-2020 table 8."""

from typing import Annotated

from contracts.codes import CompletionResult
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Flag, Line30, Line50, Line100, Line200, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class CompletionDecided(CaseRecord):
    """The end of a case."""

    result: Annotated[CompletionResult, says("办结结果", "How the case ended")]
    reason: Annotated[
        Prose1000 | None,
        says("作废、退回或不予许可的原因", "Why it was denied, returned or voided"),
        PersonalClass.FREE_TEXT,
    ] = None
    description: Annotated[Prose1000 | None, says("结果描述", "The result in words"), PersonalClass.FREE_TEXT] = None
    licence_name: Annotated[Line200 | None, says("结果证照名称", "Name of the licence that results")] = None
    licence_no: Annotated[Line50 | None, says("证照编号", "Number of the licence")] = None
    valid_for: Annotated[Line30 | None, says("有效期限", "Validity of the licence, as written on it")] = None
    issuer_name: Annotated[Line100 | None, says("发证/盖章单位", "Body that issues and seals")] = None
    by_post: Annotated[Flag | None, says("是否快递寄送", "Whether the result is sent by post")] = None
    charged: Annotated[Flag | None, says("是否收费", "Whether a fee was charged")] = None
    department_name: Annotated[Line100 | None, says("办结单位名称", "Name of the department")] = None
    handler: Annotated[Line30 | None, says("办理人", "Officer who closed the case"), PersonalClass.NAME] = None
    completed_at: Annotated[Moment, says("办结时间", "When the case was closed")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "result": "issued",
    "licence_name": "食品经营许可证",
    "licence_no": "JY00000000000000",
    "completed_at": "2026-03-11T15:00:00+08:00",
}
_FULL = but(
    _VALID,
    description="准予许可，发放证照",
    valid_for="5年",
    issuer_name="示例区市场监督管理局（测试）",
    by_post=True,
    charged=False,
    department_name="示例区市场监督管理局（测试）",
    handler="测试经办人丁",
    region_code="510502",
)
_DENIED = {
    "case_no": "510500-20260302-000002",
    "result": "denied",
    "reason": "经营场所不符合要求",
    "completed_at": "2026-03-11T15:00:00+08:00",
}

CONTRACT = Contract(
    type="cn.gov.completion.decided",
    version=1,
    title=Text("办结", "Completion decided"),
    meaning=Text("办件办结，并说明结果。", "The case is closed, with its result."),
    model=CompletionDecided,
    rules=(
        RequiredWhen("reason", "result", ("denied", "returned", "voided", "deleted", "lapsed")),
        RequiredWhen("licence_name", "result", ("issued",)),
    ),
    examples=(
        Example("出证办结 / closed with a licence", _VALID),
        Example("字段齐全 / every field", _FULL),
        Example("不予许可 / denied", _DENIED),
        Example(
            "不予许可而无原因 / denied without a reason",
            but(_DENIED, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "出证办结而无证照名称 / closed with a licence that has no name",
            but(_VALID, drop=("licence_name",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.licence_name"),),
        ),
        Example(
            "结果为地方代码，是否写成 0/1 / a site's own code, a flag as 0",
            but(_VALID, result="0", charged=0),
            valid=False,
            expect=(("E_V_CODE", "$.data.result"), ("E_V_TYPE", "$.data.charged")),
        ),
        Example(
            "国标附表中的时间写法 / the time as the standard's table prints it",
            but(_VALID, completed_at="2026031115:00:00"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.completed_at"),),
        ),
    ),
)
