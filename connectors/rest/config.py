# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one REST destination."""

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.rest.query import Query
from connectors.sdk import STRICT, AnswerWithin, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import (
    AddressTemplate,
    Failure,
    HeaderName,
    HeaderTemplate,
    JsonPointer,
    SecretName,
    StaticHeaderName,
    Success,
)
from connectors.sdk.http.place import Place
from connectors.sdk.http.ruling import Ruling
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import is_plain
from connectors.sdk.http.tls import TlsConfig
from connectors.sdk.http.token import ClientCredentials
from connectors.sdk.http.wrap import Wrap


class RestConfig(BaseModel):
    """One destination. Nothing in here is secret: secrets are named, and their values asked for at each request."""

    model_config = STRICT

    url: AddressTemplate = Field(
        title="发往何处：http 或 https 完整地址，不含用户、密码和片段；路径与查询中可留由消息填写之处。",
        description="Where to send: an absolute http or https address, without user, password or fragment. Its path and query "
        "may have places that the message fills.",
        examples=["https://civil-affairs.example.gov.cn/api/cases/{ce.subject}"],
    )
    method: Literal["POST", "PUT"] = Field(
        title="HTTP 方法。", default="POST", description="The HTTP method.", examples=["POST"]
    )
    mode: Literal["binary", "structured", "plain"] = Field(
        title="structured：整个 CloudEvents JSON；binary：属性放在 ce- 请求头；plain：只有数据，供不认识 CloudEvents 的对端。",
        default="structured",
        description="The CloudEvents HTTP mode the body was rendered for: structured sends it alone, "
        "binary adds the attributes as ce- headers; plain sends the data alone, for a far side that knows no CloudEvents.",
        examples=["binary"],
    )
    timeout_seconds: float = Field(
        title="一次请求从连接到收完应答的时限（秒）。",
        default=30.0,
        ge=0.1,
        le=300,
        description="The longest one request may take from connecting to the last byte of the answer, in seconds.",
        examples=[30],
    )
    answer_within: AnswerWithin | None = Field(
        title="收妥后最终答复最迟多少秒到达；逾期则查询（可查询时）或告警。",
        default=None,
        description="What the far side only accepted should have its final answer, by a webhook or an endpoint with answers_for, "
        "after so many seconds; later it is asked about where it can be, else health tells of it.",
        examples=[86400],
    )
    idempotency: Literal["native", "queryable", "none"] = Field(
        title="native：对方按键值忽略重复，结果不明时直接重发；queryable：可按 query 查询某键值；none：两者皆无，等人处理。",
        default="native",
        description="native: the far side ignores a repeat under the same key, so an unknown outcome is simply sent "
        "again. queryable: it does not, but it can be asked about a key as query says. none: neither, so an unknown "
        "outcome waits for a person.",
        examples=["native"],
    )
    idempotency_header: HeaderName = Field(
        title="携带幂等键的请求头；不论 idempotency 为何都会发送。",
        default="Idempotency-Key",
        description="The header that carries the idempotency key; it is sent whatever idempotency says.",
        examples=["Idempotency-Key"],
    )
    headers: dict[StaticHeaderName, HeaderTemplate] = Field(
        title="每次请求附加的请求头，不含秘密；可用模板，按此次序填写。",
        default_factory=dict,
        description="Headers to add to every request, none of them secret; templates, filled in this order.",
        examples=[{"X-System": "govhub", "gjgxjhpt_rtime": "{now.ms}"}],
    )
    wrap: Wrap | None = Field(
        title="消息外层：表单、JSON 对象或 XML 文档；不写则原样发送。",
        default=None,
        description="What stands around the message: a form, a JSON object or an XML document. Without it the body is sent as "
        "it is.",
        examples=[{"form": {"app_id": "govhub", "biz_content": "{body}"}}],
    )
    secrets: dict[str, Secret] = Field(
        title="模板以 {secret.NAME} 使用的秘密：模板中的名称对应秘密名称。",
        default_factory=dict,
        description="Secrets that templates use as {secret.NAME}: name there to name of the secret.",
        examples=[{"token": "civil-affairs-token"}],
    )
    signatures: tuple[Signature, ...] = Field(
        title="证明我方身份的签名，按此次序计算；写入字段的先于写入请求头的。",
        default=(),
        max_length=5,
        description="What proves who we are, made in this order; those into fields before those into headers.",
        examples=[
            [
                {
                    "secret": "sharing-platform",
                    "over": "{h.gjgxjhpt_sid}{h.gjgxjhpt_rid}{h.gjgxjhpt_rtime}",
                    "header": "gjgxjhpt_sign",
                }
            ]
        ],
    )
    token: ClientCredentials | None = Field(
        title="OAuth 2.0 客户端凭证换取的令牌，自动续期；代替 bearer_secret。",
        default=None,
        description="A bearer token by OAuth 2.0 client credentials, renewed by itself; instead of bearer_secret.",
        examples=[
            {"url": "https://sso.example.gov.cn/oauth/token", "client_id": "govhub", "client_secret": "sso-client"}
        ],
    )
    bearer_secret: SecretName | None = Field(
        title="作为 Authorization: Bearer 发送的秘密名称。",
        default=None,
        description="The name of the secret sent as Authorization: Bearer.",
        examples=["civil-affairs-token"],
    )
    secret_headers: dict[HeaderName, SecretName] = Field(
        title="取值为秘密的请求头：名称对应秘密名称。",
        default_factory=dict,
        description="Headers whose value is a secret: header name to secret name.",
        examples=[{"X-Api-Key": "civil-affairs-key"}],
    )
    tls_ca_file: str | None = Field(
        title="认可对端证书的机构证书（PEM 文件）；不写用系统的。",
        default=None,
        min_length=1,
        description="A PEM file of the authorities that may vouch for the far side, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )
    tls: TlsConfig | None = Field(
        title="双向 TLS、自有机构与证书指纹；代替 tls_ca_file。",
        default=None,
        description="Mutual TLS, own authorities and pins; instead of tls_ca_file.",
        examples=[{"certificate_file": "/etc/govhub/tls/hub.pem", "key_file": "/etc/govhub/tls/hub.key"}],
    )
    egress: Egress | None = Field(
        title="此目的地可连接哪些地方，按实际连接的地址核对；用 callback_at 时必填。",
        default=None,
        description="Whom this destination may call, checked at the address it connects to. Needed with callback_at.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )
    callback_at: Place | None = Field(
        title="消息自带发送地址时，地址在正文中的位置；url 只用于检查。",
        default=None,
        description="Where in the body the address to send to stands, if messages name it themselves; url is then for check "
        "alone.",
        examples=["/callbackUrl"],
    )
    answers: tuple[Ruling, ...] = Field(
        title="应答正文的含义，按此次序，先于状态码：HTTP 200 里也可能是失败；成功状态而无规则相符，记为不明。",
        default=(),
        max_length=50,
        description="What answers mean by their body, in this order and before their status: HTTP 200 with a failure inside is "
        "a failure. A success status that no rule fits is in doubt.",
        examples=[
            [
                {"at": "/code", "in": ["0"], "means": "delivered", "named": "/data/receiptNo"},
                {"at": "/code", "in": ["BUSY"], "means": "retry"},
                {"at": "/code", "means": "rejected", "named": "/code"},
            ]
        ],
    )
    success_statuses: frozenset[Success] = Field(
        title="表示已收下的状态码。",
        default=frozenset({200, 201, 202, 204}),
        description="Statuses that say: taken, for good.",
        examples=[[200, 201]],
    )
    accepted_statuses: frozenset[Success] = Field(
        title="表示已受理、稍后给最终结果的状态码；优先于 success_statuses。",
        default=frozenset(),
        description="Statuses that say: taken, the final answer comes later. They win over success_statuses.",
        examples=[[202]],
    )
    unavailable_statuses: frozenset[Failure] = Field(
        title="表示确未收下、可重发的状态码；含 401，因为凭证过期由运维处理，与发送方无关。",
        default=frozenset({401, 407, 408, 425, 429, 503}),
        description="Statuses that say: certainly not taken, try again. 401 is among them because an expired "
        "credential is mended by the operator, not by the sender of a message.",
        examples=[[408, 425, 429, 503]],
    )
    duplicate_statuses: frozenset[Failure] = Field(
        title="表示早已收到的状态码，记为送达。",
        default=frozenset(),
        description="Statuses that say: I have this already, which counts as delivered.",
        examples=[[409]],
    )
    duplicate_header: HeaderName | None = Field(
        title="写了则应答须带此头，重复状态才算数。",
        default=None,
        description="If set, a duplicate status counts as one only when the answer carries this header.",
        examples=["X-Duplicate"],
    )
    receipt_header: HeaderName | None = Field(
        title="存放对方回执的应答头。",
        default=None,
        description="The answer's header that holds the far side's receipt.",
        examples=["X-Receipt"],
    )
    receipt_pointer: JsonPointer | None = Field(
        title="回执在应答正文中的 JSON 指针（RFC 6901）。",
        default=None,
        description="A JSON pointer (RFC 6901) to the receipt in the answer's body.",
        examples=["/data/receiptNo"],
    )
    reference_header: HeaderName | None = Field(
        title="存放受理号的应答头。",
        default=None,
        description="The answer's header that holds the reference of an accepted message.",
        examples=["Location"],
    )
    reference_pointer: JsonPointer | None = Field(
        title="受理号在应答正文中的 JSON 指针（RFC 6901）。",
        default=None,
        description="A JSON pointer (RFC 6901) to the reference of an accepted message.",
        examples=["/data/taskId"],
    )
    query: Query | None = Field(
        title="如何向对方查询某键值的结果；用于 idempotency: queryable。",
        default=None,
        description="How the far side is asked what became of a key; belongs to idempotency: queryable.",
        examples=[
            {
                "url": "https://seals.example.gov.cn/api/tasks?key={key}",
                "answers": [
                    {"status": 200, "at": "/state", "in": ["done"], "means": "delivered", "receipt": "/receiptNo"},
                    {"status": 404, "at": "/code", "in": ["NO_SUCH_KEY"], "means": "not_seen"},
                ],
            }
        ],
    )
    check_method: Literal["OPTIONS", "HEAD"] = Field(
        title="检查对端是否可达所用的、没有副作用的方法。",
        default="OPTIONS",
        description="The method, free of effects, by which the far side is asked whether it is there.",
        examples=["HEAD"],
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Two ways of saying the same thing."""
        for one, other in (
            ("receipt_header", "receipt_pointer"),
            ("reference_header", "reference_pointer"),
            ("tls", "tls_ca_file"),
            ("token", "bearer_secret"),
        ):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"{one} and {other}: only one of them")
        return self

    @model_validator(mode="after")
    def _made_together(self) -> Self:
        """What a request is made of must fit together."""
        if self.callback_at is not None and self.egress is None:
            raise ValueError("callback_at needs egress: whom a message may have called")
        if self.wrap is not None and self.mode == "structured":
            raise ValueError("wrap needs mode: plain or binary, so that it is the data that is wrapped")
        fielded = self.wrap is not None and self.wrap.xml is None
        if not fielded and any(one.field is not None for one in self.signatures):
            raise ValueError("a signature into a field needs wrap with form or json")
        written = [self.idempotency_header, *self.headers, *self.secret_headers]
        written += ["authorization"] if self.bearer_secret or self.token else []
        written += [one.header for one in self.signatures if one.header is not None]
        if len({name.lower() for name in written}) != len(written):
            raise ValueError("one header is written twice")
        return self

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """What is said about answers must fit together."""
        if self.accepted_statuses and not (self.reference_header or self.reference_pointer):
            raise ValueError("accepted_statuses needs reference_header or reference_pointer")
        if self.unavailable_statuses & self.duplicate_statuses:
            raise ValueError("unavailable_statuses and duplicate_statuses name the same status")
        if (self.idempotency == "queryable") != (self.query is not None):
            raise ValueError("idempotency: queryable and query belong together")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether every request is made in the same way, without anything filled, wrapped or signed."""
        return (
            self.wrap is None
            and not self.signatures
            and self.token is None
            and self.callback_at is None
            and is_plain(self.url)
            and all(map(is_plain, self.headers.values()))
        )
