# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents the API gives and takes. Those it gives serve the description; a test holds the answers to them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from contracts.text import Text
from hub.ports.journal import State


class Document(BaseModel):
    """Nothing beside what is listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def says(zh: str, en: str) -> Any:
    """A field's description in both languages."""
    return Field(description=str(Text(zh, en)))


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Bilingual(Document):
    """A text in both languages."""

    zh: str
    en: str


class ViolationDocument(Document):
    """One thing that is wrong, and how to mend it."""

    code: str
    path: Annotated[str, says("JSONPath，指向发送方所写的消息", "JSONPath into the message as its sender wrote it")]
    expected: Bilingual
    remedy: Bilingual


class Problem(BaseModel):
    """A refusal (RFC 9457). Programs branch on ``code``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    titles: Bilingual
    details: Bilingual
    remedy: Bilingual
    violations: list[ViolationDocument]
    instance: Annotated[str | None, says("本次请求的标识", "This request")] = None
    retry_after: Annotated[float | None, says("多少秒后可重试", "Seconds after which to try again")] = None


class Warned(Document):
    """Something odd about an identifier: no reason for a refusal, but for a question."""

    code: str
    path: Annotated[str, says("JSONPath，指向发送方所写的消息", "JSONPath into the message as its sender wrote it")]


class ReceiptSignature(Document):
    """The hub's signature, which many receipts share: over the root of a tree that the receipt's leaf leads to by its path."""

    suite: Literal["intl-1", "gm-1"]
    key: Annotated[Digest, says("签名证书的 SHA-256", "SHA-256 of the certificate that signed")]
    value: str
    size: Annotated[int, Field(ge=1)]
    index: Annotated[int, Field(ge=0)]
    path: list[str]


class Receipt(Document):
    """The hub took the message over; the same bytes again for a repeat."""

    v: Annotated[Literal[1, 2], says("第 1 版没有 commitment 与 salt", "Version 1 has no commitment and no salt")]
    type: Literal["accepted"]
    hub: str
    message: Annotated[UUID, says("中枢给的消息编号", "The message's id in the hub")]
    system: str
    id: Annotated[str, says("发送方给的消息 id", "The sender's own id")]
    contract: str
    contractVersion: int  # noqa: N815  # because it is the wire's name
    case: str
    commitment: Annotated[
        Digest | None,
        says("salt 与 digest 的 SHA-256，存证中只有它", "SHA-256 of salt and digest; all that the evidence keeps"),
    ] = None
    acceptedAt: AwareDatetime  # noqa: N815  # because it is the wire's name
    warnings: Annotated[list[Warned] | None, says("标识与编码的警告", "Warnings about identifiers")] = None
    leaf: Digest
    digest: Digest
    salt: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    signature: Annotated[
        ReceiptSignature | None, says("中枢的签名，有密钥时才有", "The hub's signature, where it has a key")
    ] = None


class Taken(Document):
    """One accepted event of a batch."""

    status: Literal[202]
    receipt: Receipt


class NotTaken(Document):
    """One refused event of a batch."""

    status: Annotated[int, Field(ge=400, le=599)]
    problem: Problem


class BatchAnswer(RootModel[list[Taken | NotTaken]]):
    """What became of each event of a batch, in the order of the batch."""


class LateAnswer(Document):
    """What was told of an attempt when another hub or an operator had taken the delivery up already."""

    state: State
    code: str
    detail: str
    reference: str
    at: datetime


class Attempt(Document):
    """One finished attempt to deliver."""

    attempt: int
    state: State
    code: str
    detail: str
    startedAt: datetime  # noqa: N815  # because it is the wire's name
    endedAt: datetime  # noqa: N815  # because it is the wire's name
    toldLate: Annotated[  # noqa: N815  # because it is the wire's name
        LateAnswer | None,
        says(
            "迟到的答复：只作记录，不再决定结果，除非此后无人处理过",
            "Told late: kept, and decides only what nobody took up since",
        ),
    ]


class Delivery(Document):
    """One message on its way to one destination."""

    destination: str
    delivery: Annotated[UUID, says("投递编号，也是幂等键", "The delivery's id, also its idempotency key")]
    state: State
    position: Annotated[int, says("在本办件投递队列中的位置", "Its place in the lane of its case")]
    code: str
    detail: str
    reference: str
    dueAt: datetime | None  # noqa: N815  # because it is the wire's name
    answerDueAt: Annotated[  # noqa: N815  # because it is the wire's name
        datetime | None,
        says("已收妥：最终答复应在此前到达", "Accepted: its final answer should be in by then"),
    ]
    settledAt: datetime | None  # noqa: N815  # because it is the wire's name
    blockedBy: UUID | None  # noqa: N815  # because it is the wire's name
    late: Annotated[bool, says("在后续之后补投", "Sent again after its lane had gone on")]
    attempts: list[Attempt]


class Message(Document):
    """One accepted message with the deliveries the asking system may see."""

    message: UUID
    system: str
    id: str
    contract: str
    contractVersion: int  # noqa: N815  # because it is the wire's name
    case: str
    time: datetime | None
    acceptedAt: datetime  # noqa: N815  # because it is the wire's name
    digest: Digest
    receipt: Receipt
    deliveries: list[Delivery]


class Alive(Document):
    """The process answers."""

    status: Literal["alive"]
    hub: str


class Blocked(Document):
    """Something that keeps the hub from working, or wants seeing to, since it began."""

    what: str
    reason: str
    since: datetime
    destination: str | None = None
    source: str | None = None


class Ready(Document):
    """The hub takes messages and delivers them."""

    status: Literal["ready"]
    hub: str
    concerns: Annotated[
        list[Blocked], says("不妨碍工作、但需处理的问题", "What does not block, and needs mending")
    ] = []


class NotReady(Document):
    """The hub cannot take messages or deliver them now."""

    status: Literal["not_ready"]
    hub: str
    blocked: list[Blocked]
    concerns: list[Blocked] = []


class Event(BaseModel):
    """A CloudEvent (CloudEvents 1.0.2) in JSON; extensions stand beside these attributes."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Annotated[str, says("发送方给的消息 id，重发不变", "The sender's id; a repeat keeps it"), Field(max_length=256)]
    source: Annotated[str, says("发送系统的编号", "The sending system's id")]
    type: Annotated[str, says("契约", "The contract")]
    subject: Annotated[str, says("统一办件编号", "The case number")]
    dataschema: Annotated[str, says("契约版本", "The contract's version")]
    datacontenttype: str | None = None
    time: AwareDatetime | None = None
    expirytime: AwareDatetime | None = None
    data: Any = None


class EventBatch(RootModel[list[Event]]):
    """Several events at once. Those of one case are accepted in the order they stand in."""


class Fetched(Document):
    """One message of a mailbox."""

    delivery: UUID
    attempt: int
    event: Event


class Fetch(Document):
    """Messages lent until ``expires``; what is not acknowledged by then may come again."""

    lease: UUID
    expires: datetime
    messages: list[Fetched]


class Result(Document):
    """What became of one fetched message at the department."""

    delivery: UUID
    outcome: Annotated[
        Literal["delivered", "rejected", "retry"],
        says("已收妥、拒收、稍后再取", "It has it, refuses it for good, or wants it again later"),
    ]
    receipt: Annotated[str, Field(max_length=500), says("已收妥：本方凭证号", "Delivered: its own proof")] = ""
    code: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$"), says("拒收：代码，供归类", "Rejected: a stable code")
    ] = "REJECTED"
    detail: Annotated[
        str, Field(max_length=500), says("拒收：原因，不含个人信息", "Rejected: why; nothing personal")
    ] = ""
    after_seconds: Annotated[
        float | None, Field(ge=0, le=86_400), says("稍后再取：多少秒之后", "Retry: after so many seconds")
    ] = None


class Ack(Document):
    """What became of messages fetched under one lease; those not named stay lent."""

    lease: UUID
    results: Annotated[list[Result], Field(min_length=1, max_length=1000)]


class AckedResult(Document):
    """``stale``: it is no longer this lease's to decide about."""

    delivery: UUID
    status: Literal["settled", "stale"]


class Acked(Document):
    """In the order of the acknowledgement."""

    results: list[AckedResult]


class StoredMaterial(Document):
    """A material the store holds."""

    digest: Digest
    size: int


class ContractEntry(Document):
    """One contract version."""

    type: str
    version: int
    title: Bilingual
    meaning: Bilingual
    dataschema: str
    href: Annotated[str, says("JSON Schema 的地址", "Where its JSON Schema is")]
    xsd: Annotated[str, says("XML Schema 的地址", "Where its XML Schema is")]


class ContractList(Document):
    """Every contract this hub speaks."""

    contracts: list[ContractEntry]


class FormEntry(Document):
    """One version of an item's own form."""

    name: str
    version: int
    title: Bilingual
    items: Annotated[list[str], says("实施编码，可含一个 *", "Item codes, or codes with one star")]
    carried_by: list[Literal["application", "step"]]


class FormList(Document):
    """Every form that is registered."""

    forms: list[FormEntry]


class JsonSchema(RootModel[dict[str, Any]]):
    """A JSON Schema (2020-12)."""


class OpenApi(RootModel[dict[str, Any]]):
    """An OpenAPI 3.1 document."""


class AsyncApi(RootModel[dict[str, Any]]):
    """An AsyncAPI 3.0 document."""
