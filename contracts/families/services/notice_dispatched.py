# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""通知发送: one text to one recipient by one channel, as the message platform hands it to that channel."""

from typing import Annotated

from pydantic import Field

from contracts.codes import NoticeChannel, NoticeClass, NoticeMoment
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import Line20, Line30, Line50, Line100, Line200, Moment, Prose2000, says
from contracts.families.services.addressed import AddressedOnce
from contracts.families.services.matter_record import MatterRecord
from contracts.families.services.notice_requested import Filling
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen
from contracts.text import Text

Segments = Annotated[int, Field(strict=True, ge=1, le=255)]


class NoticeDispatched(MatterRecord):
    """What a channel gets. The text is whole: template filled, signature in its place; nothing is left to be chosen."""

    notice_no: Annotated[Line50, says("通知编号", "The asker's number of the notice")]
    recipient_no: Annotated[Line20, says("接收人序号", "Number of the recipient within the notice")]
    notice_class: Annotated[NoticeClass, says("通知类别", "How pressing it is")]
    moment: Annotated[NoticeMoment | None, says("通知时点", "What it tells of")] = None
    channel: Annotated[NoticeChannel, says("通知渠道", "By what means; routes may ask about it")]
    address: Annotated[
        Line200,
        says("接收地址", "Telephone number, mailbox or account; for a webhook the name of a registered system"),
        PersonalClass.PHONE,
    ]
    recipient_name: Annotated[Line30 | None, says("接收人姓名", "Name of the recipient"), PersonalClass.NAME] = None
    title: Annotated[Line100 | None, says("标题", "Subject line; always there for mail"), PersonalClass.FREE_TEXT] = (
        None
    )
    text: Annotated[
        Prose2000, says("正文", "The whole text as it is to be read, signature included"), PersonalClass.FREE_TEXT
    ]
    signature: Annotated[Line50 | None, says("签名", "Who signs, without brackets, for a channel that asks")] = None
    template_id: Annotated[
        Line50 | None, says("模板编号", "Template the text was made of, for a channel that knows it under this name")
    ] = None
    parameters: Annotated[
        tuple[Filling, ...], Field(max_length=50), says("模板参数", "What stands in the template's blanks, in order")
    ] = ()
    segments: Annotated[
        Segments | None, says("短信条数", "Parts in which the text travels as text message, as counted beforehand")
    ] = None
    dispatched_at: Annotated[Moment, says("发送时间", "When it was handed to the channel")]
    expires_at: Annotated[Moment | None, says("失效时间", "Not to be sent after this")] = None


_VALID = {
    "matter_no": "510500-20260302-000001",
    "notice_no": "TZ-000001",
    "recipient_no": "1",
    "notice_class": "case",
    "moment": "acceptance",
    "channel": "sms",
    "address": "00000000000",
    "text": "【示例区政务服务】您的申请已受理，办件编号510500-20260302-000001。（测试）",
    "signature": "示例区政务服务",
    "template_id": "MB-0001",
    "parameters": [{"name": "case_no", "value": "510500-20260302-000001"}],
    "segments": 1,
    "dispatched_at": "2026-03-03T10:00:06+08:00",
}
_MAIL = but(
    _VALID,
    drop=("template_id", "parameters", "segments"),
    channel="mail",
    address="test@example.invalid",
    recipient_name="测试申请人甲",
    title="受理通知",
    expires_at="2026-03-04T10:00:06+08:00",
)
_CODE = but(
    _VALID,
    drop=("parameters",),
    matter_no="TZ-000002",
    notice_no="TZ-000002",
    notice_class="urgent",
    moment="password",
    template_id="MB-0002",
    text="【示例区政务服务】验证码000000，五分钟内有效。（测试）",
    expires_at="2026-03-03T10:05:05+08:00",
)

CONTRACT = Contract(
    type="cn.gov.notice.dispatched",
    version=1,
    title=Text("通知发送", "Notice dispatched"),
    meaning=Text(
        "统一消息平台交给一个渠道的一条消息：一个接收人、一段完整文字。渠道的回执即这条消息的投递结果；一次交付只许发送一次。",
        "What the message platform hands to one channel: one recipient and one whole text. The channel's receipt is the "
        "outcome of this very message; handed over once, it is sent once.",
    ),
    model=NoticeDispatched,
    subject="matter_no",
    rules=(
        AddressedOnce(),
        RequiredWhen("title", "channel", ("mail",)),
        RequiredWhen("expires_at", "notice_class", ("urgent",)),
        NotBefore("expires_at", "dispatched_at"),
    ),
    examples=(
        Example("受理短信 / a text message about an acceptance", _VALID),
        Example("邮件 / a mail", _MAIL),
        Example("验证码 / a one-time password", _CODE),
        Example(
            "邮件没有标题，地址是电话 / a mail without a subject, to a telephone",
            but(_MAIL, drop=("title",), address="00000000000"),
            valid=False,
            expect=(("E_V_RULE", "$.data.title"), ("E_V_RULE", "$.data.address")),
        ),
        Example(
            "没有正文，条数为零 / no text, in no part",
            but(_VALID, text="", segments=0),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.text"), ("E_V_RANGE", "$.data.segments")),
        ),
        Example(
            "验证码没有失效时间 / a one-time password that never ends",
            but(_CODE, drop=("expires_at",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.expires_at"),),
        ),
    ),
)
