# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one register that is asked over HTTP."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import AddressTemplate, HeaderTemplate, StaticHeaderName
from connectors.sdk.http.place import Place
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.tls import TlsConfig
from connectors.sdk.http.wrap import Wrap

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^.{}|\s]+$")]
Wanted = Annotated[str, Field(max_length=200)]


class FindingRule(BaseModel):
    """One line of what answers mean."""

    model_config = STRICT

    statuses: frozenset[Annotated[int, Field(ge=200, le=599)]] = Field(
        title="应答状态是其中之一；空为任意。",
        default=frozenset(),
        description="The answer's status is one of these; empty: any.",
        examples=[[200]],
    )
    at: Place | None = Field(
        title="应答正文中的位置。", default=None, description="A place in the answer's body.", examples=["/code"]
    )
    values: tuple[Wanted, ...] = Field(
        title="该处的内容是其中之一；不写则有内容即可。",
        default=(),
        alias="in",
        description="What stands there; any of these. None: whatever stands there, if anything does.",
        examples=[["0"]],
    )
    absent: bool = Field(title="该处没有内容。", default=False, description="Nothing stands there.", examples=[True])
    means: Literal["found", "not_found", "rejected", "unavailable"] = Field(
        title="found：记录在 records 处；not_found：对方明确说没有；rejected：永不回答；unavailable：稍后再问。",
        description="found: the records stand at records. not_found: the register's own word that it has nothing. rejected: it "
        "will never answer this. unavailable: ask again.",
        examples=["found"],
    )
    records: Place | None = Field(
        title="记录或记录列表的位置。",
        default=None,
        description="Where the record, or the list of them, stands.",
        examples=["/data/list"],
    )
    code: Place | None = Field(
        title="拒绝代码的位置。", default=None, description="Where the code of a refusal stands.", examples=["/code"]
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.means == "found") != (self.records is not None):
            raise ValueError("found and records belong together")
        if self.at is None and (self.values or self.absent or self.means == "not_found"):
            # A wrong path, a gateway or a maintenance page answers 404 too, and somebody would be told that he does not exist.
            raise ValueError("in, absent and not_found need at: a status alone is not the register's word")
        if self.absent and self.values:
            raise ValueError("what is absent has no value: in or absent")
        return self


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
