# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the hall (政务服务大厅) wants of others' services in a case: a text message, a sealed document, a courier.

Decided by the case alone, like everything of a morning: whoever counts later asks here and nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hub.demo.far import documents
from hub.demo.far.fate import ACCEPTANCE, COLLECTION, COMPLETION, LICENCE, Fate, Turn
from hub.demo.far.papers import BEIJING, File, Paper

HALL = "hall"
NOTICE = "cn.gov.notice.requested"
SEAL = "cn.gov.seal.requested"
PARCEL = "cn.gov.shipment.ordered"
REPORTED = "cn.gov.notice.reported"
SEALED = "cn.gov.seal.completed"
MOVED = "cn.gov.shipment.event"

Service = Literal["notice", "seal", "parcel"]

ROUTES_OF_A_PARCEL = 2
"""Picked up, and signed for."""

_SEALED_ONE_IN = 6
_HALL = {
    "unit": "示例区政务服务中心（测试）",
    "name": "测试窗口人员辛",
    "phone": "0000-0000000",
    "address": "测试区示例大道 0 号",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is asked for once. ``number`` is the asker's own."""

    service: Service
    number: str
    fate: Fate
    turn: Turn


def wishes(fate: Fate) -> Iterator[Wish]:
    """Everything that is asked for in a case."""
    for turn in fate.turns:
        if (wish := wish_of(fate, turn)) is not None:
            yield wish


def wish_of(fate: Fate, turn: Turn) -> Wish | None:
    """What a message of the case makes the hall ask for; None: nothing."""
    match turn.contract:
        case contract if contract == ACCEPTANCE:
            return Wish("notice", f"TZ-{fate.case}", fate, turn)
        case contract if contract == LICENCE and fate.index % _SEALED_ONE_IN == 0:
            return Wish("seal", f"YY-{fate.case}", fate, turn)
        case contract if contract == COLLECTION and turn.word == "post":
            return Wish("parcel", f"JD-{fate.case}", fate, turn)
        case _:
            return None


def goes_up(turn: Turn) -> bool:
    """Whether the province gets a row of it."""
    return turn.contract in {COMPLETION, LICENCE}


def document(fate: Fate, *, ofd: bool) -> File:
    """What is to be sealed: every second one an OFD, where ``ofd`` says that such can be sealed on this machine."""
    name = f"{fate.item.licence}（测试）"
    if ofd and fate.index % (2 * _SEALED_ONE_IN):
        return File(name, f"{name}.ofd", "application/ofd", documents.ofd(fate.case))
    return File(name, f"{name}.pdf", "application/pdf", documents.pdf(f"Licence (a demonstration) {fate.case}"))


def request(wish: Wish, now: datetime, *, ofd: bool) -> dict[str, Any]:
    """The whole message, as a CloudEvents 1.0 structured event."""
    now = now.astimezone(BEIJING)
    contract, data = _WRITERS[wish.service](wish, now.replace(microsecond=0).isoformat(), ofd)
    return {
        "specversion": "1.0",
        "id": wish.number,
        "source": HALL,
        "type": contract,
        "subject": wish.fate.case,
        "time": now.isoformat(timespec="milliseconds"),
        "dataschema": f"urn:govhub:contract:{contract}:1",
        "datacontenttype": "application/json",
        "sequence": f"{wish.turn.number:04d}",
        "data": data,
    }


def mobile(fate: Fate) -> str:
    """Eleven digits that are nobody's: numbers begin with 1. Another one in every case and run."""
    run = int(fate.case.split("-")[1], 16) % 10**5
    return f"0{run:05d}{fate.index % 10**5:05d}"


def _notice(wish: Wish, now: str, ofd: bool) -> tuple[str, Paper]:  # noqa: ARG001, FBT001  # because all writers are alike
    fate, accepted = wish.fate, wish.turn.word == "accepted"
    return NOTICE, {
        "matter_no": fate.case,
        "notice_no": wish.number,
        "notice_class": "case",
        "moment": "acceptance" if accepted else "refusal",
        "template_id": "accepted" if accepted else "refused",
        "parameters": [{"name": "item", "value": fate.item.name}, {"name": "case_no", "value": fate.case}],
        "recipients": [{"recipient_no": "1", "ways": [{"channel": "sms", "address": mobile(fate)}]}],
        "quiet_hours": "send",
        "requested_at": now,
    }


def _seal(wish: Wish, now: str, ofd: bool) -> tuple[str, Paper]:  # noqa: FBT001  # because all writers are alike
    fate, file = wish.fate, document(wish.fate, ofd=ofd)
    return SEAL, {
        "case_no": fate.case,
        "task_no": wish.number,
        "digest": file.digest,
        "size": len(file.content),
        "media_type": file.media_type,
        "file_name": file.file_name,
        "seal_id": "00000000000000",
        "purpose": f"{fate.item.licence}用印",
        "department_name": fate.item.department.name,
        "requested_at": now,
    }


def _parcel(wish: Wish, now: str, ofd: bool) -> tuple[str, Paper]:  # noqa: ARG001, FBT001  # because all writers are alike
    return PARCEL, {
        "case_no": wish.fate.case,
        "order_no": wish.number,
        "status": "ordered",
        "direction": "to_applicant",
        "applicant_side": "applicant",
        "applicant_name": "测试领取人",
        "consignor": _HALL,
        "consignee": {"name": "测试领取人", "phone": mobile(wish.fate), "address": "测试区示例街 0 号"},
        "enclosures": [{"name": wish.fate.item.licence, "original": True, "copies": 1}],
        "postage_payer": "consignee",
        "ordered_at": now,
    }


_WRITERS = {"notice": _notice, "seal": _seal, "parcel": _parcel}
