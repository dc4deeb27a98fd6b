# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""办结, version 2: the validity of what results as days instead of words, and endings that version 1 has no code for.

The further endings are those that sites count: 撤销申请 and 异常终止 among the states of one vendor's system, 终止 in one
province's monthly figures, and a plain 办结 in another's results.
"""

from typing import Annotated

from contracts.codes import CaseClosing, Validity
from contracts.contract import Contract
from contracts.conversion import Conversion
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Day, Flag, Line30, Line100, Line200, Line500, Moment, Prose1000, says
from contracts.families.handling.validity_written import ValidityStructured
from contracts.families.validity import VALIDITY_RULES, NoStandIn
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen
from contracts.steps import CodesAdded, Widened
from contracts.text import Text


class CompletionDecidedV2(CaseRecord):
    """The end of a case."""

    result: Annotated[CaseClosing, says("办结结果", "How the case ended")]
    reason: Annotated[
        Prose1000 | None,
        says("作废、退回、不予许可或终止的原因", "Why it was denied, returned, voided or terminated"),
        PersonalClass.FREE_TEXT,
    ] = None
    description: Annotated[Prose1000 | None, says("结果描述", "The result in words"), PersonalClass.FREE_TEXT] = None
    licence_name: Annotated[Line200 | None, says("结果证照名称", "Name of the licence that results")] = None
    licence_no: Annotated[
        Line500 | None, says("证照编号", "Number of the licence, or the numbers of all of them (result_cetr_no)")
    ] = None
    validity: Annotated[
        Validity | None, says("有效期类别", "Whether the licence ends; absent when it is not known")
    ] = None
    valid_from: Annotated[Day | None, says("有效期起始日期", "First day of validity")] = None
    valid_until: Annotated[Day | None, says("有效期截止日期", "Last day of validity")] = None
    validity_text: Annotated[Line30 | None, says("有效期限（文字）", "Validity as written on the licence")] = None
    issuer_name: Annotated[Line100 | None, says("发证/盖章单位", "Body that issues and seals")] = None
    by_post: Annotated[Flag | None, says("是否快递寄送", "Whether the result is sent by post")] = None
    charged: Annotated[Flag | None, says("是否收费", "Whether a fee was charged")] = None
    department_name: Annotated[Line100 | None, says("办结单位名称", "Name of the department")] = None
    handler: Annotated[Line30 | None, says("办理人", "Officer who closed the case"), PersonalClass.NAME] = None
    completed_at: Annotated[Moment, says("办结时间", "When the case was closed")]


_NEW = {code.value: code.text for code in (CaseClosing.WITHDRAWN, CaseClosing.TERMINATED, CaseClosing.CLOSED)}

_VALID = {
    "case_no": "510500-20260302-000001",
    "result": "issued",
    "licence_name": "食品经营许可证",
    "licence_no": "JY00000000000000",
    "validity": "until",
    "valid_from": "2026-03-11",
    "valid_until": "2031-03-10",
    "completed_at": "2026-03-11T15:00:00+08:00",
}
_FULL = but(
    _VALID,
    drop=("valid_from", "valid_until"),
    validity="long_term",
    validity_text="长期有效",
    description="准予许可，发放证照",
    issuer_name="示例区市场监督管理局（测试）",
    by_post=True,
    charged=False,
    department_name="示例区市场监督管理局（测试）",
    handler="测试经办人丁",
    region_code="510502",
)
_TERMINATED = {
    "case_no": "510500-20260302-000002",
    "result": "terminated",
    "reason": "申请人主体资格终止（测试）",
    "completed_at": "2026-03-11T15:00:00+08:00",
}

CONTRACT = Contract(
    type="cn.gov.completion.decided",
    version=2,
    title=Text("办结", "Completion decided"),
    meaning=Text(
        "办件办结，并说明结果；有效期以日期或代码表示，长期不以日期代替。",
        "The case is closed, with its result. Validity is said by days or a code; no day stands for having no end.",
    ),
    model=CompletionDecidedV2,
    rules=(
        RequiredWhen("reason", "result", ("denied", "returned", "voided", "deleted", "lapsed", "terminated")),
        RequiredWhen("licence_name", "result", ("issued",)),
        *VALIDITY_RULES,
        NoStandIn("valid_until"),
        NotBefore("valid_until", "valid_from"),
    ),
    examples=(
        Example("出证办结，有期限 / closed with a licence that ends", _VALID),
        Example("长期有效，字段齐全 / a licence without an end, every field", _FULL),
        Example("终止办结 / terminated", _TERMINATED),
        Example(
            "终止而无原因 / terminated without a reason",
            but(_TERMINATED, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "以 2099-12-31 表示长期 / a day that stands for no end",
            but(_VALID, valid_until="2099-12-31"),
            valid=False,
            expect=(("E_V_RULE", "$.data.valid_until"),),
        ),
        Example(
            "长期而有截止日期，另有未知结果 / without an end and yet with one, an unknown result",
            but(_FULL, valid_until="2031-03-10", result="0"),
            valid=False,
            expect=(("E_V_CODE", "$.data.result"), ("E_V_RULE", "$.data.valid_until")),
        ),
        Example(
            "沿用第 1 版的文字有效期 / the words of version 1",
            but(_TERMINATED, valid_for="5年"),
            valid=False,
            expect=(("E_V_UNKNOWN_FIELD", "$.data.valid_for"),),
        ),
    ),
    conversion=Conversion((CodesAdded("result", _NEW), Widened("licence_no", 50), ValidityStructured())),
)
