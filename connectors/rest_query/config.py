# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one register that is asked over HTTP."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import AddressTemplate, HeaderTemplate, StaticHeaderName
from connectors.sdk.http.finding import FindingRule
from connectors.sdk.http.place import Place
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.tls import TlsConfig
from connectors.sdk.http.wrap import Wrap

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^.{}|\s]+$")]


class RestQueryConfig(BaseModel):
    """One register. Nothing in here is secret: secrets are named, and their values asked for at each question."""

    model_config = STRICT

    url: AddressTemplate = Field(
        title="查询地址：http 或 https 完整地址，路径与查询中可用 {c.NAME} 填条件。",
        description="Where to ask: an absolute http or https address, whose path and query may have criteria as {c.NAME}.",
        examples=["https://people.example.gov.cn/api/person?name={c.name}"],
    )
    method: Literal["GET", "POST"] = Field(
        title="HTTP 方法。", default="GET", description="The HTTP method.", examples=["POST"]
    )
    required: tuple[Name, ...] = Field(
        title="每次必填的条件。",
        min_length=1,
        max_length=30,
        description="Criteria that every question has.",
        examples=[["name", "id_no"]],
    )
    optional: tuple[Name, ...] = Field(
        title="可填的条件；未填处留空。",
        default=(),
        max_length=30,
        description="Criteria that a question may have; without one its place stays empty.",
        examples=[["region"]],
    )
    headers: dict[StaticHeaderName, HeaderTemplate] = Field(
        title="请求头，为模板。",
        default_factory=dict,
        description="Headers, as templates.",
        examples=[{"gjgxjhpt_rtime": "{now.ms}"}],
    )
    wrap: Wrap | None = Field(
        title="POST 的正文：表单、JSON 对象或 XML 文档。",
        default=None,
        description="The body of a POST: a form, a JSON object or an XML document.",
        examples=[{"json": {"xm": "{c.name}", "sfzh": "{c.id_no}"}}],
    )
    signatures: tuple[Signature, ...] = Field(
        title="证明提问者身份的签名。",
        default=(),
        max_length=5,
        description="What proves who asks.",
        examples=[[{"secret": "sharing-platform", "over": "{h.gjgxjhpt_rtime}", "header": "gjgxjhpt_sign"}]],
    )
    secrets: dict[str, Secret] = Field(
        title="模板以 {secret.NAME} 使用的秘密：模板中的名称对应秘密名称。",
        default_factory=dict,
        description="Secrets that templates use as {secret.NAME}: name there to name of the secret.",
        examples=[{"token": "people-token"}],
    )
    bearer_secret: Secret | None = Field(
        title="作为 Authorization: Bearer 发送的秘密。",
        default=None,
        description="The secret sent as Authorization: Bearer.",
        examples=["people-token"],
    )
    answers: tuple[FindingRule, ...] = Field(
        title="应答的含义；首个相符者为准，都不相符为不可用。",
        min_length=1,
        max_length=50,
        description="What answers mean; the first that fits holds, and what none fits is unavailable.",
        examples=[
            [
                {"at": "/code", "in": ["0"], "means": "found", "records": "/data"},
                {"at": "/code", "in": ["404"], "means": "not_found"},
            ]
        ],
    )
    fields: dict[Annotated[str, Field(max_length=100)], Place] = Field(
        title="每条记录给出什么：名称对应记录中的位置；空为原样。",
        default_factory=dict,
        description="What is given back of a record: name to its place in the record. Empty: the record as it is.",
        examples=[{"name": "/xm", "birth": "/csrq"}],
    )
    most_records: int = Field(
        title="最多给出多少条；还有更多时会说明。",
        default=100,
        ge=1,
        le=1000,
        description="The most records given back; beyond it, it is said that there are more.",
        examples=[20],
    )
    timeout_seconds: float = Field(
        title="一次查询的时限（秒）。",
        default=10.0,
        ge=0.1,
        le=60,
        description="The longest one question may take, in seconds.",
        examples=[5],
    )
    tls: TlsConfig | None = Field(
        title="双向 TLS、自有机构与证书指纹。",
        default=None,
        description="Mutual TLS, own authorities and pins.",
        examples=[{"ca_file": "/etc/govhub/ca.pem"}],
    )
    egress: Egress | None = Field(
        title="此查询可连接哪些地方。",
        default=None,
        description="Whom this lookup may call.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.wrap is not None) != (self.method == "POST"):
            raise ValueError("method: POST and wrap belong together")
        if set(self.required) & set(self.optional):
            raise ValueError("a criterion is required or optional")
        if not {rule.means for rule in self.answers} & {"found"}:
            raise ValueError("no answer means found: asking could tell nothing")
        return self
