# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of a case from the messages that have come of it: its periods by the legal clock, and what rules ask beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from contracts.codes import StepStatus, SupervisedRole
from contracts.legal_clock.deadlines import Limit, Reckoned, YearUnknown
from contracts.lifecycle.record import record_of
from contracts.supervision.judging import CaseFacts
from hub.legal_clock import LegalClock
from hub.ports.journal import Process

_ACCEPTANCE = "cn.gov.acceptance.decided"
_COMPLETION = "cn.gov.completion.decided"
_STEP = "cn.gov.process.step"
_UNFAVOURABLE = frozenset({"refused", "denied", "returned", "voided", "lapsed"})
_PASSED_ON = ("region_code", "item_code", "department_code", "level_code")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """``facts`` None: a period reaches into ``unknown_year``, whose calendar nobody has told, so nothing is judged.

    ``stage`` is the step that was told last and ``handler`` the officer that its record, or the acceptance, names.
    """

    facts: CaseFacts | None
    closed: bool
    department_name: str
    about: Mapping[str, Any]
    unknown_year: int | None = None
    stage: str = ""
    handler: str = ""
    departments: Mapping[SupervisedRole, str] = field(default_factory=dict)

    def department_of(self, role: SupervisedRole) -> str:
        """The department to which whoever holds the role belongs; empty: nobody has told it."""
        return self.departments.get(role, "") or self.about.get("department_code", "")


def case_file(process: Process, clock: LegalClock, now: datetime) -> CaseFile:
    """The case as known at a moment."""
    told = list(_told(process))
    records = [record for contract, data in told if (record := record_of(contract, data)) is not None]
    facts = clock.facts(records)
    reckoned = clock.reckon(facts, now)
    refused = any(contract == _ACCEPTANCE and data.get("decision") == "refused" for contract, data in told)
    closed = refused or any(contract == _COMPLETION for contract, _ in told)
    about: dict[str, Any] = {}
    name = ""
    for _, data in told:
        about |= {field: data[field] for field in _PASSED_ON if data.get(field) is not None}
        name = data.get("department_name") or name
    unknown = reckoned.year if isinstance(reckoned, YearUnknown) else None
    steps = [data for contract, data in told if contract == _STEP]
    findings = [data for contract, data in told if contract == _ACCEPTANCE]
    step, finding = (steps or [{}])[-1], (findings or [{}])[-1]
    departments = {
        SupervisedRole.STAGE_CHIEF: step.get("department_code", ""),
        SupervisedRole.ITEM_CHIEF: finding.get("department_code", ""),
        SupervisedRole.HANDLER: step.get("department_code", "") or finding.get("department_code", ""),
    }
    return CaseFile(
        facts=_facts(told, facts.stopped_on, reckoned),
        closed=closed,
        department_name=name,
        about=about,
        unknown_year=unknown,
        stage=step.get("step_name", ""),
        handler=step.get("handler", "") or finding.get("handler", ""),
        departments=departments,
    )


def _facts(
    told: list[tuple[str, dict[str, Any]]], stopped_on: date | None, reckoned: Reckoned | YearUnknown
) -> CaseFacts | None:
    if isinstance(reckoned, YearUnknown):
        return None
    due = {limit: reckoned.of(limit) for limit in Limit}
    promised, statutory = due[Limit.PROMISED], due[Limit.STATUTORY]
    reasons = [
        data.get("reason") or ""
        for contract, data in told
        if contract in (_ACCEPTANCE, _COMPLETION) and {data.get("decision"), data.get("result")} & _UNFAVOURABLE
    ]
    return CaseFacts(
        promised_on=promised.due if promised is not None else None,
        statutory_on=statutory.due if statutory is not None else None,
        completed_on=stopped_on,
        refusal_reason=reasons[-1] if reasons else None,
        steps_without_opinion=sum(
            contract == _STEP and data.get("status") == StepStatus.DONE.value and not data.get("opinion")
            for contract, data in told
        ),
    )


def _told(process: Process) -> Iterator[tuple[str, dict[str, Any]]]:
    yield orjson.loads(process.attributes)["type"], orjson.loads(process.canonical)
    for one in process.joined:
        yield orjson.loads(one.attributes)["type"], orjson.loads(one.canonical)
