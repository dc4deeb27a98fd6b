# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a destination that puts records to the platform or fetches them there, and of a source that looks for them."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import Endpoint, HeaderTemplate, StaticHeaderName
from connectors.sdk.http.ruling import Ruling
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.tls import TlsConfig
from connectors.sharing_platform.account import Account, Identity

_KEPT = (
    Ruling.model_validate({"statuses": [408, 425, 429, 503], "means": "retry"}),
    Ruling.model_validate({"at": "/code", "in": ["0"], "means": "delivered"}),
    Ruling.model_validate({"at": "/code", "in": ["BUSY"], "means": "retry"}),
    Ruling.model_validate({"at": "/code", "means": "rejected", "named": "/code"}),
)
_HEARD = (
    Ruling.model_validate({"statuses": [200, 201, 202, 204], "means": "delivered"}),
    Ruling.model_validate({"statuses": [401, 403, 404, 408, 425, 429, 502, 503, 504], "means": "retry"}),
    Ruling.model_validate({"statuses": [400, 405, 409, 410, 413, 415, 422], "means": "rejected"}),
)


class Notice(BaseModel):
    """Whom to tell that something can be fetched (同步告知), and how."""

    model_config = STRICT

    url: Endpoint = Field(
        title="部门接收告知的地址。",
        description="Where the department takes notices.",
        examples=["https://housing.example.gov.cn/notices"],
    )
    headers: dict[StaticHeaderName, HeaderTemplate] = Field(
        title="请求头，均为模板。",
        default_factory=dict,
        description="Headers, as templates.",
        examples=[{"X-Time": "{now.ms}"}],
    )
    bearer_secret: Secret | None = Field(
        title="作为 Authorization: Bearer 发送的密钥名称。",
        default=None,
        description="The secret sent as Authorization: Bearer.",
        examples=["housing-token"],
    )
    signatures: tuple[Signature, ...] = Field(
        title="证明告知出自本方的签名。",
        default=(),
        max_length=3,
        description="What proves that the notice is ours.",
        examples=[[{"secret": "housing-key", "over": "{h.X-Time}{body}", "header": "X-Sign", "encoding": "hex"}]],
    )
    answers: tuple[Ruling, ...] = Field(
        title="应答的含义；无一符合为存疑，之后重复。",
        default=_HEARD,
        min_length=1,
        max_length=50,
        description="What its answers mean. delivered: it was heard. What no rule fits is in doubt, and the notice is repeated.",
        examples=[[{"at": "/code", "in": ["0"], "means": "delivered"}]],
    )
    tls: TlsConfig | None = Field(
        title="双向 TLS、自有机构与证书钉扎。",
        default=None,
        description="Mutual TLS, own authorities and pins.",
        examples=[{"ca_file": "/etc/govhub/ca.pem"}],
    )
    egress: Egress | None = Field(
        title="允许访问的地址。",
        default=None,
        description="Whom a notice may go to.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )


class Services(BaseModel):
    """The platform's services that carry records, by the ids under which they are registered there."""

    model_config = STRICT

    put: Identity | None = Field(
        title="存入记录的服务编号。", default=None, description="Takes a record.", examples=["s_5105000001_0001"]
    )
    state: Identity | None = Field(
        title="查询记录是否存在的服务编号。",
        default=None,
        description="Says whether it has a record.",
        examples=["s_5105000001_0002"],
    )
    put_material: Identity | None = Field(
        title="存入材料的服务编号。", default=None, description="Takes a material.", examples=["s_5105000001_0003"]
    )
    fetch: Identity | None = Field(
        title="取回记录的服务编号。", default=None, description="Gives a record.", examples=["s_5105000001_0004"]
    )
    fetch_material: Identity | None = Field(
        title="取回材料的服务编号。", default=None, description="Gives a material.", examples=["s_5105000001_0005"]
    )
    waiting: Identity | None = Field(
        title="列出待取记录的服务编号。",
        default=None,
        description="Lists the records that wait for us.",
        examples=["s_5105000001_0006"],
    )
    acknowledge: Identity | None = Field(
        title="接收办理结果的服务编号。",
        default=None,
        description="Hears what became of a record.",
        examples=["s_5105000001_0007"],
    )


class SharingConfig(BaseModel):
    """One department that is reached by way of the platform, in one direction."""

    model_config = STRICT

    platform: Account = Field(
        title="平台，以及本方在平台上的身份。",
        description="The platform, and who we are there.",
        examples=[{"url": "https://share.example.gov.cn", "rid": "r_5105020001", "app_secret": "sharing-secret"}],
    )
    services: Services = Field(
        title="平台上的各项服务。",
        description="The platform's services.",
        examples=[{"put": "s_0001", "state": "s_0002", "put_material": "s_0003"}],
    )
    form: Literal["put", "fetch"] = Field(
        title="put：存入记录并告知部门；fetch：消息本身是告知，取回所告知的记录，以该部门的名义进入中枢。",
        default="put",
        description="put: a message is put to the platform as a record, and its department is told. fetch: the message is such "
        "a notice itself; the record it names is fetched, and goes into the hub as its department's message.",
        examples=["fetch"],
    )
    notice: Notice | None = Field(
        title="存入后告知谁；不写则不告知。",
        default=None,
        description="Who is told that a record was put; without it nobody is, and the department looks by itself.",
        examples=[{"url": "https://housing.example.gov.cn/notices", "bearer_secret": "housing-token"}],
    )
    materials: bool = Field(
        title="是否一并存入或取回消息按摘要引用的材料。",
        default=True,
        description="Whether the materials that a message names by their digests are put, or fetched, with it.",
        examples=[True],
    )
    material_bytes: int = Field(
        title="经此传送的材料最多多少字节，全部在内存中。",
        default=32 * 2**20,
        ge=1024,
        le=45 * 2**20,
        description="The largest material that goes this way, in bytes: it is held in memory.",
        examples=[33554432],
    )
    answers: tuple[Ruling, ...] = Field(
        title="应答的含义；无一符合为存疑，之后重复。",
        default=_KEPT,
        min_length=1,
        max_length=50,
        description="What the answers of put and put_material mean. What no rule fits is in doubt, and put again under its key.",
        examples=[[{"at": "/code", "in": ["0"], "means": "delivered"}]],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        needed = ("put", "state") if self.form == "put" else ("fetch",)
        if missing := [name for name in needed if getattr(self.services, name) is None]:
            raise ValueError(f"form: {self.form} needs services: {', '.join(missing)}")
        material = "put_material" if self.form == "put" else "fetch_material"
        if self.materials and getattr(self.services, material) is None:
            raise ValueError(f"services: {material} is needed, or materials: false")
        if self.form == "fetch" and self.notice is not None:
            raise ValueError("notice belongs to form: put")
        return self


class SharingSourceConfig(BaseModel):
    """Records that wait for us at the platform, whether a notice of them came or was lost."""

    model_config = STRICT

    platform: Account = Field(
        title="平台，以及本方在平台上的身份。",
        description="The platform, and who we are there.",
        examples=[{"url": "https://share.example.gov.cn", "rid": "r_5105020001", "app_secret": "sharing-secret"}],
    )
    services: Services = Field(
        title="平台上的各项服务。",
        description="The platform's services.",
        examples=[{"waiting": "s_0006", "fetch": "s_0004", "acknowledge": "s_0007"}],
    )
    of: Annotated[str, Field(min_length=1, max_length=512)] | None = Field(
        title="只取该系统存入的记录；不写则取全部待取的。",
        default=None,
        description="Only records that this system has put, by its name in them; all that wait for us, unless said.",
        examples=["housing"],
    )
    poll_seconds: float = Field(
        title="没有记录时多久再看一次。",
        default=60,
        ge=0.05,
        le=3600,
        description="How often to look when nothing was there.",
        examples=[60],
    )
    settle_seconds: float = Field(
        title="记录存入多久之后才自行取，留给告知先到。",
        default=0,
        ge=0,
        le=86_400,
        description="How old a record must be before it is looked for: notices get this long to come first.",
        examples=[30],
    )
    prefetch: int = Field(
        title="同时在手的记录最多多少条。",
        default=100,
        ge=1,
        le=1000,
        description="The most records in hand at a time.",
        examples=[100],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        needed = ("waiting", "fetch", "acknowledge")
        if missing := [name for name in needed if getattr(self.services, name) is None]:
            raise ValueError(f"a source needs services: {', '.join(missing)}")
        return self
