# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a message says about the life of its case: which record it is, and what it decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.cloudevent import JsonValue
from contracts.codes import Code


class Kind(Code):
    """The contracts whose records make up the life of a case; other messages leave it as it is."""

    APPLICATION = "cn.gov.application.submitted", "申请", "application"
    PREREVIEW = "cn.gov.prereview.decided", "预审", "prereview"
    CORRECTION_REQUESTED = "cn.gov.correction.requested", "补正告知", "correction requested"
    CORRECTION_SUPPLIED = "cn.gov.correction.supplied", "补正受理", "correction supplied"
    ACCEPTANCE = "cn.gov.acceptance.decided", "受理", "acceptance"
    STEP = "cn.gov.process.step", "办理环节", "process step"
    SPECIAL_STARTED = "cn.gov.special.started", "特别程序开始", "special procedure started"
    SPECIAL_ENDED = "cn.gov.special.ended", "特别程序结束", "special procedure ended"
    FEE = "cn.gov.fee.notified", "缴款通知", "fee notice"
    PAYMENT = "cn.gov.payment.recorded", "到账与退付", "payment"
    COMPLETION = "cn.gov.completion.decided", "办结", "completion"
    LICENCE = "cn.gov.licence.issued", "证照", "licence"
    COLLECTION = "cn.gov.collection.recorded", "领取", "collection"
    EVALUATION = "cn.gov.evaluation.recorded", "评价", "rating"


_KINDS = {kind.value: kind for kind in Kind}

_DECIDES: Mapping[Kind, str] = {Kind.PREREVIEW: "decision", Kind.ACCEPTANCE: "decision", Kind.COMPLETION: "result"}

# What tells records of one kind in one case apart: the first line of fields that are all there. A kind that is not here has
# one record in a case.
_KEYS: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.PREREVIEW: (("decided_at",),),
    Kind.CORRECTION_REQUESTED: (("correction_no",), ("requested_at",)),
    Kind.CORRECTION_SUPPLIED: (("correction_no",), ("supplied_at",)),
    Kind.STEP: (("step_no", "status"), ("step_name", "started_at", "status")),
    Kind.SPECIAL_STARTED: (("special_no",),),
    Kind.SPECIAL_ENDED: (("special_no",),),
    Kind.FEE: (("notice_no", "status"),),
    Kind.PAYMENT: (("payment_no", "kind"), ("notice_no", "kind", "paid_at")),
    Kind.LICENCE: (("licence_no",),),
    Kind.COLLECTION: (("collected_at",),),
    Kind.EVALUATION: (("evaluated_at",),),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One record of a case. ``key`` tells it from others of its kind, and pairs the end of a special procedure with its start.

    ``outcome`` is the code of the decision it tells, empty where there is none; ``version`` counts the corrections of this
    record at its source, from 1.
    """

    kind: Kind
    key: str = ""
    outcome: str = ""
    version: int = 1


def message_of(contract: str, data: Mapping[str, JsonValue]) -> Message | None:
    """What the canonical data of a message of this type says; None: nothing about the life of the case."""
    kind = _KINDS.get(contract)
    if kind is None:
        return None
    version = data.get("record_version")
    return Message(
        kind,
        key=_key(kind, data),
        outcome=str(data.get(_DECIDES[kind], "")) if kind in _DECIDES else "",
        version=version if isinstance(version, int) else 1,
    )


def _key(kind: Kind, data: Mapping[str, JsonValue]) -> str:
    for fields in _KEYS.get(kind, ()):
        values = [data.get(name) for name in fields]
        if None not in values:
            return "\x1f".join(map(str, values))
    return ""
