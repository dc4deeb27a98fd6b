# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a message: the papers of a case, made up, and meaning nobody."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from hub.demo.far import fate as told
from hub.demo.far.chance import chance, pick
from hub.demo.far.fate import Fate, Turn
from hub.demo.far.filled import form
from hub.demo.far.ledger import bytes_digest

BEIJING = timezone(timedelta(hours=8))
Paper = dict[str, Any]
"""Members of ``data``."""

_FIRST_BORN = date(1990, 1, 1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class File:
    """A material (材料) as its owner has it on disk."""

    name: str
    file_name: str
    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits."""
        return bytes_digest(self.content)


def files(fate: Fate, turn: Turn) -> tuple[File, ...]:
    """The files that go with a message: by claim check, so only their digests stand in it."""
    match turn.contract:
        case told.APPLICATION:
            wanted = fate.item.materials[: 1 + int(chance(fate.seed, fate.index, "files") * 3)]
        case told.CORRECTION:
            wanted = (_to_correct(fate, turn.round),)
        case told.LICENCE:
            wanted = (fate.item.licence,)
        case _:
            wanted = ()
    return tuple(_file(fate, turn, name) for name in wanted)


def _file(fate: Fate, turn: Turn, name: str) -> File:
    size = 400 + int(60_000 * chance(fate.seed, fate.index, turn.number, name, "size") ** 3)
    content = b"%PDF-1.7\n" + hashlib.shake_128(f"{fate.case}/{turn.number}/{name}".encode()).digest(size)
    return File(name, f"{name}.pdf", "application/pdf", content)


def _to_correct(fate: Fate, round_: int) -> str:
    return pick(fate.item.materials, fate.seed, fate.index, "correct", round_)


def paper(fate: Fate, turn: Turn, now: datetime) -> Paper:
    """The ``data`` of one message. ``now`` is timezone-aware; absent members are left out."""
    item = fate.item
    common: Paper = {
        "case_no": fate.case,
        "region_code": fate.region,
        "item_code": item.code,
        "department_code": item.department.code,
        "level_code": "4",
    }
    data = common | _WRITERS[turn.contract](fate, turn, now.astimezone(BEIJING).replace(microsecond=0))
    return {name: value for name, value in data.items() if value is not None}


def _application(fate: Fate, turn: Turn, now: datetime) -> Paper:
    kind = pick(fate.item.applicants, fate.seed, fate.index, "applicant")
    return {
        "item_name": fate.item.name,
        "case_type": "2",
        "channel": pick("223", fate.seed, fate.index, "channel"),
        "applicant": _applicant(fate, kind),
        "summary": f"{fate.item.name}（演示）",
        "applied_at": now.isoformat(),
        "materials": [_material(file, now) for file in files(fate, turn)]
        + [{"name": "身份证明原件", "collected": False, "collected_by": "窗口核验", "copies": 1}],
        "form": form(fate),
    }


def _applicant(fate: Fate, kind: str) -> Paper:
    if kind == "1":
        name = f"测试申请人{pick('甲乙丙丁戊己庚辛', fate.seed, fate.index, 'name')}"
        return {"type": kind, "name": name, "id_type": "111", "id_number": _nobodys(fate.index)}
    name = f"示例{'企业' if kind == '2' else '单位'}{fate.index:04d}（测试）"
    body = {"type": kind, "name": name, "id_type": "001", "id_number": f"TEST{fate.index:014d}"}
    return body | {"legal_representative": "测试法人", "address": "示例区示例街 0 号"}


def _nobodys(index: int) -> str:
    """A 公民身份号码 (GB 11643) that fits in all its parts and is nobody's: no place has the codes from 99."""
    day, sequence = divmod(index, 999)
    body = f"990000{_FIRST_BORN + timedelta(days=day):%Y%m%d}{sequence + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def _holder(fate: Fate) -> Paper:
    return _applicant(fate, pick(fate.item.applicants, fate.seed, fate.index, "applicant"))


def _material(file: File, now: datetime) -> Paper:
    return {
        "name": file.name,
        "digest": file.digest,
        "size": len(file.content),
        "media_type": file.media_type,
        "file_name": file.file_name,
        "collected": True,
        "collected_by": "网上上传",
        "copies": 1,
        "collected_at": now.isoformat(),
    }


def _prereview(fate: Fate, turn: Turn, now: datetime) -> Paper:
    wanted = turn.word == "correction"
    return {
        "decision": turn.word,
        "reason": "材料不清晰，请按告知补正" if wanted else None,
        "missing_materials": [_to_correct(fate, turn.round)] if wanted else None,
        "department_name": fate.item.department.name,
        "handler": "测试经办人",
        "decided_at": now.isoformat(),
    }


def _correction_notice(fate: Fate, turn: Turn, now: datetime) -> Paper:
    return {
        "correction_no": f"BZ{turn.round + 1}",
        "reason": "所交材料影印不清，须重新提交",
        "materials": [{"name": _to_correct(fate, turn.round), "requirement": "请提交清晰的彩色扫描件"}],
        "department_name": fate.item.department.name,
        "requested_at": now.isoformat(),
        "due_on": (now + timedelta(days=5)).date().isoformat(),
    }


def _correction(fate: Fate, turn: Turn, now: datetime) -> Paper:
    return {
        "correction_no": f"BZ{turn.round + 1}",
        "materials": [_material(file, now) for file in files(fate, turn)],
        "note": "已按要求补正",
        "supplied_at": now.isoformat(),
    }


def _acceptance(fate: Fate, turn: Turn, now: datetime) -> Paper:
    accepted = turn.word == "accepted"
    return {
        "item_name": fate.item.name,
        "case_type": "2",
        "decision": turn.word,
        "reason": None if accepted else "申请事项依法不属于本部门职权范围",
        "department_name": fate.item.department.name,
        "handler": "测试经办人",
        "document_no": f"（测）{'受' if accepted else '不受'}字第{fate.index}号",
        "decided_at": now.isoformat(),
        "promised_on": (now + timedelta(days=10)).date().isoformat() if accepted else None,
    }


def _step(fate: Fate, turn: Turn, now: datetime) -> Paper:
    return {
        "step_no": f"HJ{turn.round + 1:02d}",
        "step_name": turn.word,
        "action": "passed",
        "status": "2",
        "handler": "测试经办人",
        "opinion": "经审查，符合办理条件。",
        "started_at": now.isoformat(),
        "ended_at": now.isoformat(),
        "department_name": fate.item.department.name,
    }


def _special_start(fate: Fate, turn: Turn, now: datetime) -> Paper:  # noqa: ARG001  # because all writers are alike
    return {
        "special_no": "TB01",
        "kind": "2",
        "kind_name": pick(("专家评审", "公告", "现场勘验"), fate.seed, fate.index, "special kind"),
        "reason": "依法需要，所需时间不计入办理时限",
        "started_at": now.isoformat(),
        "period": 15,
        "period_unit": "working_day",
        "department_name": fate.item.department.name,
    }


def _special_end(fate: Fate, turn: Turn, now: datetime) -> Paper:  # noqa: ARG001  # because all writers are alike
    return {
        "special_no": "TB01",
        "kind": "2",
        "result": "已完成，无异议",
        "ended_at": now.isoformat(),
        "department_name": fate.item.department.name,
    }


def _completion(fate: Fate, turn: Turn, now: datetime) -> Paper:
    issued = turn.word == "issued"
    return {
        "result": turn.word,
        "reason": None if issued else "经审查，不符合法定条件",
        "description": "准予并出具证照" if issued else "不予许可",
        "licence_name": fate.item.licence if issued else None,
        "licence_no": _licence_no(fate) if issued else None,
        "charged": False,
        "by_post": any(one.contract == told.COLLECTION and one.word == "post" for one in fate.turns),
        "department_name": fate.item.department.name,
        "completed_at": now.isoformat(),
    }


def _licence(fate: Fate, turn: Turn, now: datetime) -> Paper:
    [file] = files(fate, turn)
    return {
        "licence_name": fate.item.licence,
        "licence_no": _licence_no(fate),
        "holder_name": _holder(fate)["name"],
        "issuer_name": fate.item.department.name,
        "issuer_code": fate.item.department.code,
        "issued_on": now.date().isoformat(),
        "digest": file.digest,
        "size": len(file.content),
        "media_type": file.media_type,
    }


def _collection(fate: Fate, turn: Turn, now: datetime) -> Paper:
    return {
        "method": turn.word,
        "collector": "测试领取人",
        "licence_name": fate.item.licence,
        "licence_no": _licence_no(fate),
        "tracking_no": f"TEST{fate.index:09d}" if turn.word == "post" else None,
        "collected_at": now.isoformat(),
    }


def _licence_no(fate: Fate) -> str:
    return f"CS-{fate.case}"


_WRITERS: dict[str, Callable[[Fate, Turn, datetime], Paper]] = {
    told.APPLICATION: _application,
    told.PREREVIEW: _prereview,
    told.CORRECTION_NOTICE: _correction_notice,
    told.CORRECTION: _correction,
    told.ACCEPTANCE: _acceptance,
    told.STEP: _step,
    told.SPECIAL_START: _special_start,
    told.SPECIAL_END: _special_end,
    told.COMPLETION: _completion,
    told.LICENCE: _licence,
    told.COLLECTION: _collection,
}


def event(fate: Fate, turn: Turn, now: datetime) -> dict[str, Any]:
    """The whole message as a CloudEvents 1.0 structured event. ``sequence`` is the sender's count within the case."""
    return {
        "specversion": "1.0",
        "id": f"{fate.case}-{turn.number:02d}",
        "source": fate.speaker(turn),
        "type": turn.contract,
        "subject": fate.case,
        "time": now.astimezone(BEIJING).isoformat(timespec="milliseconds"),
        "dataschema": f"urn:govhub:contract:{turn.contract}:1",
        "datacontenttype": "application/json",
        "sequence": f"{turn.number:04d}",
        "data": paper(fate, turn, now),
    }
