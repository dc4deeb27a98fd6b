# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of an account at a message centre, of a destination that sends by it, and of a source."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from connectors.sdk import STRICT, AnswerWithin, Secret
from connectors.sdk.http.template import Template
from connectors.sdk.sms.upstream import Form
from connectors.sms_smpp.receipt import IdForm


def _ascii(value: str) -> str:
    if value and not (value.isascii() and value.isprintable()):
        raise ValueError("only printable ASCII can stand there")
    return value


Ascii5 = Annotated[str, Field(max_length=5), AfterValidator(_ascii)]
Ascii12 = Annotated[str, Field(max_length=12), AfterValidator(_ascii)]
Ascii15 = Annotated[str, Field(min_length=1, max_length=15), AfterValidator(_ascii)]
Ascii20 = Annotated[str, Field(max_length=20), AfterValidator(_ascii)]
Octet = Annotated[int, Field(ge=0, le=255)]


class Account(BaseModel):
    """Where the message centre is, and how one logs in there."""

    model_config = STRICT

    host: str = Field(
        min_length=1, max_length=253, title="短信中心地址。", description="The centre's address.", examples=["10.8.0.1"]
    )
    port: int = Field(default=2775, ge=1, le=65_535, title="端口。", description="Its port.", examples=[2775])
    system_id: Ascii15 = Field(title="账号（system_id）。", description="The account (system_id).", examples=["gov"])
    password: Secret = Field(
        title="口令的名称；协议限 8 个字符。",
        description="The name of the password, which the protocol limits to eight characters.",
        examples=["sms-centre"],
    )
    system_type: Ascii12 = Field(
        default="", title="系统类型（system_type）。", description="The system type, as agreed.", examples=["GOV"]
    )
    window: int = Field(
        default=10,
        ge=1,
        le=1000,
        title="窗口。",
        description="How many submissions may be without an answer.",
        examples=[10],
    )
    idle_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        title="空闲多久后发 enquire_link（秒）。",
        description="After how much silence the line is tested by enquire_link, in seconds.",
        examples=[60],
    )
    answer_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        title="等待应答的时间（秒）。",
        description="How long an answer of the centre is waited for, in seconds.",
        examples=[30],
    )
    tests: int = Field(
        default=2,
        ge=1,
        le=10,
        title="检测次数。",
        description="How often the line is tested before it is given up.",
        examples=[2],
    )
    receipt_ids: IdForm = Field(
        default="text",
        title="状态报告中消息号的写法：text、hex、decimal。",
        description="How receipts write the message's number: as a text, in hex or in decimal.",
        examples=["decimal"],
    )
    default_alphabet: Literal["gsm7", "ascii"] = Field(
        default="gsm7",
        title="data_coding 为 0 时的字符集。",
        description="What data_coding 0 stands for at this centre.",
        examples=["gsm7"],
    )

    @property
    def place(self) -> str:
        """The account at its centre, for references and the log."""
        return f"{self.host}:{self.port}/{self.system_id}"


class SinkConfig(Account):
    """A destination: text messages to a number that stands in the message."""

    to: Template = Field(
        default="{/address}",
        title="号码在消息中的位置。",
        description="A template for the number.",
        examples=["{/address}"],
    )
    text: Template = Field(
        default="{/text}",
        title="内容模板，可加签名。",
        description="A template for the text, the signature (签名) included.",
        examples=["【示例市政务】{/text}"],
    )
    expires: Template = Field(
        default="{/expires_at}",
        title="失效时间在消息中的位置；没有则取属性 expirytime。",
        description="A template for the moment after which it need not be delivered any more; without one the event's "
        "expirytime counts.",
        examples=["{/expires_at}"],
    )
    prefix: Literal["", "86", "+86"] = Field(
        default="86",
        title="手机号前缀。",
        description="What stands before mainland mobile numbers at this centre.",
        examples=["86"],
    )
    sender: Ascii20 = Field(
        title="发送号码或名称。", description="The number or name it is sent from.", examples=["106900001"]
    )
    sender_ton: Octet = Field(
        default=0, title="发送号码类型。", description="The type of the sender's number (TON).", examples=[5]
    )
    sender_npi: Octet = Field(
        default=0, title="发送号码编号方案。", description="The sender's numbering plan (NPI).", examples=[0]
    )
    number_ton: Octet = Field(
        default=1, title="目的号码类型。", description="The type of the recipient's number (TON).", examples=[1]
    )
    number_npi: Octet = Field(
        default=1, title="目的号码编号方案。", description="The recipient's numbering plan (NPI).", examples=[1]
    )
    service_type: Ascii5 = Field(
        default="", title="业务类型。", description="The service type, as agreed.", examples=["CMT"]
    )
    long_texts: Literal["udh", "payload"] = Field(
        default="udh",
        title="长短信：udh 分条；payload 整条放入 message_payload。",
        description="How long texts go: udh, in parts with a header each; payload, whole in message_payload.",
        examples=["udh"],
    )
    most_parts: int = Field(
        default=10,
        ge=1,
        le=255,
        title="长短信最多条数。",
        description="The most parts of one text; a longer one is refused.",
        examples=[10],
    )
    submit_ids: IdForm = Field(
        default="text",
        title="提交应答中消息号的写法：text、hex、decimal。",
        description="How the centre writes the message's number when it takes one: as a text, in hex or in decimal.",
        examples=["hex"],
    )
    reports: bool = Field(
        default=True,
        title="是否等待状态报告。",
        description="Whether a message is delivered only when its receipt says so; otherwise when the centre took it.",
        examples=[True],
    )
    most_per_second: float | None = Field(
        default=None,
        gt=0,
        le=100_000,
        title="约定的每秒条数（号码数乘分条数）；每个中枢进程各计。",
        description="How many a second were agreed with the carrier, numbers times parts, for each process of the hub. Without "
        "it they go as they come.",
        examples=[200],
    )
    throttled_seconds: float = Field(
        default=1.0,
        gt=0,
        le=600,
        title="流量控制或队列满之后的等待（秒）。",
        description="How long a submission waits that was throttled or found a full queue, in seconds.",
        examples=[1],
    )
    passing_statuses: frozenset[Annotated[int, Field(ge=1, le=0xFFFF_FFFF)]] = Field(
        default=frozenset(),
        title="运营商约定的暂时性状态。",
        description="Further statuses that pass by themselves, as agreed with the carrier.",
        examples=[[1025]],
    )
    upstream: bool = Field(
        default=False,
        title="本部署有来源接收上行短信。",
        description="Whether a source of the same account takes what people send. Without it the centre is told that nobody "
        "does.",
        examples=[True],
    )
    answer_within: AnswerWithin = Field(
        default=48 * 3600.0,
        title="状态报告最迟多久到达（秒），逾期告警。",
        description="How long the status report may take, in seconds; later the hub alarms.",
        examples=[172_800],
    )


class SourceConfig(Account):
    """A source: what people send to the account's numbers (上行)."""

    prefetch: int = Field(
        default=16,
        ge=1,
        le=500,
        title="未确认条数上限。",
        description="At most so many messages are in hand and not settled.",
        examples=[16],
    )
    form: Form = Field(
        default="reply",
        title="消息形式：reply 为契约 cn.gov.notice.reported；text 仅内容。",
        description="reply: the contract cn.gov.notice.reported. text: the text alone.",
        examples=["reply"],
    )
    refused_folder: Path = Field(
        title="被拒消息的目录（含个人信息，仅本用户可读）。",
        description="Where messages go that the hub refuses. They are personal; only this user may read them.",
        examples=["/srv/govhub/refused-sms"],
    )
    assembly_seconds: float = Field(
        default=180.0,
        gt=0,
        le=3600,
        title="等待长短信其余部分的时间（秒）。",
        description="How long the other parts of a long message are waited for, in seconds; then what is there is brought.",
        examples=[180],
    )
    answers_for: str | None = Field(
        default=None,
        max_length=100,
        title="状态报告所属的目的地。",
        description="The destination whose receipts may come by this login, if it has one of its own.",
        examples=["sms"],
    )
