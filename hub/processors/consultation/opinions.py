# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How those who were asked stand, from what was emitted and what has joined: a pure table.

    an opinion has joined                           answered: the highest record_version holds, then the last
    time is up                                      overdue
    the question certainly does not reach it        unreached
    else                                            awaited

What they come to: an objection outweighs conditions, conditions outweigh silence, silence outweighs consent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from contracts.codes import ConsultationKind, ConsultationOutcome, OpinionStanding
from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import YearUnknown
from contracts.timestamps import parse_timestamp
from hub.legal_clock import LegalClock
from hub.ports.journal import Emission, Process
from hub.processors.consultation.config import ConsultationConfig

REQUESTED = "cn.gov.consultation.requested"
OPINION = "cn.gov.opinion.given"


@dataclass(frozen=True, slots=True)
class Asked:
    """One department. ``said`` is the opinion that holds."""

    number: int
    department: Mapping[str, Any]
    standing: OpinionStanding
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Consultation:
    """A process as a consultation. ``due_at``: by when opinions are wanted, cut to what the settings allow; not where that
    reaches into ``unknown_year``.
    """

    data: Mapping[str, Any]
    asked: Sequence[Asked]
    due_at: datetime
    unknown_year: int | None = None

    @property
    def over(self) -> bool:
        """Whether nobody is awaited any more."""
        return all(one.standing is not OpinionStanding.AWAITED for one in self.asked)

    @property
    def outcome(self) -> ConsultationOutcome:
        """What the opinions come to."""
        opinions = {one.said.get("opinion") for one in self.asked}
        if "object" in opinions:
            return ConsultationOutcome.OBJECTED
        if any(one.standing is not OpinionStanding.ANSWERED for one in self.asked):
            return ConsultationOutcome.INCOMPLETE
        return ConsultationOutcome.CONDITIONS if "conditions" in opinions else ConsultationOutcome.AGREED


def question_name(number: int) -> str:
    """The name under which one department's question is emitted."""
    return f"question.{number}"


def key(data: Mapping[str, Any]) -> str:
    """By which opinions join: consultations are numbered within a case."""
    return f"{data['case_no']} {data['consultation_no']}"


def consultation(config: ConsultationConfig, clock: LegalClock, process: Process, now: datetime) -> Consultation:
    """How a consultation stands at this moment."""
    data = orjson.loads(process.canonical)
    due_at, unknown_year = due(config, clock, data)
    said: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for one in process.joined:
        opinion = orjson.loads(one.canonical)
        rank = opinion.get("record_version") or 1
        before = said.get(opinion["department_code"])
        if before is None or rank >= before[0]:
            said[opinion["department_code"]] = rank, opinion
    asked: list[Asked] = []
    for number, department in enumerate(data["consulted"]):
        _, opinion = said.get(department["department_code"], (0, {}))
        emitted = process.emissions.get(question_name(number))
        asked.append(Asked(number, department, *_standing(config, opinion, emitted, late=now >= due_at)))
    return Consultation(data, asked, due_at, unknown_year)


def due(config: ConsultationConfig, clock: LegalClock, data: Mapping[str, Any]) -> tuple[datetime, int | None]:
    """As the leading department says, but no later than the settings allow, and earlier in the green channel. In a year whose
    working days nobody has told its own word stands, and the year is told: nothing is guessed.
    """
    asked_at, due_at = _moment(data["requested_at"]), _moment(data["due_at"])
    days = config.longest_days.get(ConsultationKind[data["kind"].upper()])
    unknown: int | None = None
    if days is not None:
        match clock.last_day(asked_at, days):
            case YearUnknown(unknown):
                pass
            case day:
                midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(days=1)
                due_at = min(due_at, midnight)
    return clock.green.until(data.get("item_code"), asked_at, due_at), unknown


def _standing(
    config: ConsultationConfig, opinion: Mapping[str, Any], emitted: Emission | None, *, late: bool
) -> tuple[OpinionStanding, Mapping[str, Any]]:
    if opinion:
        return OpinionStanding.ANSWERED, opinion
    if emitted is not None and emitted.lost:
        return OpinionStanding.UNREACHED, {}
    if not late:
        return OpinionStanding.AWAITED, {}
    if config.silent_is == "none":
        return OpinionStanding.ANSWERED, {"opinion": "none"}
    return OpinionStanding.OVERDUE, {}


def _moment(written: str) -> datetime:
    moment = parse_timestamp(written)
    assert moment is not None, "its contract says that it is one"
    return moment
