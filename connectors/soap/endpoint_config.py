# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one endpoint: which operations there are, what a call says, who may call, how it is answered."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.final_answer import AnswerMap
from connectors.sdk.http.template import Template, names_in
from connectors.soap.config import Address, Name

_REPLYING = frozenset({"code", "detail", "message", "receipt"})


class CallerToken(BaseModel):
    """Who may call: a WS-Security UsernameToken with a digest."""

    model_config = STRICT

    username: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        title="调用方用户名。", description="Who calls.", examples=["housing"]
    )
    password_secret: Secret = Field(
        title="证明身份的秘密名称。", description="The name of the secret that proves it.", examples=["housing-calls"]
    )
    window_seconds: float = Field(
        title="令牌时刻与现在最多相差多少秒。",
        default=300.0,
        gt=0,
        le=86_400,
        description="How far its moment may be from now.",
        examples=[300],
    )


class Exposed(BaseModel):
    """One operation: its arguments, all texts, and the message that they make. Templates use them as {f.NAME}."""

    model_config = STRICT

    parameters: tuple[Name, ...] = Field(
        title="各参数名称，按次序；类型都是 xsd:string。",
        min_length=1,
        max_length=50,
        description="The names of its arguments, in their order; each is an xsd:string.",
        examples=[["sblsh", "lsh", "xml"]],
    )
    type: Template | None = Field(
        title="契约。", default=None, description="The contract.", examples=["cn.gov.process.step"]
    )
    id: Template | None = Field(
        title="消息编号，据此识别重复；调用方重试时保持不变。",
        default=None,
        description="The message's id, by which repeats are recognised: the same when the caller tries again.",
        examples=["{f.lsh}"],
    )
    subject: Template | None = Field(
        title="办件编号。", default=None, description="The case number.", examples=["{f.sblsh}"]
    )
    time: Template | None = Field(
        title="发生时刻（RFC 3339）。",
        default=None,
        description="When it happened, as RFC 3339.",
        examples=["{f.sj|from_compact}"],
    )
    dataschema: Template | None = Field(
        title="契约版本；方言未说明时填写。",
        default=None,
        description="The contract's version, where the dialect does not tell it.",
        examples=["urn:govhub:contract:cn.gov.process.step:1"],
    )
    data: Name | None = Field(
        title="存放数据的参数。", default=None, description="The argument that holds the data.", examples=["xml"]
    )
    content_type: Annotated[str, Field(max_length=200)] | None = Field(
        title="数据的内容类型，据此认出系统的方言。",
        default=None,
        description="The data's content type, by which the system's dialect is known.",
        examples=["application/xml"],
    )
    answer: AnswerMap | None = Field(
        title="本操作是最终答复而非消息；此时不写 type、id、subject、data、content_type。",
        default=None,
        description="It is a final answer and no message: what it says about the delivery. type, id, subject, data and "
        "content_type are left out then.",
        examples=[{"reference": "{f.lsh}", "outcome": "{f.zt}", "delivered": ["1"], "rejected": ["2"]}],
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len(set(self.parameters)) != len(self.parameters):
            raise ValueError("parameters names one twice")
        message = (self.type, self.id, self.subject, self.data, self.content_type)
        if self.answer is None and None in message:
            raise ValueError("a message needs type, id, subject, data and content_type; a final answer needs answer")
        if self.answer is not None and message != (None,) * len(message):
            raise ValueError(
                "answer: the operation is a final answer, so it has no type, id, subject, data or content_type"
            )
        templates = [one for one in (self.type, self.id, self.subject, self.time, self.dataschema) if one is not None]
        templates += self.answer.templates if self.answer is not None else ()
        wanted = {name for one in templates for name in names_in(one)}
        loose = sorted(wanted - {f"f.{name}" for name in self.parameters})
        if loose or (self.data is not None and self.data not in self.parameters):
            raise ValueError(f"only parameters can be used, as {{f.NAME}}: {', '.join(loose) or self.data} is none")
        return self


class Results(BaseModel):
    """What stands in an answer's result. Without a template a refusal is a SOAP fault with the problem's code."""

    model_config = STRICT

    taken: Template = Field(
        title="已入库，现在或先前；{receipt} 是中枢的回执，{message} 是消息编号。",
        default="{receipt}",
        description="It is journaled, now or before; {receipt} is the hub's receipt, {message} its id.",
        examples=["<RESULT><STATUS>200</STATUS><DATA>{message}</DATA></RESULT>"],
    )
    refused: Template | None = Field(
        title="永不接收；{code} 与 {detail} 说明原因。",
        default=None,
        description="It will never be taken; {code} and {detail} say why.",
        examples=["<RESULT><STATUS>500</STATUS><DESC>{code}</DESC></RESULT>"],
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not names_in(self.taken) | names_in(self.refused or "") <= _REPLYING:
            raise ValueError("a result knows {code}, {detail}, {message} and {receipt}")
        return self


class EndpointConfig(BaseModel):
    """One endpoint. Exactly one of ``security``, ``client_subject`` and ``anybody`` says who may call."""

    model_config = STRICT

    namespace: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[!-~]+$")] = Field(
        title="目标命名空间。", description="The target namespace.", examples=["http://exchange.example.gov.cn/"]
    )
    service: Name = Field(
        title="服务名称。", default="ExchangeService", description="The service's name.", examples=["ExchangeService"]
    )
    address: Address | None = Field(
        title="WSDL 中写的地址；不写为取 WSDL 时所用的地址。",
        default=None,
        description="The address that the WSDL names; without it the one under which the WSDL was asked for.",
        examples=["https://hub.example.gov.cn/v1/in/housing"],
    )
    operations: dict[Name, Exposed] = Field(
        title="各操作，按名称。",
        min_length=1,
        max_length=50,
        description="The operations by name.",
        examples=[
            {
                "submit": {
                    "parameters": ["sblsh", "lsh", "xml"],
                    "type": "cn.gov.process.step",
                    "id": "{f.lsh}",
                    "subject": "{f.sblsh}",
                    "data": "xml",
                    "content_type": "application/xml",
                }
            }
        ],
    )
    answers_for: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        title="带 answer 的操作是哪个目的地（须属同一系统）的最终答复。",
        default=None,
        description="The destination, of the same system, whose deliveries operations with answer are the final answer to.",
        examples=["seals"],
    )
    result: Name = Field(
        title="结果的名称。", default="return", description="The name of the result.", examples=["submitResult"]
    )
    results: Results = Field(
        title="结果的内容。",
        default_factory=Results,
        description="What stands in it.",
        examples=[{"taken": "<STATUS>200</STATUS>"}],
    )
    security: CallerToken | None = Field(
        title="调用方以用户名令牌证明身份。",
        default=None,
        description="Callers prove who they are by a UsernameToken.",
        examples=[{"username": "housing", "password_secret": "housing-calls"}],
    )
    client_subject: Annotated[str, Field(min_length=3, max_length=500)] | None = Field(
        title="调用方以此主题的客户端证书连接，由反向代理告知（hub.proxy）。",
        default=None,
        description="Callers come under a client certificate with this subject, as the reverse proxy tells (hub.proxy).",
        examples=["CN=housing.example.gov.cn"],
    )
    anybody: Literal[True] | None = Field(
        title="能访问该地址者皆可调用：仅用于别人进不来的网络。",
        default=None,
        description="Whoever reaches the address may call: for a network that lets nobody else through, and for nothing else.",
        examples=[True],
    )

    @property
    def carries_signatures(self) -> bool:
        """Whether a system that must sign can speak through it."""
        return True

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(one is not None for one in (self.security, self.client_subject, self.anybody)) != 1:
            raise ValueError("security, client_subject or anybody: exactly one of them says who may call")
        if (self.answers_for is not None) is not any(one.answer is not None for one in self.operations.values()):
            raise ValueError("answers_for and an operation with answer: both or none")
        return self
