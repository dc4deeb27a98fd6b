# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""咨询、投诉、建议的处理: an answer, or its postponement, GB/T 39046-2020 table 10."""

from typing import Annotated

from pydantic import Field

from contracts.codes import InquiryKind, InquiryOutcome
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import CaseNo, Day, Line30, Line50, Line100, Moment, Prose1000, Prose2000, says
from contracts.families.record import Record
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen, RequiredWhen
from contracts.text import Text


class InquiryAnswered(Record):
    """What the department did about one inquiry."""

    inquiry_no: Annotated[Line50, says("咨询编码", "Number of the inquiry; equal to the envelope's subject")]
    case_no: Annotated[CaseNo | None, says("办件编号", "The case it is about, if any")] = None
    kind: Annotated[InquiryKind | None, says("类型", "Whether it was a question, a complaint or a suggestion")] = None
    outcome: Annotated[InquiryOutcome, says("处理结果", "Whether it is answered or postponed")]
    reply: Annotated[
        Prose2000 | None, says("反馈", "What is told to the person who asked"), PersonalClass.FREE_TEXT
    ] = None
    opinion: Annotated[Prose2000 | None, says("处理意见", "The officer's opinion"), PersonalClass.FREE_TEXT] = None
    handler: Annotated[Line30 | None, says("处理人", "Officer who handled it"), PersonalClass.NAME] = None
    handled_at: Annotated[Moment, says("处理时间", "When it was answered or postponed")]
    extended_to: Annotated[Day | None, says("延期时限", "Day by which it is now to be answered")] = None
    extension_reason: Annotated[Prose1000 | None, says("延期原因", "Why it is postponed"), PersonalClass.FREE_TEXT] = (
        None
    )
    promised_on: Annotated[Day | None, says("承诺时限", "Day by which an answer was promised")] = None
    overdue_days: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=999)] | None,
        says("超期天数", "Days by which it was late, 0 to 999; 0 when it was in time"),
    ] = None
    department_name: Annotated[Line100 | None, says("承办单位名称", "Name of the department that handled it")] = None


_VALID = {
    "inquiry_no": "ZX-20260302-000001",
    "outcome": "answered",
    "reply": "请准备营业执照、平面图和身份证明，\n详见办事指南。",
    "handled_at": "2026-03-04T10:00:00+08:00",
}
_LATE = but(
    _VALID,
    inquiry_no="TS-20260312-000001",
    case_no="510500-20260302-000001",
    kind="complaint",
    reply="已增开窗口，感谢监督。",
    opinion="情况属实，已整改。",
    handler="测试经办人丁",
    handled_at="2026-03-19T16:00:00+08:00",
    promised_on="2026-03-17",
    overdue_days=2,
    department_name="示例区市场监督管理局（测试）",
    department_code="115105020000000008",
)
_EXTENDED = but(
    _LATE,
    drop=("reply", "overdue_days"),
    outcome="extended",
    extended_to="2026-03-27",
    extension_reason="需向其他部门核实",
    handled_at="2026-03-16T09:00:00+08:00",
)

CONTRACT = Contract(
    type="cn.gov.inquiry.answered",
    version=1,
    title=Text("咨询、投诉、建议的答复", "Inquiry answered"),
    meaning=Text(
        "部门答复了咨询、投诉或建议，或延期答复。", "The department has answered an inquiry, or postponed its answer."
    ),
    model=InquiryAnswered,
    subject="inquiry_no",
    rules=(
        RequiredWhen("reply", "outcome", ("answered",)),
        RequiredWhen("extended_to", "outcome", ("extended",)),
        RequiredWhen("extension_reason", "outcome", ("extended",)),
        AbsentWhen("reply", "outcome", ("extended",)),
    ),
    examples=(
        Example("按时答复 / answered", _VALID),
        Example("超期答复投诉 / a complaint answered late", _LATE),
        Example("延期答复 / postponed", _EXTENDED),
        Example(
            "答复而无反馈 / answered without a reply",
            but(_VALID, drop=("reply",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reply"),),
        ),
        Example(
            "延期而无时限与原因 / postponed without day and reason",
            but(_EXTENDED, drop=("extended_to", "extension_reason")),
            valid=False,
            expect=(("E_V_RULE", "$.data.extended_to"), ("E_V_RULE", "$.data.extension_reason")),
        ),
        Example(
            "延期却有反馈 / postponed and yet replied to",
            but(_EXTENDED, reply="请稍候"),
            valid=False,
            expect=(("E_V_RULE", "$.data.reply"),),
        ),
        Example(
            "超期天数超出，时限写成天数 / too many days late, a day as a period",
            but(_LATE, overdue_days=1000, promised_on="5个工作日"),
            valid=False,
            expect=(("E_V_RANGE", "$.data.overdue_days"), ("E_V_FORMAT", "$.data.promised_on")),
        ),
    ),
)
