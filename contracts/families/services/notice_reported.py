# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""通知回报: what became of a notice, part by part, and what a recipient sent back (上行)."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import NoticeChannel, NoticeReportKind, NoticeStatus
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Line20, Line50, Line100, Line200, Moment, Prose2000, says
from contracts.families.services.matter_record import MatterRecord
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen, Together
from contracts.text import Text

Part = Annotated[int, Field(strict=True, ge=1, le=255)]


class PartStatus(BaseModel):
    """What became of one part of a notice on its way to one recipient."""

    model_config = STRICT

    recipient_no: Annotated[Line20, says("接收人序号", "Number of the recipient within the notice")]
    channel: Annotated[NoticeChannel, says("通知渠道", "The channel that was used")]
    part: Annotated[Part | None, says("分段序号", "Which part of a long text message, from 1")] = None
    parts: Annotated[Part | None, says("分段总数", "Number of its parts")] = None
    status: Annotated[NoticeStatus, says("发送状态", "What became of it")]
    gateway_code: Annotated[Line20 | None, says("网关状态码", "The gateway's own code, such as DELIVRD or 8")] = None
    gateway_id: Annotated[
        Line100 | None,
        says("网关消息标识", "The gateway's id of this part; unique only with gateway and day of sending"),
    ] = None
    submitted_at: Annotated[Moment | None, says("提交网关时间", "When the gateway took it")] = None
    reported_at: Annotated[Moment, says("状态时间", "When the status came about")]


class NoticeReply(BaseModel):
    """What a recipient sent back."""

    model_config = STRICT

    channel: Annotated[NoticeChannel, says("通知渠道", "The channel it came by")]
    sender_address: Annotated[Line200, says("回复人地址", "Number or mailbox it came from"), PersonalClass.PHONE]
    sent_to: Annotated[Line50 | None, says("接入号", "Service number it was sent to")] = None
    recipient_no: Annotated[Line20 | None, says("接收人序号", "Recipient of the notice it answers, where known")] = None
    text: Annotated[Prose2000, says("回复内容", "The reply"), PersonalClass.FREE_TEXT]
    gateway_id: Annotated[Line100 | None, says("网关消息标识", "The gateway's id of the reply")] = None
    received_at: Annotated[Moment, says("接收时间", "When the gateway received it")]


class NoticeReported(MatterRecord):
    """One report. Statuses may be told again and out of order; the last moment counts, and a final one stays."""

    notice_no: Annotated[
        Line50 | None, says("通知编号", "The number the notice carried; absent for a reply to no known notice")
    ] = None
    kind: Annotated[NoticeReportKind, says("回报种类", "A status or a reply")]
    statuses: Annotated[
        Annotated[tuple[PartStatus, ...], Field(min_length=1, max_length=1000)] | None,
        says("发送状态", "What became of each part"),
    ] = None
    reply: Annotated[NoticeReply | None, says("上行回复", "What came back")] = None


_DELIVERED = {
    "recipient_no": "1",
    "channel": "sms",
    "status": "delivered",
    "reported_at": "2026-03-03T10:00:09+08:00",
}
_VALID = {
    "matter_no": "510500-20260302-000001",
    "notice_no": "TZ-000001",
    "kind": "status",
    "statuses": [_DELIVERED],
}
_LONG = but(
    _DELIVERED,
    part=1,
    parts=2,
    gateway_code="DELIVRD",
    gateway_id="0000000000000001",
    submitted_at="2026-03-03T10:00:06+08:00",
)
_FULL = but(
    _VALID,
    statuses=[
        _LONG,
        but(_LONG, part=2, status="undeliverable", gateway_code="UNDELIV", gateway_id="0000000000000002"),
    ],
)
_ANSWER = {
    "channel": "sms",
    "sender_address": "00000000000",
    "sent_to": "000000",
    "recipient_no": "1",
    "text": "收到（测试）",
    "gateway_id": "0000000000000003",
    "received_at": "2026-03-03T10:02:00+08:00",
}
_REPLY = but(_VALID, drop=("notice_no", "statuses"), matter_no="SX-000001", kind="reply", reply=_ANSWER)

CONTRACT = Contract(
    type="cn.gov.notice.reported",
    version=1,
    title=Text("通知回报", "Notice reported"),
    meaning=Text(
        "通知各部分的发送状态，或接收人的上行回复；状态未知也是状态。",
        "What became of each part of a notice, or what a recipient sent back; not known is a status too.",
    ),
    model=NoticeReported,
    subject="matter_no",
    rules=(
        RequiredWhen("notice_no", "kind", ("status",)),
        RequiredWhen("statuses", "kind", ("status",)),
        RequiredWhen("reply", "kind", ("reply",)),
        Together(("part", "parts"), each="statuses"),
    ),
    examples=(
        Example("已送达 / delivered", _VALID),
        Example("长短信逐段回报 / a long text message, part by part", _FULL),
        Example("上行回复 / a reply", _REPLY),
        Example(
            "不知是哪条通知，没有状态 / of which notice, and no status",
            but(_VALID, drop=("notice_no", "statuses")),
            valid=False,
            expect=(("E_V_RULE", "$.data.notice_no"), ("E_V_RULE", "$.data.statuses")),
        ),
        Example(
            "网关状态码未转换 / the gateway's code left as it was",
            but(_VALID, statuses=[{**_DELIVERED, "status": "DELIVRD"}]),
            valid=False,
            expect=(("E_V_CODE", "$.data.statuses[0].status"),),
        ),
        Example(
            "分段没有总数，回复没有内容 / a part of how many, a reply that says nothing",
            but(
                _VALID,
                statuses=[{**_DELIVERED, "part": 1}],
                reply={**_ANSWER, "text": ""},
            ),
            valid=False,
            expect=(("E_V_RULE", "$.data.statuses[0].parts"), ("E_V_LENGTH", "$.data.reply.text")),
        ),
    ),
)
