# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""通知: tell people something by text message, mail, instant message, voice or a call to a system, whichever works first."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import NoticeChannel, NoticeClass, NoticeMoment, QuietHours
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import (
    Flag,
    Line20,
    Line30,
    Line50,
    Line100,
    Line200,
    Line500,
    Moment,
    Prose2000,
    says,
)
from contracts.families.services.addressed import Addressed
from contracts.families.services.matter_record import MatterRecord
from contracts.personal import PersonalClass
from contracts.rules import Distinct, NotBefore, OneOf, RequiredWhen
from contracts.text import Text


class Filling(BaseModel):
    """One blank of a template."""

    model_config = STRICT

    name: Annotated[Line50, says("模板参数名", "Name of the blank")]
    value: Annotated[Line500, says("模板参数值", "What stands in it"), PersonalClass.FREE_TEXT]


class Way(BaseModel):
    """One way to reach somebody."""

    model_config = STRICT

    channel: Annotated[NoticeChannel, says("通知渠道", "By what means")]
    address: Annotated[
        Line200,
        says(
            "接收地址",
            "Telephone number, mailbox or account; for a webhook the name of a system registered with the hub, never a URL",
        ),
        PersonalClass.PHONE,
    ]


class Recipient(BaseModel):
    """Somebody to be told."""

    model_config = STRICT

    recipient_no: Annotated[
        Line20, says("接收人序号", "Number of the recipient within the notice; reports refer to it")
    ]
    name: Annotated[Line30 | None, says("接收人姓名", "Name of the recipient"), PersonalClass.NAME] = None
    ways: Annotated[
        tuple[Way, ...],
        Field(min_length=1, max_length=5),
        says("通知渠道顺序", "Ways to try in this order: the next only when the one before has failed for certain"),
    ]


class NoticeRequested(MatterRecord):
    """One notice with one content to one or many."""

    notice_no: Annotated[
        Line50,
        says("通知编号", "The asker's number: reports refer to it, and asking again under it sends nothing more"),
    ]
    notice_class: Annotated[NoticeClass, says("通知类别", "How pressing it is")]
    moment: Annotated[NoticeMoment | None, says("通知时点", "What it tells of")] = None
    template_id: Annotated[Line50 | None, says("模板编号", "Template registered with the channel")] = None
    parameters: Annotated[
        tuple[Filling, ...], Field(max_length=50), says("模板参数", "What stands in the template's blanks, in order")
    ] = ()
    title: Annotated[
        Line100 | None, says("标题", "Subject line, where the channel has one"), PersonalClass.FREE_TEXT
    ] = None
    text: Annotated[
        Prose2000 | None, says("正文", "The text itself, where no template is used"), PersonalClass.FREE_TEXT
    ] = None
    signature: Annotated[Line50 | None, says("签名", "Who signs: the name a text message begins with in brackets")] = (
        None
    )
    recipients: Annotated[
        tuple[Recipient, ...], Field(min_length=1, max_length=1000), says("接收人", "Who is to be told")
    ]
    reply_wanted: Annotated[Flag | None, says("是否接收上行回复", "Whether replies are to be reported")] = None
    quiet_hours: Annotated[
        QuietHours | None, says("免打扰策略", "What to do in quiet hours; absent: as the platform treats the class")
    ] = None
    not_before_at: Annotated[Moment | None, says("定时发送时间", "Not to be sent before this")] = None
    expires_at: Annotated[Moment | None, says("失效时间", "Not to be sent after this")] = None
    department_name: Annotated[Line100 | None, says("发送单位名称", "Body in whose name it is sent")] = None
    requested_at: Annotated[Moment, says("请求时间", "When the notice was asked for")]


_VALID = {
    "matter_no": "510500-20260302-000001",
    "notice_no": "TZ-000001",
    "notice_class": "case",
    "template_id": "MB-0001",
    "parameters": [{"name": "case_no", "value": "510500-20260302-000001"}],
    "recipients": [{"recipient_no": "1", "ways": [{"channel": "sms", "address": "00000000000"}]}],
    "requested_at": "2026-03-03T10:00:05+08:00",
}
_FALLBACK = but(
    _VALID,
    drop=("template_id", "parameters"),
    moment="acceptance",
    title="受理通知",
    text="您的申请已受理。\n（测试）",
    signature="示例区政务服务（测试）",
    recipients=[
        {
            "recipient_no": "1",
            "name": "测试申请人甲",
            "ways": [
                {"channel": "instant", "address": "TEST-ACCOUNT-1"},
                {"channel": "sms", "address": "+8600000000000"},
                {"channel": "voice", "address": "0000-0000000"},
            ],
        },
        {"recipient_no": "2", "ways": [{"channel": "mail", "address": "test@example.invalid"}]},
        {"recipient_no": "3", "ways": [{"channel": "webhook", "address": "portal"}]},
    ],
    reply_wanted=True,
    quiet_hours="wait",
    not_before_at="2026-03-03T10:05:00+08:00",
    expires_at="2026-03-04T10:05:00+08:00",
    department_name="示例区政务服务管理局（测试）",
)
_CODE = but(
    _VALID,
    matter_no="TZ-000002",
    notice_no="TZ-000002",
    notice_class="urgent",
    moment="password",
    template_id="MB-0002",
    parameters=[{"name": "code", "value": "000000"}],
    quiet_hours="send",
    expires_at="2026-03-03T10:05:05+08:00",
)

CONTRACT = Contract(
    type="cn.gov.notice.requested",
    version=1,
    title=Text("通知", "Notice requested"),
    meaning=Text(
        "请求以短信、邮件、即时消息、电话或系统回调通知接收人；同一通知编号不会重复发送，确知失败后才换下一渠道。",
        "People are to be told something by any of several channels. One notice number is sent once; "
        "the next channel is tried only after a certain failure.",
    ),
    model=NoticeRequested,
    subject="matter_no",
    rules=(
        OneOf(("template_id", "text")),
        Distinct("recipients", "recipient_no"),
        Distinct("parameters", "name"),
        Addressed(),
        RequiredWhen("expires_at", "notice_class", ("urgent",)),
        NotBefore("expires_at", "requested_at"),
        NotBefore("expires_at", "not_before_at"),
    ),
    examples=(
        Example("按模板发短信 / a text message from a template", _VALID),
        Example("多渠道，字段齐全 / several channels, every field", _FALLBACK),
        Example("验证码，与办件无关 / a one-time password, for no case", _CODE),
        Example(
            "模板与正文并存，没有接收人 / a template and a text, and nobody to read it",
            but(_VALID, text="您的申请已受理。", recipients=[]),
            valid=False,
            expect=(("E_V_RULE", "$.data.text"), ("E_V_LENGTH", "$.data.recipients")),
        ),
        Example(
            "紧急通知没有失效时间 / urgent, and never out of date",
            but(_CODE, drop=("expires_at",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.expires_at"),),
        ),
        Example(
            "地址与渠道不符 / an address of another channel",
            but(
                _VALID,
                recipients=[
                    {
                        "recipient_no": "1",
                        "ways": [
                            {"channel": "mail", "address": "00000000000"},
                            {"channel": "sms", "address": "test@example.invalid"},
                        ],
                    }
                ],
            ),
            valid=False,
            expect=(
                ("E_V_RULE", "$.data.recipients[0].ways[0].address"),
                ("E_V_RULE", "$.data.recipients[0].ways[1].address"),
            ),
        ),
        Example(
            "接收人重号，失效早于定时 / one number for two recipients, out of date before it is sent",
            but(
                _FALLBACK,
                recipients=[*_VALID["recipients"], *_VALID["recipients"]],
                expires_at="2026-03-03T10:04:59+08:00",
            ),
            valid=False,
            expect=(("E_V_RULE", "$.data.recipients[1].recipient_no"), ("E_V_RULE", "$.data.expires_at")),
        ),
    ),
)
