# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one SOAP destination."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator
from yarl import URL

from connectors.sdk import STRICT, AnswerWithin, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.place import Place
from connectors.sdk.http.ruling import Ruling
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Template
from connectors.sdk.http.tls import TlsConfig

_NCNAME = re.compile(r"[A-Za-z_\u4e00-\u9fa5][A-Za-z0-9_.\u4e00-\u9fa5-]{0,127}")


def _name(value: str) -> str:
    if not _NCNAME.fullmatch(value):
        raise ValueError("no name of an XML element")
    return value


def _address(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"http", "https"} or not url.raw_host or url.raw_user is not None or url.raw_fragment:
        raise ValueError("an absolute http or https address is needed, without user and fragment")
    return value


Name = Annotated[str, Field(max_length=128), AfterValidator(_name)]
Address = Annotated[str, Field(max_length=2048), AfterValidator(_address)]


class UsernameToken(BaseModel):
    """WS-Security UsernameToken (OASIS Web Services Security UsernameToken Profile 1.0)."""

    model_config = STRICT

    username: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        title="我方用户名。", description="Who we are.", examples=["govhub"]
    )
    password_secret: Secret = Field(
        title="证明身份的秘密名称。", description="The name of the secret that proves it.", examples=["housing-soap"]
    )
    digest: bool = Field(
        title="密码以含随机数与时刻的摘要发送，或原样发送。",
        default=True,
        description="Whether the password is sent as a digest with nonce and moment, or as it is.",
        examples=[True],
    )


class AskingRule(BaseModel):
    """One line of what the answer to a question means."""

    model_config = STRICT

    at: Place = Field(
        title="应答中的位置。", description="A place in the answer.", examples=["/queryResponse/return>>/state"]
    )
    values: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        title="该处的内容是其中之一。",
        alias="in",
        min_length=1,
        description="What stands there; any of these.",
        examples=[["done"]],
    )
    means: Literal["delivered", "accepted", "rejected", "not_seen", "unknown"] = Field(
        title="该键值的结果。not_seen：从未收到，会重发。",
        description="What became of the key. not_seen: it never came, and is sent again.",
        examples=["delivered"],
    )
    named: Place | None = Field(
        title="回执、受理号或拒收代码的位置。",
        default=None,
        description="Where the receipt, the reference or the code of refusal stands.",
        examples=["/queryResponse/return>>/receiptNo"],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.means in {"accepted", "rejected"} and self.named is None:
            raise ValueError("accepted and rejected need named: where the reference, or the code of refusal, stands")
        return self


class Question(BaseModel):
    """How the far side is asked what became of a key: another operation of the same port."""

    model_config = STRICT

    operation: Name = Field(title="操作名称。", description="The operation's name.", examples=["queryCase"])
    parameters: dict[Name, Template] = Field(
        title="各参数；{key} 是幂等键。",
        description="Its arguments by name; {key} is the idempotency key.",
        examples=[{"sn": "{key}"}],
    )
    answers: tuple[AskingRule, ...] = Field(
        title="应答的含义；首个相符者为准，都不相符为不知道。",
        min_length=1,
        max_length=50,
        description="What the answers mean; the first that fits holds, and what none fits is not known.",
        examples=[[{"at": "/queryCaseResponse/return", "in": ["done"], "means": "delivered"}]],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not {rule.means for rule in self.answers} & {"delivered", "accepted"}:
            raise ValueError("no answer means delivered or accepted: asking could settle nothing")
        if not any("{key}" in one or "{key|" in one for one in self.parameters.values()):
            raise ValueError("no parameter has {key}: whom would be asked about?")
        return self


class SoapConfig(BaseModel):
    """One destination. Nothing in here is secret: secrets are named, and their values asked for at each request."""

    model_config = STRICT

    wsdl_file: Annotated[str, Field(min_length=1, max_length=1024)] = Field(
        title="对端的 WSDL 文件；打开目的地时读取，其导入只读同目录及以下的文件。",
        description="The file with the far side's WSDL. It is read when the destination is opened; of what it "
        "imports only files beside it or below are read.",
        examples=["/etc/govhub/wsdl/housing.wsdl"],
    )
    operation: Name = Field(title="要调用的操作。", description="The operation to call.", examples=["submitCase"])
    port: Name | None = Field(
        title="端口；首个含该操作的端口不合适时填写。",
        default=None,
        description="The port, if the first that has the operation is the wrong one.",
        examples=["CasePort"],
    )
    version: Literal["1.1", "1.2"] | None = Field(
        title="SOAP 版本；两种都有时选用，默认 1.1。",
        default=None,
        description="The version of SOAP, if both are bound; 1.1 unless said.",
        examples=["1.2"],
    )
    url: Address | None = Field(
        title="调用地址；代替 WSDL 中的地址，那往往是别的网络里的。",
        default=None,
        description="Where to call, instead of the address in the WSDL, which is often one inside another network.",
        examples=["https://housing.example.gov.cn/services/case"],
    )
    parameters: dict[Name, Template] = Field(
        title="各参数，名称同 WSDL；为模板，填入内容会转义。",
        description="The arguments by the names in the WSDL; templates, and what fills them is escaped.",
        examples=[{"sblsh": "{ce.subject}", "xml": "{body}"}],
    )
    as_elements: frozenset[Name] = Field(
        title="文字本身是 XML、须作为元素而非文字发送的参数。",
        default=frozenset(),
        description="Arguments whose text is XML and is sent as elements, not as a text.",
        examples=[["document"]],
    )
    fields: dict[Annotated[str, Field(max_length=100)], Template] = Field(
        title="报文头与参数以 {f.NAME} 使用、签名所签的值。",
        default_factory=dict,
        description="Values that header and parameters use as {f.NAME}, and signatures sign.",
        examples=[{"rid": "r_1", "rtime": "{now.ms}"}],
    )
    signatures: tuple[Signature, ...] = Field(
        title="对 fields 的签名，各写入自己的字段。",
        default=(),
        max_length=5,
        description="Signatures over the fields, each into a field of its own.",
        examples=[[{"secret": "sharing-platform", "over": "{f.sid}{f.rid}{f.rtime}", "field": "sign"}]],
    )
    header: Annotated[str, Field(max_length=8000)] | None = Field(
        title="信封头的 XML，为模板。",
        default=None,
        description="XML for the envelope's header, a template.",
        examples=["<t:tongtechheader xmlns:t='urn:t'><rid>{f.rid}</rid><sign>{f.sign}</sign></t:tongtechheader>"],
    )
    secrets: dict[str, Secret] = Field(
        title="模板以 {secret.NAME} 使用的秘密：模板中的名称对应秘密名称。",
        default_factory=dict,
        description="Secrets that templates use as {secret.NAME}: name there to name of the secret.",
        examples=[{"token": "housing-token"}],
    )
    security: UsernameToken | None = Field(
        title="WS-Security 用户名令牌。",
        default=None,
        description="WS-Security UsernameToken.",
        examples=[{"username": "govhub", "password_secret": "housing-soap"}],
    )
    encoding: Literal["utf-8", "gb18030", "gb2312"] = Field(
        title="信封的字符编码。", default="utf-8", description="How the envelope is encoded.", examples=["gb18030"]
    )
    timeout_seconds: float = Field(
        title="一次调用从连接到收完应答的时限（秒）。",
        default=30.0,
        ge=0.1,
        le=300,
        description="The longest one call may take from connecting to the last byte of the answer, in seconds.",
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
        title="native：对方按某参数所带的键值忽略重复；queryable：可按 query 查询某键值；none：结果不明时等人处理。",
        default="none",
        description="native: the far side ignores a repeat under the same key, which a parameter carries. queryable: it can be "
        "asked about a key as query says. none: an unknown outcome waits for a person.",
        examples=["queryable"],
    )
    query: Question | None = Field(
        title="如何向对方查询某键值的结果；用于 idempotency: queryable。",
        default=None,
        description="How the far side is asked what became of a key; belongs to idempotency: queryable.",
        examples=[
            {
                "operation": "queryCase",
                "parameters": {"sn": "{key}"},
                "answers": [
                    {"at": "/queryCaseResponse/return>>/state", "in": ["done"], "means": "delivered"},
                    {"at": "/queryCaseResponse/return>>/state", "in": ["none"], "means": "not_seen"},
                ],
            }
        ],
    )
    answers: tuple[Ruling, ...] = Field(
        title="应答的含义，位置从信封正文内的元素起；结果往往是文字里的 XML 或 JSON，用 >> 进入。"
        "没有规则时不是 fault 即成功；有规则而都不相符，记为不明。",
        default=(),
        max_length=50,
        description="What answers mean, by places that begin at the element in the body; often the result is a text that is "
        "XML or JSON itself, which >> goes into. Without rules every answer that is no fault is a success; with them, one that "
        "none fits is in doubt.",
        examples=[
            [
                {"at": "/submitCaseResponse/return>>/RESULT/STATUS", "in": ["200"], "means": "delivered"},
                {"at": "/submitCaseResponse/return>>/RESULT/STATUS", "means": "rejected"},
            ]
        ],
    )
    faults: tuple[Ruling, ...] = Field(
        title="fault 的含义，先于通常的理解；位置可用 /code（Client、Server）、/subcode、/reason、/detail>>/detail/…。",
        default=(),
        max_length=50,
        description="What faults mean, before the usual meaning, by the places /code (Client, Server), /subcode, /reason and "
        "/detail>>/detail/… .",
        examples=[[{"at": "/subcode", "in": ["Busy"], "means": "retry"}]],
    )
    tls: TlsConfig | None = Field(
        title="双向 TLS、自有机构与证书指纹。",
        default=None,
        description="Mutual TLS, own authorities and pins.",
        examples=[{"ca_file": "/etc/govhub/trust/city-ca.pem"}],
    )
    egress: Egress | None = Field(
        title="此目的地可连接哪些地方，按实际连接的地址核对；省略为部署文件中写明的地址。",
        default=None,
        description="Whom this destination may call, checked at the address it connects to. Without it: where the deployment "
        "says, whatever address the name stands for.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """What two fields say must fit together."""
        if (self.idempotency == "queryable") != (self.query is not None):
            raise ValueError("idempotency: queryable and query belong together")
        carried = any("{key" in template for template in (*self.parameters.values(), *self.fields.values()))
        if self.idempotency != "none" and not carried:
            raise ValueError("no parameter has {key}: the far side could neither know a repeat nor be asked")
        if any(one.field is None for one in self.signatures):
            raise ValueError("a signature goes into a field, and from there into header or parameters")
        if not self.as_elements <= self.parameters.keys():
            raise ValueError("as_elements names what is no parameter")
        return self
