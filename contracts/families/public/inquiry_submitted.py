# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""咨询、投诉、建议: what somebody asks, complains about or suggests, GB/T 39046-2020 table 10."""

from typing import Annotated

from contracts.codes import InquiryKind
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import CaseNo, Day, Line50, Line100, Line200, Moment, Prose2000, says
from contracts.families.party import Contact
from contracts.families.record import Record
from contracts.personal import PersonalClass
from contracts.text import Text


class InquirySubmitted(Record):
    """One inquiry, complaint or suggestion, with or without a case."""

    inquiry_no: Annotated[Line50, says("咨询编码", "Number of the inquiry; equal to the envelope's subject")]
    case_no: Annotated[CaseNo | None, says("办件编号", "The case it is about, if any")] = None
    kind: Annotated[InquiryKind, says("类型", "Whether it asks, complains or suggests")]
    title: Annotated[Line200, says("标题", "Title"), PersonalClass.FREE_TEXT]
    content: Annotated[
        Prose2000,
        says("内容（咨询内容或投诉内容）", "What is asked, complained about or suggested"),
        PersonalClass.FREE_TEXT,
    ]
    contact: Annotated[
        Contact | None, says("咨询人或投诉人", "Whom to answer; absent when it was made without a name")
    ] = None
    origin: Annotated[Line50 | None, says("来源", "Where it came in, such as website, hotline or window")] = None
    submitted_at: Annotated[Moment, says("提交时间", "When it was made")]
    department_name: Annotated[Line100 | None, says("承办单位名称", "Name of the department that is to answer")] = None
    promised_on: Annotated[Day | None, says("承诺时限", "Day by which an answer is promised")] = None


_VALID = {
    "inquiry_no": "ZX-20260302-000001",
    "kind": "consultation",
    "title": "办理食品经营许可需要哪些材料",
    "content": "在示例街开一家小餐馆，\n需要准备什么？",
    "submitted_at": "2026-03-02T20:15:00+08:00",
}
_COMPLAINT = but(
    _VALID,
    inquiry_no="TS-20260312-000001",
    case_no="510500-20260302-000001",
    kind="complaint",
    title="等候时间过长",
    content="取证照时等候两小时。",
    contact={"name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X", "mobile": "00000000000"},
    origin="热线电话",
    department_name="示例区市场监督管理局（测试）",
    department_code="115105020000000008",
    item_code="1151050200000000084000131014000",
    region_code="510502",
    promised_on="2026-03-17",
)

CONTRACT = Contract(
    type="cn.gov.inquiry.submitted",
    version=1,
    title=Text("咨询、投诉、建议", "Inquiry submitted"),
    meaning=Text(
        "公众提出咨询、投诉或建议；答复时间计入电子监察。",
        "Somebody asks, complains or suggests; the time until the answer counts for supervision.",
    ),
    model=InquirySubmitted,
    subject="inquiry_no",
    examples=(
        Example("匿名咨询 / a question without a name", _VALID),
        Example("对办件的投诉，字段齐全 / a complaint about a case with every field", _COMPLAINT),
        Example(
            "没有内容 / nothing said",
            but(_VALID, drop=("content",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.content"),),
        ),
        Example(
            "类型写成中文，内容空白 / the kind in Chinese, the content blank",
            but(_VALID, kind="咨询", content=" \n"),
            valid=False,
            expect=(("E_V_CODE", "$.data.kind"), ("E_V_FORMAT", "$.data.content")),
        ),
        Example(
            "标题过长，投诉人为文字 / a title too long, the contact as text",
            but(_COMPLAINT, title="投" * 201, contact="测试申请人甲"),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.title"), ("E_V_TYPE", "$.data.contact")),
        ),
    ),
)
