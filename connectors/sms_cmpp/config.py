# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of an account at a gateway, of a destination that sends by it, and of a source that takes what people send."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from connectors.sdk import STRICT, AnswerWithin, Secret
from connectors.sdk.http.template import Template
from connectors.sdk.sms.upstream import Form
from connectors.sms_cmpp.pdus import V2, V3, Version
from connectors.sms_cmpp.wire import MOST_NUMBERS


def _ascii(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("only printable ASCII can stand there")
    return value


Ascii6 = Annotated[str, Field(min_length=1, max_length=6), AfterValidator(_ascii)]
Ascii10 = Annotated[str, Field(max_length=10), AfterValidator(_ascii)]
Ascii21 = Annotated[str, Field(max_length=21), AfterValidator(_ascii)]
FeeType = Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_ascii)]


class Account(BaseModel):
    """Where the gateway is, and how one logs in there."""

    model_config = STRICT

    host: str = Field(
        min_length=1,
        max_length=253,
        title="网关地址。",
        description="The gateway's address.",
        examples=["10.8.0.1"],
    )
    port: int = Field(default=7890, ge=1, le=65_535, title="端口。", description="Its port.", examples=[7890])
    account: Ascii6 = Field(
        title="企业代码（SP_Id）。", description="The account (SP_Id), six characters.", examples=["900001"]
    )
    password: Secret = Field(
        title="共享密钥的名称。", description="The name of the shared secret.", examples=["sms-gateway"]
    )
    version: Literal["2.0", "3.0"] = Field(
        default="3.0",
        title="CMPP 版本。",
        description="The version of CMPP that was agreed with the carrier.",
        examples=["3.0"],
    )
    check_gateway: bool = Field(
        default=True,
        title="核对网关的认证码。",
        description="Whether the gateway must prove that it knows the secret too. Only for gateways that cannot, false.",
        examples=[True],
    )
    window: int = Field(
        default=16,
        ge=1,
        le=64,
        title="滑动窗口。",
        description="How many submissions may be without an answer.",
        examples=[16],
    )
    idle_seconds: float = Field(
        default=180.0,
        gt=0,
        le=3600,
        title="链路空闲多久后检测（C）。",
        description="After how much silence the line is tested (C), in seconds.",
        examples=[180],
    )
    answer_seconds: float = Field(
        default=60.0,
        gt=0,
        le=600,
        title="等待应答的时间（T）。",
        description="How long an answer of the gateway is waited for (T), in seconds.",
        examples=[60],
    )
    tests: int = Field(
        default=3,
        ge=1,
        le=10,
        title="检测次数（N）。",
        description="How often the line is tested before it is given up (N).",
        examples=[3],
    )

    @property
    def octet(self) -> Version:
        """The version as it is written on the line."""
        return V2 if self.version == "2.0" else V3

    @property
    def place(self) -> str:
        """The account at its gateway, for references and the log."""
        return f"{self.host}:{self.port}/{self.account}"


class SinkConfig(Account):
    """A destination: text messages to numbers that stand in the message."""

    to: Template = Field(
        default="{/address}",
        title="号码在消息中的位置。",
        description="A template for the number, or several with commas between; a list in the message is taken as such.",
        examples=["{/numbers}"],
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
        description="A template for the moment after which the gateway need not deliver it any more; without one the event's "
        "expirytime counts.",
        examples=["{/expires_at}"],
    )
    prefix: Literal["", "86", "+86"] = Field(
        default="",
        title="手机号前缀。",
        description="What stands before mainland mobile numbers on this gateway.",
        examples=["86"],
    )
    sender: Ascii21 = Field(
        title="接入号（Src_Id）。", description="The number it is sent from (Src_Id).", examples=["106900001"]
    )
    service_id: Ascii10 = Field(
        default="", title="业务代码。", description="The service (Service_Id), as agreed.", examples=["GOV"]
    )
    fee_user_type: int = Field(
        default=0,
        ge=0,
        le=3,
        title="计费用户类型。",
        description="Who is charged: 0 the recipient, 1 the sender, 2 the account, 3 a given number.",
        examples=[2],
    )
    fee_type: FeeType = Field(
        default="01", title="资费类别。", description="The class of the fee; 01 is free.", examples=["01"]
    )
    fee_code: Ascii6 = Field(default="0", title="资费代码。", description="The fee in cents.", examples=["0"])
    encodings: tuple[Literal["ascii", "gb", "ucs2"], ...] = Field(
        default=("ascii", "ucs2"),
        min_length=1,
        max_length=3,
        title="编码，按顺序取第一个能写全部内容的；末尾须为 ucs2。",
        description="How texts may be written: ascii (0), gb (15), ucs2 (8). The first that has all of a text is taken; ucs2 "
        "is always tried last.",
        examples=[["ascii", "gb", "ucs2"]],
    )
    most_parts: int = Field(
        default=10,
        ge=1,
        le=255,
        title="长短信最多条数。",
        description="The most parts of one text; a longer one is refused.",
        examples=[10],
    )
    most_numbers: int = Field(
        default=1,
        ge=1,
        le=MOST_NUMBERS,
        title="一次最多号码数。",
        description="The most numbers of one message. A message to several is delivered when the gateway has taken it: no "
        "status report is asked for.",
        examples=[1],
    )
    reports: bool = Field(
        default=True,
        title="是否等待状态报告。",
        description="Whether a message is delivered only when its status report says so; otherwise when the gateway took it.",
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
        title="流量控制（结果 8）后的等待。",
        description="How long a throttled submission (result 8) waits, in seconds.",
        examples=[1],
    )
    passing_results: frozenset[Annotated[int, Field(ge=9, le=255)]] = Field(
        default=frozenset(),
        title="运营商约定的暂时性结果代码。",
        description="Results that pass by themselves, as agreed with the carrier; they are tried again like result 8.",
        examples=[[101]],
    )
    upstream: bool = Field(
        default=False,
        title="本部署有来源接收上行短信。",
        description="Whether a source of the same account takes what people send. Without it the gateway is told that nobody "
        "does (result 9).",
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
        title="等待长短信其余部分的时间。",
        description="How long the other parts of a long message are waited for, in seconds; then what is there is brought.",
        examples=[180],
    )
    answers_for: str | None = Field(
        default=None,
        max_length=100,
        title="状态报告所属的目的地。",
        description="The destination whose status reports may come by this login, if it has one of its own.",
        examples=["sms"],
    )
