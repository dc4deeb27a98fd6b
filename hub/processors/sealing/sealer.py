# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: a licence waits here until its file is sealed, and goes on with the sealed file in place of the other.

It emits ``seal``, the task, whose number is that of the process: so a document is never sealed twice, whatever is repeated; and
``licence``, once ``cn.gov.seal.completed`` has come under that number. A licence without a file goes on as it is. A licence whose
task was taken back (``cn.gov.seal.withdrawn``) goes no further, once the seal service says that it was; what had been sealed
by then goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.families.services import seal_completed, seal_requested, seal_withdrawn
from contracts.timestamps import timestamp
from hub.ports.journal import PaceWish, Process
from hub.processors.processor import Correlation, Turn
from hub.processors.sealing.config import SealingConfig, SealSettings

LICENCE = "cn.gov.licence.issued"
COMPLETED = seal_completed.CONTRACT.type
WITHDRAWN = seal_withdrawn.CONTRACT.type
_JOINING = frozenset({COMPLETED, WITHDRAWN})
_TASK, _ONWARD = "seal", "licence"
_TAKEN_BACK = Delivered("its task was taken back: it goes no further")
_FILE = ("digest", "size", "media_type")
_LATE = timedelta(hours=1)
"""How long after a task has lapsed its result is still waited for: the seal service tells it."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """See :class:`hub.processors.processor.Processor`."""

    config: SealingConfig

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What is neither a licence nor a seal's result; a licence with a file for which there is no seal."""
        contract = parcel.attributes.get("type")
        if contract in _JOINING:
            return None
        if contract != LICENCE:
            return Rejected("SEALING_CONTRACT", f"sealing takes {LICENCE}, {COMPLETED} and {WITHDRAWN}")
        data = orjson.loads(parcel.body)
        if data.get("digest") is not None and self._seal(data) is None:
            return Rejected("SEAL_NOT_CONFIGURED", "item_code: no seal is configured for licences of this item")
        return None

    def correlation(self, parcel: Parcel) -> Correlation:
        """The result of a task joins by the task's number; that of a task which somebody else asked for passes by."""
        if parcel.attributes["type"] in _JOINING:
            return Correlation(joins=orjson.loads(parcel.body)["task_no"], stray=Delivered("of no task of this one"))
        return Correlation(keys=frozenset({_task_no(UUID(parcel.idempotency_key))}))

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Ask for the seal, wait, and hand on what is sealed."""
        licence = orjson.loads(process.canonical)
        if licence.get("digest") is None:
            return Turn(emit=(_ONWARD,), answer=Delivered("without a file"))
        withdrawn = _first(process, WITHDRAWN) is not None
        if (result := _result(process)) is not None:
            return _concluded(licence, result, withdrawn=withdrawn)
        asked = process.emissions.get(_TASK)
        if asked is not None and asked.lost and withdrawn:
            return Turn(answer=_TAKEN_BACK)
        if asked is not None and asked.lost:
            return Turn(
                answer=Rejected("SEAL_UNREACHABLE", f"the task does not reach the seal service: {asked.refused}")
            )
        ends = self._expires_at(process) + _LATE
        if now >= ends:
            return Turn(answer=Rejected("SEAL_UNANSWERED", "nobody has said what became of the task"))
        return Turn(emit=(_TASK,), due_at=ends)

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """The task, or the licence with its sealed file."""
        licence = orjson.loads(process.canonical)
        if name == _TASK:
            contract = seal_requested.CONTRACT
            data = self._task(process, licence, named_at)
            return _event(contract.type, contract.schema_uri, process.case, data)
        attributes = orjson.loads(process.attributes)
        result = _result(process)
        if result is not None:
            licence |= {field: result.get(field) for field in _FILE}
        licence = {field: value for field, value in licence.items() if value is not None}
        return _event(LICENCE, attributes["dataschema"], process.case, licence)

    def _seal(self, licence: Mapping[str, Any]) -> SealSettings | None:
        return self.config.seals.get(licence.get("item_code") or "") or self.config.seals.get("*")

    def _expires_at(self, process: Process) -> datetime:
        return process.begun_at + timedelta(hours=self.config.longest_hours)

    def _task(self, process: Process, licence: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        seal = self._seal(licence)
        assert seal is not None, "what has no seal was refused"
        task = {
            **{name: licence.get(name) for name in ("case_no", "region_code", "item_code", "department_code", *_FILE)},
            "task_no": _task_no(process.id),
            "seal_id": seal.seal_id,
            "seal_name": seal.seal_name,
            "structure": seal.structure.value if seal.structure is not None else None,
            "purpose": seal.purpose,
            "department_name": seal.department_name,
            "requested_at": at.isoformat(),
            "expires_at": timestamp(max(self._expires_at(process), at)),
        }
        return {name: value for name, value in task.items() if value is not None}


def _concluded(licence: Mapping[str, Any], result: Mapping[str, Any], *, withdrawn: bool) -> Turn:
    if withdrawn and result["result"] == "withdrawn":
        return Turn(answer=_TAKEN_BACK)
    if result["result"] != "done":
        return Turn(answer=Rejected("SEAL_NOT_SET", f"the task has ended as {result['result']}"))
    if result["original_digest"] != licence["digest"]:
        return Turn(answer=Rejected("SEAL_OF_ANOTHER_FILE", "what was sealed is not the file of this licence"))
    return Turn(emit=(_ONWARD,), answer=Delivered(result["digest"]))


def _result(process: Process) -> dict[str, Any] | None:
    """The result of the task: the first, since a document is sealed once."""
    return _first(process, COMPLETED)


def _first(process: Process, contract: str) -> dict[str, Any] | None:
    for one in process.joined:
        if orjson.loads(one.attributes)["type"] == contract:
            data: dict[str, Any] = orjson.loads(one.canonical)
            return data
    return None


def _task_no(process: UUID) -> str:
    return f"seal-{process.hex}"


def _event(contract: str, schema: str, case: str, data: dict[str, Any]) -> CloudEvent:
    return CloudEvent(id="", source="", type=contract, dataschema=schema, subject=case, data=data)
