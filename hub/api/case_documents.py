# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about one case: its timeline, where its messages are, its life and its legal clock."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.codes import SupplementNews, SupplementStanding
from contracts.legal_clock.deadlines import Limit, Reckoned, YearUnknown
from contracts.legal_clock.facts import Facts
from contracts.lifecycle.standing import Phase, Ticking
from hub.api.documents import Bilingual, Document, Message, says
from hub.case_life import Life
from hub.legal_clock import LegalClock
from hub.ports.journal import State, TransactionPart
from hub.timeline import Entry, Hindrance, What, Whereabouts, part_of


class TimelineEntry(Document):
    """One thing that happened. Empty fields say nothing of it."""

    at: datetime
    what: What
    message: UUID
    contract: str
    topic: Annotated[
        str, says("消息所关：申请、用印、通知、寄递等", "What the message is about: seal, notice, shipment…")
    ]
    system: Annotated[str, says("受理：发送方", "accepted: the sender")]
    destination: str
    delivery: UUID | None
    attempt: int | None
    state: Annotated[
        str,
        says(
            "结果，或操作：replayed、added 或最终状态", "What came of it; of an act: replayed, added or a final state"
        ),
    ]
    code: str
    detail: str
    reference: str
    until: Annotated[datetime | None, says("held：直到何时；空为仍在等待", "held: until when; null: still")]
    by: Annotated[str, says("操作员；只对操作员显示", "The operator who acted; shown to operators only")]
    reason: Annotated[str, says("操作理由；只对操作员显示", "The reason given; shown to operators only")]
    transaction: Annotated[UUID | None, says("所属业务事务", "The business transaction whose part the message is")]
    part: Annotated[
        str, says("发起 begins、步骤 step、补偿 undo、结果 ended", "What it is to that: begins, step, undo or ended")
    ]
    step: str
    why: Annotated[str, says("undo、ended：撤销的原因", "undo, ended: why it is undone")]


class Where(Document):
    """One delivery that has not come to its end, or a message that waits by a rule, and what it waits for."""

    message: UUID
    contract: str
    destination: str
    delivery: UUID | None
    state: State | None
    position: int | None
    hindrance: Hindrance
    code: str
    blockedBy: UUID | None  # noqa: N815  # because it is the wire's name
    since: datetime | None
    until: Annotated[datetime | None, says("届时自行继续", "When it goes on by itself")]


class TransactionPartDocument(Document):
    """A message of a business transaction."""

    part: str
    step: str
    message: UUID


class CaseTransaction(Document):
    """A business transaction of the case, with its messages in their order."""

    transaction: UUID
    destination: str
    standing: str
    why: str
    awaits: str | None
    parts: list[TransactionPartDocument]


class MisfitDocument(Document):
    """A message that does not fit the life of its case."""

    message: UUID
    rule: Annotated[
        str, says("规则编号，见办件生命周期", "The number of the rule, as in the page on the life of a case")
    ]
    early: Annotated[bool, says("是否只是早到", "Whether it only came early")]
    says: Bilingual


class DeadlineDocument(Document):
    """One last day."""

    limit: Limit
    told: Annotated[date, says("未计暂停与延长的末日", "The last day before pauses and extensions")]
    due: date
    runsOutAt: datetime  # noqa: N815  # because it is the wire's name
    workingDaysLeft: int  # noqa: N815  # because it is the wire's name
    late: bool


class ClockDocument(Document):
    """The legal clock of a case as it stands now."""

    ticking: Ticking
    acceptedOn: date | None  # noqa: N815  # because it is the wire's name
    stoppedOn: date | None  # noqa: N815  # because it is the wire's name
    pausedSince: date | None  # noqa: N815  # because it is the wire's name
    unapproved: Annotated[
        list[str], says("未写明批准人的特别程序编号", "Special procedures that name nobody who approved them")
    ]
    deadlines: list[DeadlineDocument]
    yearUnknown: Annotated[  # noqa: N815  # because it is the wire's name
        int | None, says("日历没有此年，时限无法计算", "The calendar has no such year: deadlines cannot be told")
    ]


class MissingMaterialDocument(Document):
    """One material that was missing when the case was accepted (容缺)."""

    name: str
    standing: SupplementStanding
    dueOn: date | None  # noqa: N815  # because it is the wire's name
    askedBy: Annotated[str, says("告知部门", "The department that said so")]  # noqa: N815  # because of the same
    suppliedAt: datetime | None  # noqa: N815  # because it is the wire's name


class SupplementDocument(Document):
    """What was last said of the materials that were to follow."""

    news: SupplementNews
    dueOn: Annotated[  # noqa: N815  # because it is the wire's name
        date | None, says("尚缺材料中最近的期限", "The first last day of what is missing still")
    ]
    consequence: Annotated[str, says("超期处理方法", "What happens if it does not come in time")]
    materials: list[MissingMaterialDocument]


class Case(Document):
    """The timeline of a case: its messages, everything that happened to them, where they are now, and its legal clock."""

    case: str
    parties: list[str]
    phase: Phase
    clock: ClockDocument
    misfits: list[MisfitDocument]
    supplement: Annotated[
        SupplementDocument | None, says("容缺材料；没有则为空", "Materials to follow; null: there are none")
    ]
    now: Annotated[list[Where], says("现在何处，因何受阻", "Where its messages are, and what is in their way")]
    transactions: Annotated[
        list[CaseTransaction],
        says("业务事务及其步骤与补偿", "Its business transactions, with their steps and compensations"),
    ]
    entries: Annotated[list[TimelineEntry], says("经过，按时间先后", "What happened, in order")]
    truncated: Annotated[bool, says("是否只列出最早的部分消息", "Whether only the oldest messages are listed")]
    messages: list[Message]


def life_document(life: Life, clock: LegalClock, now: datetime) -> dict[str, Any]:
    """``phase``, ``clock``, ``misfits`` and ``supplement``."""
    facts = clock.facts(life.docket.records.values())
    return {
        "phase": life.docket.state.phase.value,
        "clock": clock_document(clock, facts, clock.reckon(facts, now)),
        "misfits": [
            {
                "message": one.message,
                "rule": one.rule,
                "early": one.early,
                "says": {"zh": one.says.zh, "en": one.says.en},
            }
            for one in life.misfits
        ],
        "supplement": supplement_document(life.supplement) if life.supplement else None,
    }


def supplement_document(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was last said of materials to follow."""
    return {
        "news": told["news"],
        "dueOn": told.get("due_on"),
        "consequence": told.get("consequence", ""),
        "materials": [
            {
                "name": one["name"],
                "standing": one["standing"],
                "dueOn": one.get("due_on"),
                "askedBy": one.get("asked_by", ""),
                "suppliedAt": one.get("supplied_at"),
            }
            for one in told["materials"]
        ],
    }


def clock_document(clock: LegalClock, facts: Facts, reckoned: Reckoned | YearUnknown) -> dict[str, Any]:
    """What a case's clock says."""
    match reckoned:
        case Reckoned(ticking, deadlines, open_since):
            year = None
        case YearUnknown(year):
            ticking, deadlines, open_since = _ticking(facts), (), None
    return {
        "ticking": ticking.value,
        "acceptedOn": facts.accepted_on,
        "stoppedOn": facts.stopped_on,
        "pausedSince": open_since,
        "unapproved": list(facts.unapproved),
        "deadlines": [
            {
                "limit": one.limit.value,
                "told": one.told,
                "due": one.due,
                "runsOutAt": clock.runs_out(one),
                "workingDaysLeft": one.left,
                "late": one.late,
            }
            for one in deadlines
        ],
        "yearUnknown": year,
    }


def entry_documents(found: Iterable[Entry], *, named: bool) -> list[dict[str, Any]]:
    """What happened. ``named``: with the operators who acted, and their reasons."""
    return [
        {
            "at": one.at,
            "what": one.what.value,
            "message": one.message,
            "contract": one.contract,
            "topic": one.topic,
            "system": one.system,
            "destination": one.destination,
            "delivery": one.delivery,
            "attempt": one.attempt,
            "state": one.state,
            "code": one.code,
            "detail": one.detail,
            "reference": one.reference,
            "until": one.until,
            "by": one.by if named else "",
            "reason": one.reason if named else "",
            "transaction": one.transaction,
            "part": one.part,
            "step": one.step,
            "why": one.why,
        }
        for one in found
    ]


def transactions_of_case(parts: Iterable[TransactionPart]) -> list[dict[str, Any]]:
    """What messages are to transactions, by transaction; in the order of the messages."""
    found: dict[UUID, dict[str, Any]] = {}
    for one in sorted(parts, key=lambda part: (part.message, part.name)):
        of = found.setdefault(
            one.transaction,
            {
                "transaction": one.transaction,
                "destination": one.destination,
                "standing": one.standing,
                "why": one.why,
                "awaits": one.awaits or None,
                "parts": [],
            },
        )
        kind, step = part_of(one.name)
        of["parts"].append({"part": kind, "step": step, "message": one.message})
    return list(found.values())


def where_documents(found: Iterable[Whereabouts]) -> list[dict[str, Any]]:
    """Where things are."""
    return [
        {
            "message": one.message,
            "contract": one.contract,
            "destination": one.destination,
            "delivery": one.delivery,
            "state": None if one.state is None else one.state.value,
            "position": one.position,
            "hindrance": one.hindrance.value,
            "code": one.code,
            "blockedBy": one.blocked_by,
            "since": one.since,
            "until": one.until,
        }
        for one in found
    ]


def _ticking(facts: Facts) -> Ticking:
    if facts.accepted_on is None:
        return Ticking.NOT_STARTED
    if facts.stopped_on is not None:
        return Ticking.STOPPED
    return Ticking.PAUSED if any(one.end is None for one in facts.pauses) else Ticking.RUNNING
