# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one webhook: who may call, what a call says, how it is answered."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, JsonValue, field_validator, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.final_answer import AnswerMap
from connectors.sdk.http.place import Place
from connectors.sdk.http.template import Template, names_in
from connectors.sdk.http.verification import Verification
from connectors.sdk.http.wrap import check_templates

_BODY = frozenset({"body", "content"})
_REPLYING = frozenset({"code", "detail", "message"})

Name = Annotated[str, Field(min_length=1, max_length=100)]


class ItemMap(BaseModel):
    """How a call becomes a message: attributes by templates, the data by their place."""

    model_config = STRICT

    type: Template = Field(
        title="契约，或为模板，其值由 types 翻译。",
        description="The contract, or a template for a value that types translates.",
        examples=["cn.gov.seal.completed", "{/action}"],
    )
    types: dict[Name, Name] = Field(
        title="值与契约的对应；写了则其他值一律不收。",
        default_factory=dict,
        description="Contract by value of type. If any is given, another value is turned away.",
        examples=[{"SIGN_FLOW_COMPLETE": "cn.gov.seal.completed"}],
    )
    id: Template = Field(
        title="消息编号，据此识别重复：须取自被签内容，对方重试时保持不变。",
        default="sha256-{body|sha256}",
        description="The message's id: by it repeats are recognised, so it is made of what is signed and stays the same when the "
        "far side tries again.",
        examples=["{/flowId}-{/action}"],
    )
    subject: Template = Field(title="办件编号。", description="The case number.", examples=["{/bizNo}"])
    time: Template | None = Field(
        title="发生时刻（RFC 3339）。",
        default=None,
        description="When it happened, as RFC 3339.",
        examples=["{/timestamp|from_ms}"],
    )
    dataschema: Template | None = Field(
        title="契约版本；方言未说明时填写。",
        default=None,
        description="The contract's version, where the dialect does not tell it.",
        examples=["urn:govhub:contract:cn.gov.seal.completed:1"],
    )
    each: Place | None = Field(
        title="消息列表的位置；写了则各模板与位置针对其中一条。",
        default=None,
        description="Where a list of messages stands; every template and place is then about one of them.",
        examples=["/Body/WaybillRoute"],
    )
    data: Place | None = Field(
        title="数据的位置；不写为整个正文。",
        default=None,
        description="Where the data stand; without it they are all of the body.",
        examples=["/data"],
    )
    data_field: Name | None = Field(
        title="存放数据的表单字段。",
        default=None,
        description="The form's field that holds the data.",
        examples=["biz_content"],
    )
    content_type: Annotated[str, Field(max_length=200)] | None = Field(
        title="数据的内容类型，据此认出系统的方言；不写按调用的。",
        default=None,
        description="The data's content type, by which the system's dialect is known; without it that of the call.",
        examples=["application/json"],
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.data is not None and self.data_field is not None:
            raise ValueError("data and data_field: only one of them")
        if self.each is not None and self.data_field is not None:
            raise ValueError("each is about a document, data_field about a form")
        if self.data_field is not None and self.content_type is None:
            raise ValueError("data_field needs content_type: that of the call is a form's")
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """All of them."""
        optional = (self.time, self.dataschema)
        return (self.type, self.id, self.subject, *(one for one in optional if one is not None))

    @property
    def is_of_the_body(self) -> bool:
        """Whether a signature over the body is one over the message: nothing of it comes from elsewhere, and it is one alone."""
        names = {name for template in self.templates for name in names_in(template)}
        return self.each is None and all(name in _BODY or name.startswith(("/", "f.")) for name in names)


class ReplyMap(BaseModel):
    """One reply. Of ``json`` and ``text`` at most one; without either it is the hub's own document."""

    model_config = STRICT

    status: int = Field(title="状态码。", ge=200, le=599, description="The status.", examples=[200])
    json_object: dict[Name, JsonValue] | None = Field(
        title="JSON 对象；其中文字为模板，可用 {code}、{detail}、{message}。",
        default=None,
        alias="json",
        description="A JSON object; its texts are templates with {code}, {detail} and {message}.",
        examples=[{"return_code": "0000", "return_msg": "成功"}],
    )
    text: Template | None = Field(
        title="文字，可用同样的位置；填入内容按 XML 转义。",
        default=None,
        description="A text, with the same places; what fills them is escaped for XML.",
        examples=["success"],
    )
    content_type: Annotated[str, Field(max_length=200)] = Field(
        title="文字的内容类型。",
        default="text/plain; charset=utf-8",
        description="The content type of text.",
        examples=["application/xml"],
    )

    @field_validator("json_object")
    @classmethod
    def _templates(cls, value: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        check_templates(value)
        return value

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.text is not None and self.json_object is not None:
            raise ValueError("json and text: only one of them")
        if self.text is not None and not names_in(self.text) <= _REPLYING:
            raise ValueError("a reply knows {code}, {detail} and {message}")
        return self


class Replies(BaseModel):
    """How a far side is told what became of its call."""

    model_config = STRICT

    taken: ReplyMap = Field(
        title="已入库，现在或先前。",
        default=ReplyMap(status=202),
        description="It is journaled, now or before.",
        examples=[{"status": 200, "text": "success"}],
    )
    refused: ReplyMap = Field(
        title="永不接收。许多平台只要不答成功就会一直重试。",
        default=ReplyMap(status=422),
        description="It will never be taken. Many platforms repeat for ever whatever is not answered as a success.",
        examples=[{"status": 200, "json": {"code": "{code}"}}],
    )
    later: ReplyMap = Field(
        title="请稍后再来。",
        default=ReplyMap(status=503),
        description="It should come again.",
        examples=[{"status": 503}],
    )


class Challenge(BaseModel):
    """A GET by which a platform makes sure that the address is ours: it wants a value back."""

    model_config = STRICT

    query: Name = Field(
        title="原样返回的查询参数。", description="The query value that is given back.", examples=["echostr"]
    )


class WebhookConfig(BaseModel):
    """One webhook. Exactly one of ``verify``, ``bearer_secret``, ``client_subject`` and ``anybody`` says who may call."""

    model_config = STRICT

    verify: Verification | None = Field(
        title="调用带有签名。",
        default=None,
        description="The call is signed.",
        examples=[
            {
                "secret": "seals-callback",
                "over": "{h.X-Timestamp}{body}",
                "encoding": "hex",
                "header": "X-Signature",
                "timestamp": "{h.X-Timestamp|from_ms}",
            }
        ],
    )
    bearer_secret: Secret | None = Field(
        title="调用以 Authorization: Bearer 携带此秘密。",
        default=None,
        description="The call carries this secret as Authorization: Bearer.",
        examples=["payments-callback"],
    )
    client_subject: Annotated[str, Field(min_length=3, max_length=500)] | None = Field(
        title="调用方以此主题的客户端证书连接，由反向代理告知（hub.proxy）。",
        default=None,
        description="The call comes under a client certificate with this subject, as the reverse proxy tells (hub.proxy).",
        examples=["CN=seals.example.gov.cn,O=made up"],
    )
    anybody: Literal[True] | None = Field(
        title="能访问该地址者皆可调用：仅用于别人进不来的网络。",
        default=None,
        description="Whoever reaches the address may call: for a network that lets nobody else through, and for nothing else.",
        examples=[True],
    )
    item: ItemMap | None = Field(
        title="调用如何成为消息；不写则调用只说明某次投递的结果。",
        default=None,
        description="How a call becomes a message. Without it a call only says what became of a delivery.",
        examples=[{"type": "cn.gov.seal.completed", "id": "{/flowId}", "subject": "{/bizNo}"}],
    )
    answers_for: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        title="调用是哪个目的地（须属同一系统）的最终答复。",
        default=None,
        description="The destination, of the same system, whose deliveries the calls are the final answer to.",
        examples=["seals"],
    )
    answer: AnswerMap | None = Field(
        title="调用关于该投递说了什么。",
        default=None,
        description="What a call says about the delivery.",
        examples=[
            {"reference": "{/flowId}", "outcome": "{/status}", "delivered": ["COMPLETE"], "rejected": ["REFUSED"]}
        ],
    )
    replies: Replies = Field(
        title="如何应答。",
        default_factory=Replies,
        description="How it is answered.",
        examples=[{"taken": {"status": 200, "text": "success"}}],
    )
    challenge: Challenge | None = Field(
        title="平台如何核实地址。",
        default=None,
        description="How a platform makes sure of the address.",
        examples=[{"query": "echostr"}],
    )

    @property
    def carries_signatures(self) -> bool:
        """Whether a system that must sign can speak through it."""
        return self.item is not None and self.item.is_of_the_body

    @model_validator(mode="after")
    def _sound(self) -> Self:
        ways = (self.verify, self.bearer_secret, self.client_subject, self.anybody)
        if sum(one is not None for one in ways) != 1:
            raise ValueError("verify, bearer_secret, client_subject or anybody: exactly one of them says who may call")
        if (self.answers_for is None) is not (self.answer is None):
            raise ValueError("answers_for and answer: both or none")
        if self.item is None and self.answer is None:
            raise ValueError("item or answer: a call that is neither says nothing")
        if self.verify is None:
            return self
        for template in (*(self.item.templates if self.item else ()), *(self.answer.templates if self.answer else ())):
            if loose := self.verify.unsigned(template):
                raise ValueError(f"{{{loose}}} is not signed, so nothing of the message may be made of it")
        if self.item is None:
            return self
        whole = not names_in(self.verify.over).isdisjoint({"body", "content"})
        field = self.item.data_field
        if not whole and not (field is not None and not self.verify.unsigned(f"{{f.{field}}}")):
            raise ValueError("over does not cover the data: anybody could change them on the way")
        return self
