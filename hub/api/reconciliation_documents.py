# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliations as they are shown at the API and on the command line."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.reconciling.tree import Sum
from hub.api.dead_documents import Act, Lot
from hub.api.dead_views import lots_document
from hub.api.documents import Document, says
from hub.ports.journal import Lot as ReplayLot
from hub.ports.journal.reconciling import Found, Reconciliation
from hub.reconcile.repush import Proposal as Proposed
from hub.reconcile.scorecard import Card as Scored

# ruff: noqa: N815  # because camelCase names are the wire's

Kind = Literal["missing_there", "missing_here", "differs", "twice"]
Sm3 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SumDocument(Document):
    """What hangs from a root."""

    count: int
    digest: Sm3


class ReconciliationDocument(Document):
    """One count of one day. ``countedAt`` is empty while it is being made."""

    reconciliation: UUID
    agreement: str
    day: date
    rule: Annotated[str, says("对账口径摘要", "SM3 of what was agreed to compare")]
    state: Literal["counting", "counted"]
    askedBy: str
    askedAt: datetime
    countedAt: datetime | None
    records: SumDocument | None
    late: Annotated[SumDocument | None, says("结账后才送达的", "Delivered after the day was closed")]
    superseded: Annotated[int, says("已被后来版本取代、不再计入的", "Left out: a later version came")]
    unfinished: Annotated[dict[str, int], says("当时未完成的投递，按状态", "Deliveries not finished then, by state")]
    farCountedAt: datetime | None
    farSource: Annotated[str, says("对方清单的来路", "How the far side's manifest came")]
    verdict: Annotated[
        Literal["", "agreed", "differs", "list_wanted"],
        says("对账结论；空：尚无对方清单", "What it came to; empty: the far side was not heard"),
    ]
    wanted: Annotated[list[str], says("请对方展开的节点", "Nodes that the far side has still to open")]
    differences: Annotated[dict[str, int], says("各类差异条数", "Differences by kind")]
    stated: Annotated[bool, says("已有签署的结论", "There is a signed statement")]


class Reconciliations(Document):
    """A page, newest first. ``next`` is the ``before`` of the next page."""

    reconciliations: list[ReconciliationDocument]
    next: UUID | None


class ReconciliationWanted(Document):
    """A day to be counted."""

    agreement: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,29}$")]
    day: date


class SideDocument(Document):
    """What one side has of a record."""

    version: int
    content: Sm3


class DifferenceDocument(Document):
    """One record that the two sides do not have alike."""

    n: int
    kind: Kind
    case: str
    record: Annotated[str, says("同一办件中的哪条记录", "Which record of the case")]
    here: SideDocument | None
    there: SideDocument | None
    message: Annotated[UUID | None, says("我方的消息", "Our message")]
    standing: Annotated[
        str, says("该办件在目的地未完成的投递的状态", "What of its case is unfinished at the destination")
    ]


class Differences(Document):
    """A page. ``next`` is the ``after`` of the next page."""

    differences: list[DifferenceDocument]
    next: int | None


class Proposal(Document):
    """What could be sent once more, as a replay would do it now. Nothing was done."""

    would: Annotated[int, says("将补推的件数", "Deliveries that would go")]
    lots: list[Lot]
    left: Annotated[dict[str, int], says("不补推的条数，按原因", "What is left alone, by the reason")]


class RepushWanted(Act):
    """Have the proposal carried out."""

    rate: Annotated[int, Field(ge=1, le=1000)] = 50
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.1


class StatementDocument(Document):
    """The signed statement: its exact bytes, and the signature over them."""

    statement: Annotated[str, says("结论的字节，Base64", "Its bytes in Base64")]
    signature: Annotated[str, says("对上述字节的签名（DER），Base64", "The signature over them (DER) in Base64")]
    suite: str


class CardDocument(Document):
    """How one counterparty did. Shares are null where there was nothing to count."""

    system: str
    timeliness: Annotated[float | None, says("及时率", "Share that came within the agreed hours")]
    completeness: Annotated[float | None, says("完整率", "Share of records that were alike on both sides")]
    contractLag: Annotated[float | None, says("旧版契约占比", "Share that came in a version that is not the newest")]
    messages: int
    timed: int
    timely: int
    daysDue: int
    daysAgreed: int
    daysDiffering: int
    compared: int
    matched: int
    behind: int
    lagging: Annotated[dict[str, int], says("仍用旧版的契约及其版本", "Contracts in an older version, and which")]


class Scorecard(Document):
    """A card for each counterparty, worst first."""

    since: date
    until: date
    cards: list[CardDocument]


def reconciliation_document(one: Reconciliation) -> dict[str, Any]:
    """One reconciliation."""
    return {
        "reconciliation": one.id,
        "agreement": one.agreement,
        "day": one.day,
        "rule": one.rule,
        "state": "counting" if one.counted_at is None else "counted",
        "askedBy": one.asked_by,
        "askedAt": one.asked_at,
        "countedAt": one.counted_at,
        "records": _sum(one.root),
        "late": _sum(one.late),
        "superseded": one.superseded,
        "unfinished": dict(one.unfinished),
        "farCountedAt": one.far_counted_at,
        "farSource": one.far_source,
        "verdict": one.verdict.value,
        "wanted": list(one.wanted),
        "differences": {kind.value: n for kind, n in one.differences.items()},
        "stated": one.statement is not None,
    }


def _sum(one: Sum | None) -> dict[str, Any] | None:
    return None if one is None else {"count": one.records, "digest": one.digest}


def difference_document(one: Found) -> dict[str, Any]:
    """One difference."""
    return {
        "n": one.n,
        "kind": one.kind.value,
        "case": one.case,
        "record": one.record,
        "here": _side(one.here),
        "there": _side(one.there),
        "message": one.message,
        "standing": one.standing,
    }


def _side(side: tuple[int, str] | None) -> dict[str, Any] | None:
    return None if side is None else {"version": side[0], "content": side[1]}


def proposal_document(proposed: Proposed, lots: Sequence[ReplayLot]) -> dict[str, Any]:
    """The proposal with what a replay would make of it."""
    left: dict[str, int] = dict(proposed.left)
    for lot in lots:
        if lot.code:
            left[lot.code] = left.get(lot.code, 0) + lot.count
    return {
        "would": sum(lot.count for lot in lots if not lot.code),
        "lots": lots_document(lots),
        "left": left,
    }


def statement_document(one: Reconciliation) -> dict[str, Any]:
    """The signed statement."""
    assert one.statement is not None, "it is stated"
    assert one.signature is not None, "it is signed"
    encoded = (base64.b64encode(octets).decode() for octets in (one.statement, one.signature))
    return dict(zip(("statement", "signature", "suite"), (*encoded, "intl-1"), strict=True))


def card_document(card: Scored) -> Mapping[str, Any]:
    """One card."""
    return {
        "system": card.system,
        "timeliness": card.timeliness,
        "completeness": card.completeness,
        "contractLag": card.lag,
        "messages": card.messages,
        "timed": card.timed,
        "timely": card.timely,
        "daysDue": card.days_due,
        "daysAgreed": card.days_agreed,
        "daysDiffering": card.days_differing,
        "compared": card.compared,
        "matched": card.matched,
        "behind": card.behind,
        "lagging": card.lagging,
    }
