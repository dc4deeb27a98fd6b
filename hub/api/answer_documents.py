# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about deliveries whose final answer has not come (待答复)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from hub.acting import MOST
from hub.api.dead_documents import Act, Proof
from hub.api.documents import Document, says
from hub.deciding import Verdict
from hub.ports.journal import Unanswered

# ruff: noqa: N815  # because camelCase names are the wire's


class UnansweredDelivery(Document):
    """One delivery that the far side has and has not answered. Nothing of what the message says stands here."""

    delivery: UUID
    message: UUID
    system: str
    id: Annotated[str, says("发送方给的消息 id", "The sender's own id")]
    destination: str
    case: str
    contract: str
    contractVersion: int
    position: int
    reference: Annotated[str, says("对方受理凭据", "Under which the far side accepted it")]
    acceptedAt: datetime
    since: Annotated[datetime, says("对方受理于", "When the far side accepted it")]
    waitedSeconds: Annotated[int, says("已等秒数", "How long it has waited")]
    dueAt: Annotated[datetime | None, says("最终答复应到时间", "When the final answer should be in")]
    askAt: Annotated[datetime | None, says("中枢届时询问对方", "The hub asks the far side then")]
    asked: Annotated[int, says("已询问次数", "How often it was asked")]
    lentUntil: Annotated[
        datetime | None, says("部门已取走，至此时归其处理", "In the hands of its department until then")
    ]
    behind: Annotated[int, says("同一通道中被它挡住的件数，至多 100", "Deliveries that wait for it, up to 100")]


class UnansweredDeliveries(Document):
    """A page, by destination. ``next`` is the ``after`` of the next page."""

    answers: list[UnansweredDelivery]
    next: str | None


class Answering(Act):
    """What became of deliveries that are not answered."""

    deliveries: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]
    verdict: Annotated[
        Verdict,
        says(
            "delivered 已送达；rejected 对方拒收，即列为死信；ask 立即询问对方",
            "It is delivered; the far side refused it, and it is a dead letter; or the far side is asked now",
        ),
    ]
    reference: Proof = ""


def unanswered_document(one: Unanswered, now: datetime) -> dict[str, Any]:
    """One delivery."""
    return {
        "delivery": one.delivery,
        "message": one.message,
        "system": one.system,
        "id": one.sender_id,
        "destination": one.destination,
        "case": one.case,
        "contract": one.contract,
        "contractVersion": one.version,
        "position": one.position,
        "reference": one.reference,
        "acceptedAt": one.accepted_at,
        "since": one.since,
        "waitedSeconds": max(0, int((now - one.since).total_seconds())),
        "dueAt": one.due,
        "askAt": one.ask_at,
        "asked": one.asked,
        "lentUntil": None if one.lent_until is None or one.lent_until <= now else one.lent_until,
        "behind": one.behind,
    }


def unanswered_documents(
    found: Sequence[Unanswered], limit: int, now: datetime, shown: Sequence[Unanswered]
) -> dict[str, Any]:
    """A page that was ``found``, of which these are shown."""
    following = f"{found[-1].destination}:{found[-1].delivery}" if len(found) >= limit else None
    return {"answers": [unanswered_document(one, now) for one in shown], "next": following}
