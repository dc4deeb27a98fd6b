# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a message says about the life of its case: which record it is, and what it decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.cloudevent import JsonValue
from contracts.codes import AcceptanceFinding, CaseClosing, Code, PrereviewDecision, SpecialProcedure


class Kind(Code):
    """The contracts whose records make up the life of a case; other messages leave it as it is."""

    APPLICATION = "cn.gov.application.submitted", "申请", "application"
    PREREVIEW = "cn.gov.prereview.decided", "预审", "prereview"
    CORRECTION_REQUESTED = "cn.gov.correction.requested", "补正告知", "correction requested"
    CORRECTION_SUPPLIED = "cn.gov.correction.supplied", "补正受理", "correction supplied"
    ACCEPTANCE = "cn.gov.acceptance.decided", "受理", "acceptance"
    OPINION = "cn.gov.opinion.given", "意见", "opinion"
    STEP = "cn.gov.process.step", "办理环节", "process step"
    SPECIAL_STARTED = "cn.gov.special.started", "特别程序开始", "special procedure started"
    SPECIAL_ENDED = "cn.gov.special.ended", "特别程序结束", "special procedure ended"
    FEE = "cn.gov.fee.notified", "缴款通知", "fee notice"
    PAYMENT = "cn.gov.payment.recorded", "到账与退付", "payment"
    COMPLETION = "cn.gov.completion.decided", "办结", "completion"
    LICENCE = "cn.gov.licence.issued", "证照", "licence"
    COLLECTION = "cn.gov.collection.recorded", "领取", "collection"
    EVALUATION = "cn.gov.evaluation.recorded", "评价", "rating"


FINDINGS = (Kind.PREREVIEW, Kind.ACCEPTANCE)
"""The kinds that refuse a case or let it go on."""

ACCEPTED = "accepted"
"""The finding of an acceptance that takes the case on."""

CORRECTION = "correction"
"""The finding of a prereview or an acceptance that concludes nothing: it asks for corrections."""

MISSING = "missing_materials"
"""The list of materials that may follow (容缺): of an acceptance that accepts, and of an opinion."""

VERSION = "record_version"
"""The field that counts the corrections of a record, in every contract."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a kind's data that are read; every version of its contract has them.

    ``at``: when it happened. ``decides``: the code of its decision, and ``outcomes`` all that any version has for it.
    ``number``: the source's own number, which pairs a record with another one. ``keys``: what tells records of this kind in
    one case apart, the first line of fields that are all there; without any, a case has one such record. A finding that asks
    for corrections is always told by ``at``.
    """

    at: str
    decides: str | None = None
    outcomes: type[Code] | None = None
    number: str | None = None
    keys: tuple[tuple[str, ...], ...] = ()


READINGS: Mapping[Kind, Reading] = MappingProxyType(
    {
        Kind.APPLICATION: Reading("applied_at"),
        Kind.PREREVIEW: Reading("decided_at", "decision", PrereviewDecision),
        Kind.CORRECTION_REQUESTED: Reading(
            "requested_at", number="correction_no", keys=(("correction_no",), ("requested_at",))
        ),
        Kind.CORRECTION_SUPPLIED: Reading(
            "supplied_at", number="correction_no", keys=(("correction_no",), ("supplied_at",))
        ),
        Kind.ACCEPTANCE: Reading("decided_at", "decision", AcceptanceFinding),
        Kind.OPINION: Reading("given_at", keys=(("consultation_no", "department_code"),)),
        Kind.STEP: Reading("started_at", keys=(("step_no", "status"), ("step_name", "started_at", "status"))),
        Kind.SPECIAL_STARTED: Reading(
            "started_at", "kind", SpecialProcedure, number="special_no", keys=(("special_no",),)
        ),
        Kind.SPECIAL_ENDED: Reading("ended_at", number="special_no", keys=(("special_no",),)),
        Kind.FEE: Reading("notified_at", keys=(("notice_no", "status"),)),
        Kind.PAYMENT: Reading("paid_at", keys=(("payment_no", "kind"),)),
        Kind.COMPLETION: Reading("completed_at", "result", CaseClosing),
        Kind.LICENCE: Reading("issued_on", keys=(("licence_no",),)),
        Kind.COLLECTION: Reading("collected_at", keys=(("collected_at",),)),
        Kind.EVALUATION: Reading("evaluated_at", keys=(("evaluated_at",),)),
    }
)
"""Which field of which contract makes which event."""

_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Message:
    """One record of a case. ``key`` tells it from others of its kind in that case.

    ``outcome`` is the code of its decision and ``number`` the number that pairs it, empty where there is none. ``version``
    counts the corrections of this record at its source, from 1. ``at`` is when it happened, as canonical data writes it: in
    Beijing time, so that texts compare as moments do and the first ten characters are the day; empty: not known. ``lacking``:
    it lets materials follow (容缺), which an answer may supply.
    """

    kind: Kind
    key: str = ""
    outcome: str = ""
    version: int = 1
    number: str = ""
    at: str = ""
    lacking: bool = False

    @property
    def asks(self) -> bool:
        """Whether it asks the applicant for corrections."""
        return self.kind is Kind.CORRECTION_REQUESTED or (self.outcome == CORRECTION and self.kind in FINDINGS)

    @property
    def day(self) -> str:
        """The day on which it happened."""
        return self.at[:10]


def message_of(contract: str, data: Mapping[str, JsonValue]) -> Message | None:
    """What the canonical data of a message of this type says; None: nothing about the life of the case."""
    kind = _KINDS.get(contract)
    if kind is None:
        return None
    reading = READINGS[kind]
    outcome, version = _told(data, reading.decides), data.get(VERSION)
    asking = outcome == CORRECTION and kind in FINDINGS
    return Message(
        kind,
        key=_key(data, ((reading.at,),) if asking else reading.keys),
        outcome=outcome,
        version=version if isinstance(version, int) else 1,
        number=_told(data, reading.number),
        at=_told(data, reading.at),
        lacking=bool(data.get(MISSING)) and (kind is Kind.OPINION or (kind is Kind.ACCEPTANCE and outcome == ACCEPTED)),
    )


def _told(data: Mapping[str, JsonValue], field: str | None) -> str:
    return str(data.get(field, "")) if field is not None else ""


def _key(data: Mapping[str, JsonValue], lines: tuple[tuple[str, ...], ...]) -> str:
    for fields in lines:
        if all(data.get(name) is not None for name in fields):
            return "\x1f".join(f"{name}={data[name]}" for name in fields)
    return ""
