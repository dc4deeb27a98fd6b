# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a seal platform: its interface, the hub's own door, and what a seal must be to be believed."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from certs.seals.codes import CODES
from connectors.e_seal.profile import Profile, read_profile, shipped
from connectors.sdk import STRICT, Secret
from connectors.sdk.answers import AnswerWithin
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.tls import TlsConfig

Address = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$", max_length=500)]
Paths = tuple[Annotated[str, Field(min_length=1, max_length=500)], ...]


class Door(BaseModel):
    """The hub's own API, for which the seal platform has an identity like every system: materials are fetched and stored
    there, and results told, under that identity's rights and no others.
    """

    model_config = STRICT

    url: Address = Field(
        title="中枢接口的地址。", description="Where the hub's API is.", examples=["http://127.0.0.1:8080"]
    )
    key: Secret = Field(
        title="存放该系统接口密钥的秘密名称。",
        description="The name of the secret with the system's API key.",
        examples=["seals-key"],
    )
    source: str = Field(
        title="结果以何系统为来源。",
        max_length=200,
        min_length=1,
        description="What results name as their source.",
        examples=["seals"],
    )
    tls: TlsConfig | None = Field(
        title="该地址的 TLS。",
        default=None,
        description="TLS of that address.",
        examples=[{"ca_file": "/etc/govhub/ca.pem"}],
    )


class Belief(BaseModel):
    """What a sealed file must be to be handed on. What failed never is; what cannot be told is only where it is named here."""

    model_config = STRICT

    anchors: Paths = Field(
        title="所信任证书的文件或目录。",
        min_length=1,
        description="Files or folders with the certificates that are trusted.",
        examples=[["/etc/govhub/seals/anchors"]],
    )
    intermediates: Paths = Field(
        title="用于补全证书链的证书。",
        default=(),
        description="Certificates to fill gaps with.",
        examples=[["/etc/govhub/seals/intermediates"]],
    )
    revocation: Paths = Field(
        title="CRL 与 OCSP 应答，变更后重新读取。",
        default=(),
        description="CRLs and OCSP answers, read anew when they change.",
        examples=[["/var/lib/govhub/crl"]],
    )
    may_be_unknown: frozenset[str] = Field(
        title="允许无法判定的检查项代码。",
        default=frozenset(),
        description="Codes of checks that may come to unknown.",
        examples=[["SIGNER_REVOCATION_UNKNOWN", "MAKER_REVOCATION_UNKNOWN"]],
    )
    same_document: bool = Field(
        title="加盖后的文件是否须逐字节含有原文件；仅当平台确会重写文件时关闭。",
        default=True,
        description="Whether the sealed file must hold the file that was to be sealed, byte for byte. Off only where a platform "
        "is known to write files anew.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if strange := sorted(self.may_be_unknown - CODES.keys()):
            raise ValueError(f"no check has the code {', '.join(strange)}")
        return self


class PlatformConfig(BaseModel):
    """What sink and receiver share."""

    model_config = STRICT

    url: Address = Field(
        title="签章平台接口的地址，末尾不带斜杠。",
        description="Where the platform's interface is, without a slash at the end.",
        examples=["https://seals.example.gov.cn/api"],
    )
    profile: str = Field(
        title="generic、esign_v3、fasc_5_1，或自备平台档案的路径。",
        default="generic",
        max_length=500,
        description="generic, esign_v3, fasc_5_1, or the path of a profile of one's own.",
        examples=["generic"],
    )
    app_id: str = Field(
        title="我方在平台的标识。", min_length=1, max_length=200, description="Who we are there.", examples=["govhub"]
    )
    secret: Secret = Field(
        title="请求与回调签名所用秘密的名称。",
        description="The name of the secret that requests and callbacks are signed with.",
        examples=["seals-secret"],
    )
    previous_secret: Secret | None = Field(
        title="前一个秘密；平台换用期间回调仍认可。",
        default=None,
        description="The one before, taken in callbacks while the platform changes over.",
        examples=["seals-secret-old"],
    )
    values: dict[str, str] = Field(
        title="平台档案的模板以 {c.NAME} 使用的其他值。",
        default_factory=dict,
        description="What the profile's templates also find as {c.NAME}.",
        examples=[{"organisation": "0000"}],
    )
    callback_url: str = Field(
        title="平台回调的地址，即我方接收来源的地址。",
        default="",
        max_length=500,
        description="Where the platform calls back: the address of our receiver.",
        examples=["https://hub.example.gov.cn/v1/in/seals"],
    )
    hub: Door = Field(
        title="中枢自己的接口。",
        description="The hub's own door.",
        examples=[{"url": "http://127.0.0.1:8080", "key": "seals-key", "source": "seals"}],
    )
    belief: Belief = Field(
        title="加盖后的文件须满足什么。",
        description="What a sealed file must be.",
        examples=[{"anchors": ["/etc/govhub/seals/anchors"]}],
    )
    file_bytes: int = Field(
        title="文件上限（字节），盖章前后都算。",
        default=32 * 2**20,
        ge=1024,
        le=128 * 2**20,
        description="The largest file, in bytes, before and after sealing.",
        examples=[33554432],
    )
    timeout_seconds: float = Field(
        title="一次请求的时限（秒）。",
        default=20.0,
        ge=0.1,
        le=120,
        description="The longest one request may take, in seconds.",
        examples=[20],
    )
    tls: TlsConfig | None = Field(
        title="平台地址的 TLS。",
        default=None,
        description="TLS of the platform's address.",
        examples=[{"ca_file": "/etc/govhub/ca.pem"}],
    )
    egress: Egress | None = Field(
        title="可连接哪些地方：平台会给出上传与下载的地址。",
        default=None,
        description="What may be called: platforms name addresses to upload to and to fetch from.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )

    @model_validator(mode="after")
    def _profile(self) -> Self:
        if self.interface.goes_elsewhere and self.egress is None:
            raise ValueError("this profile calls addresses that the platform names: egress says which may be called")
        return self

    @property
    def interface(self) -> Profile:
        """The profile itself."""
        return read_profile(Path(self.profile)) if "/" in self.profile else shipped(self.profile)


class SealConfig(PlatformConfig):
    """One destination."""

    follow_seconds: float = Field(
        title="每隔多少秒查看一次未结任务，以防回调不来；0 为不查看。",
        default=300.0,
        ge=0,
        le=86_400,
        description="How often open tasks are looked at, in seconds, for callbacks that do not come; 0: never.",
        examples=[300],
    )
    answer_within: AnswerWithin | None = Field(
        title="受理后多少秒去查询，不论平台是否已回调。",
        default=86_400.0,
        description="What was accepted is asked about after so many seconds, whether the platform has called back or not.",
        examples=[86400],
    )


class CallbackConfig(PlatformConfig):
    """One receiver, of the same platform as the destination it is about."""

    answers_for: str = Field(
        title="回调所说任务属于哪个目的地。",
        min_length=1,
        max_length=100,
        description="The destination whose tasks it is called about.",
        examples=["seals"],
    )
    at_once: int = Field(
        title="同时查看多少个任务。",
        default=4,
        ge=1,
        le=64,
        description="How many tasks are looked at at a time.",
        examples=[4],
    )
    waiting: int = Field(
        title="最多多少个等待；再多请其稍后再来。",
        default=1000,
        ge=1,
        le=100_000,
        description="How many may wait; more are told to come again.",
        examples=[1000],
    )
