# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: each department is asked for itself, and what they say goes to the one that leads, once nobody is awaited.

It emits ``question.N`` (counted from 0) and ``gathered.M``, where M is how many opinions had joined: an opinion that comes late,
or replaces an earlier one, is told in a further one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.families.handling import opinion_requested, opinions_gathered
from contracts.timestamps import timestamp
from hub.legal_clock import LegalClock
from hub.ports.journal import PaceWish, Process
from hub.processors.consultation.config import ConsultationConfig
from hub.processors.consultation.opinions import (
    OPINION,
    REQUESTED,
    Asked,
    Consultation,
    consultation,
    key,
    question_name,
)
from hub.processors.processor import Correlation, Turn

_GATHERED = "gathered."
_SAID = ("opinion", "conditions", "reason", "document_no", "given_at")


@dataclass(frozen=True, slots=True)
class Gatherer:
    """See :class:`hub.processors.processor.Processor`."""

    config: ConsultationConfig
    clock: LegalClock = field(default_factory=LegalClock)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What is neither a question nor an opinion."""
        if parcel.attributes.get("type") in (REQUESTED, OPINION):
            return None
        return Rejected("CONSULTATION_CONTRACT", f"a gatherer takes {REQUESTED} and {OPINION}")

    def correlation(self, parcel: Parcel) -> Correlation:
        """An opinion joins by case and number of the consultation."""
        data = orjson.loads(parcel.body)
        if parcel.attributes["type"] == OPINION:
            stray = Rejected("CONSULTATION_UNKNOWN", "no consultation of this case has this number")
            return Correlation(joins=key(data), stray=stray)
        taken = Rejected("CONSULTATION_NUMBER_TAKEN", "a consultation of this number is under way in this case already")
        return Correlation(keys=frozenset({key(data)}), taken=taken)

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Ask everybody; when nobody is awaited any more, tell what they said."""
        found = consultation(self.config, self.clock, process, now)
        questions = [question_name(one.number) for one in found.asked]
        if not found.over:
            return Turn(emit=questions, due_at=found.due_at, unknown_year=found.unknown_year)
        told = [one for one in process.emissions if one.startswith(_GATHERED)]
        news = (
            (f"{_GATHERED}{len(process.joined)}",) if not told or len(process.joined) > max(map(_heard, told)) else ()
        )
        return Turn(emit=(*questions, *news), answer=Delivered(f"{found.outcome.value}: {_counted(found)}"))

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """A department's question, or what all have said."""
        found = consultation(self.config, self.clock, process, named_at)
        if name.startswith(_GATHERED):
            version = 1 + sum(one.startswith(_GATHERED) for one in process.emissions if one != name)
            return _event(opinions_gathered.CONTRACT, _gathered(found, named_at, min(version, 9999)))
        return _event(opinion_requested.CONTRACT, _question(found, found.asked[int(name.partition(".")[2])]))


def _heard(name: str) -> int:
    return int(name.removeprefix(_GATHERED))


def _question(found: Consultation, asked: Asked) -> dict[str, Any]:
    data, department = found.data, asked.department
    passed_on = (
        "case_no", "region_code", "item_code", "level_code", "consultation_no", "kind", "stage", "question", "materials",
        "requested_at",
    )  # fmt: skip
    question = {
        **{name: data.get(name) for name in passed_on},
        "department_code": department["department_code"],
        "department_name": department.get("department_name"),
        "own_case_no": department.get("case_no"),
        "lead_department_code": data["department_code"],
        "lead_department_name": data["department_name"],
        "due_at": found.due_at.isoformat(),
    }
    return {name: value for name, value in question.items() if value is not None}


def _gathered(found: Consultation, at: datetime, version: int) -> dict[str, Any]:
    data = found.data
    passed_on = (
        "case_no",
        "region_code",
        "item_code",
        "level_code",
        "consultation_no",
        "kind",
        "stage",
        "department_code",
    )
    return {
        **{name: data[name] for name in passed_on if data.get(name) is not None},
        "outcome": found.outcome.value,
        "opinions": [_opinion(one, found) for one in found.asked],
        "due_at": found.due_at.isoformat(),
        "gathered_at": at.isoformat(),
        "record_version": version,
    }


def _opinion(one: Asked, found: Consultation) -> dict[str, Any]:
    said = {name: one.said[name] for name in _SAID if one.said.get(name) is not None}
    if said and "given_at" not in said:  # silence that counts as consent was given when time was up
        said["given_at"] = timestamp(found.due_at)
    department = {
        name: one.department[name] for name in ("department_code", "department_name") if one.department.get(name)
    }
    return {**department, "standing": one.standing.value, **said}


def _counted(found: Consultation) -> str:
    answered = sum(bool(one.said) for one in found.asked)
    return f"{answered} of {len(found.asked)} answered"


def _event(contract: Any, data: dict[str, Any]) -> CloudEvent:
    return CloudEvent(
        id="", source="", type=contract.type, dataschema=contract.schema_uri, subject=data["case_no"], data=data
    )
