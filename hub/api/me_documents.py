# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a system is told about itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field

from hub.access.decision import Grant, Verb
from hub.api.documents import Digest, Document, Problem, says
from hub.ports.journal import LanePlace, RefusedView, State, WaitingView

# ruff: noqa: N815  # because camelCase names are the wire's


class Credential(Document):
    """Something by which the system is known. Its own, and never the secret itself."""

    kind: Annotated[
        Literal["api_key", "client_certificate", "signing_certificate"],
        says(
            "API 密钥、双向 TLS 客户端证书、报文签名证书", "Key, certificate for mutual TLS, certificate for signatures"
        ),
    ]
    digest: Annotated[
        Digest | None,
        says(
            "密钥或证书的 SHA-256；空为按主题登记、尚未出示",
            "SHA-256 of key or certificate; null: registered by subject and not shown yet",
        ),
    ]
    name: Annotated[
        str | None,
        says("客户端证书在部署文件中的登记名", "What a client certificate is registered as: fingerprint or subject"),
    ]
    suite: Annotated[str | None, says("签名证书的算法套件", "The suite of a signing certificate")]
    scopes: Annotated[list[str], says("密钥的用途；空为不限", "What a key is good for; empty: everything")]
    presented: Annotated[bool, says("本次请求用的就是它", "This request carries it")]
    validFrom: Annotated[
        datetime | None, says("生效时间；空为未定或未见", "Since when; null: not limited, or not seen")
    ]
    expiresAt: Annotated[
        datetime | None, says("到期时间；空为不过期或未见", "When it expires; null: never, or not seen")
    ]


class OwnLimits(Document):
    """What a request may cost, and of what time a message may be."""

    bodyBytes: int
    batch: Annotated[int, says("一批最多条数", "The most events of a batch")]
    materialBytes: int
    receiveSeconds: float
    futureSeconds: Annotated[float, says("time 最多超前多少秒", "How far ahead `time` may be")]
    pastDays: Annotated[float, says("time 最早多少天前", "How old `time` may be")]


class MailboxTerms(Document):
    """How this mailbox is fetched from."""

    leaseSeconds: float
    maxBatch: int
    maxLent: Annotated[int, says("已取未确认的上限", "The most that may be fetched and not acknowledged")]
    maxWaitSeconds: float


class OwnDestination(Document):
    """A destination of the system."""

    destination: str
    mailbox: Annotated[MailboxTerms | None, says("由本系统自行取件；空为中枢推送", "Fetched from; null: pushed to")]
    paused: Annotated[
        bool, says("暂停投递，或因无应答已熔断", "Nothing is sent there now: paused, or it did not answer")
    ]
    since: Annotated[datetime | None, says("自何时起", "Since when")]
    waiting: Annotated[dict[str, int], says("未完成件数，按状态", "Deliveries that are not finished, by state")]


EVERYTHING = "*"


class OwnGrant(Document):
    """One thing that the system may do. Without ``regions`` and ``items`` these are no limit."""

    verb: Annotated[Verb, says("发送、接收、查询、向登记机构提问", "Send, receive, ask about, or ask a register")]
    contracts: Annotated[list[str], says("契约或查询的名称，* 为全部", "Contracts, or a lookup's name; `*` for all")]
    regions: Annotated[list[str], says("行政区划，含其下各级", "Division codes, each with all below it")]
    items: Annotated[list[str], says("事项编码或其开头", "Item codes, or their beginnings")]
    rule: Annotated[str, says("规则名称，即在部署文件中的位置", "The rule's name: where the deployment has it")]


def grant_document(verb: Verb, grant: Grant) -> dict[str, Any]:
    """A grant as it is shown."""
    return {
        "verb": verb.value,
        "contracts": [EVERYTHING] if grant.contracts is None else sorted(grant.contracts),
        "regions": list(grant.said.get("regions", ())),
        "items": list(grant.said.get("items", ())),
        "rule": grant.rule,
    }


class Me(Document):
    """The system as the hub knows it."""

    system: str
    hub: str
    sends: Annotated[list[str], says("可发送的契约，* 为不限", "Contracts it may send; `*` for all")]
    may: Annotated[list[OwnGrant], says("可做的事；未列出的一律不可", "What it may do; nothing else")]
    anyCase: Annotated[bool, says("可就任何办件发言", "It may speak of any case")]
    dialects: Annotated[list[str], says("规范 JSON 之外可用的方言", "Dialects it may use beside canonical JSON")]
    credentials: list[Credential]
    limits: OwnLimits
    destinations: list[OwnDestination]
    countedAt: Annotated[
        datetime | None, says("件数的统计时间；空为尚未统计", "When the deliveries were counted; null: not yet")
    ]


class OwnRefusal(Document):
    """One refusal as it was given to the sender. A message accepted later under the same id is no longer refused."""

    refusal: UUID
    id: Annotated[str | None, says("发送方给的消息 id；空为读不出", "The sender's id; null: it could not be read")]
    contract: Annotated[str | None, says("发送方所写的契约；空为读不出", "The contract as written; null: not readable")]
    code: str
    paths: Annotated[list[str], says("有问题的位置", "Where something is wrong")]
    refusedAt: datetime
    problem: Problem


class OwnRefusals(Document):
    """A page of refusals, newest first. ``next`` is the ``after`` of the next page."""

    refusals: list[OwnRefusal]
    next: UUID | None


class OwnWaiting(Document):
    """One delivery to the system that is not finished."""

    delivery: UUID
    message: UUID
    destination: str
    case: str
    position: Annotated[int, says("在本办件投递队列中的位置", "Its place in the lane of its case")]
    contract: str
    contractVersion: int
    state: State
    code: str
    attempts: int
    acceptedAt: datetime
    dueAt: datetime
    expiresAt: datetime | None
    lentUntil: Annotated[
        datetime | None, says("已取走、未确认，至此时为止", "Fetched and not acknowledged, until then")
    ]


class OwnWaitings(Document):
    """A page of deliveries by destination, case and position. ``next`` is the ``after`` of the next page."""

    waiting: list[OwnWaiting]
    next: Annotated[str | None, Field(max_length=512)]


def refusals_document(page: Sequence[RefusedView], limit: int) -> dict[str, Any]:
    """A page for which so many were asked."""
    return {"refusals": [_refusal(one) for one in page], "next": page[-1].id if len(page) == limit else None}


def _refusal(view: RefusedView) -> dict[str, Any]:
    violations = orjson.loads(view.problem).get("violations", [])
    return {
        "refusal": view.id,
        "id": view.sender_id,
        "contract": view.contract,
        "code": view.code,
        "paths": list(dict.fromkeys(one["path"] for one in violations)),
        "refusedAt": view.refused_at,
        "problem": orjson.Fragment(view.problem),
    }


def waiting_document(page: Sequence[WaitingView], limit: int) -> dict[str, Any]:
    """A page for which so many were asked."""
    full = len(page) == limit
    return {"waiting": [_waiting(one) for one in page], "next": _written(page[-1]) if full else None}


def place_of(cursor: str) -> LanePlace | None:
    """The place that a page's ``next`` names; None: it names none."""
    destination, _, rest = cursor.partition("/")
    position, _, case = rest.partition("/")
    if not (destination and case and position.isascii() and position.isdigit() and len(position) < 19):
        return None
    return LanePlace(destination, case, int(position))


def _written(view: WaitingView) -> str:
    return f"{view.destination}/{view.position}/{view.case}"


def _waiting(view: WaitingView) -> dict[str, Any]:
    return {
        "delivery": view.delivery,
        "message": view.message,
        "destination": view.destination,
        "case": view.case,
        "position": view.position,
        "contract": view.contract,
        "contractVersion": view.version,
        "state": view.state.value,
        "code": view.code,
        "attempts": view.attempts,
        "acceptedAt": view.accepted_at,
        "dueAt": view.due_at,
        "expiresAt": view.expires_at,
        "lentUntil": view.lent_until,
    }
