# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: one process for each case, which is looked at whenever something is heard of it, and every day.

It emits ``warned.RULE.TIMES`` and ``ordered.RULE.TIMES``: each rule once for each time that it is broken, however often the case
is looked at; and with each of them ``told.…``, the notice to whoever holds the roles then, where contacts are configured. The
delivery that began a case is answered when the case is closed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.codes import SupervisedRole, WarningTrigger
from contracts.families.fields import BEIJING
from contracts.families.oversight import supervision_ordered, supervision_warned
from contracts.lifecycle.record import CONTRACTS
from contracts.supervision.calendar import UnknownYearError
from contracts.supervision.judging import Breach, breaches
from contracts.supervision.rules import Due, Overdue, Rules
from hub.legal_clock import LegalClock
from hub.ports.journal import PaceWish, Process
from hub.processors.processor import Correlation, Turn
from hub.processors.supervision.case_file import CaseFile, case_file
from hub.processors.supervision.config import SupervisionConfig
from hub.processors.supervision.persons import Persons

_TOLD = "told."
_NUMBER = 20
"""Characters that a warning's number may have."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    """See :class:`hub.processors.processor.Processor`."""

    config: SupervisionConfig
    rules: Rules
    clock: LegalClock = field(default_factory=LegalClock)
    persons: Persons = field(default_factory=Persons)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What says nothing of the life of a case."""
        if parcel.attributes.get("type") in CONTRACTS:
            return None
        return Rejected("SUPERVISION_CONTRACT", "a supervisor takes what is said of the life of cases")

    def correlation(self, parcel: Parcel) -> Correlation:
        """Whatever comes of a case first begins it."""
        case = parcel.attributes["subject"]
        return Correlation(joins=case, keys=frozenset({case}))

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Warn of what is broken today; look again tomorrow, unless the case is closed."""
        case = case_file(process, self.clock, now)
        emit = [name for breach in self._broken(case, _day(now)) for name in self._names(case, breach)]
        emit += [f"{_TOLD}{name}" for name in emit if name not in process.emissions and self._reaches(case, name)]
        ends = process.begun_at + timedelta(days=self.config.longest_days)
        if case.closed or now >= ends:
            return Turn(emit=emit, answer=Delivered("closed" if case.closed else "followed no longer"))
        return Turn(emit=emit, due_at=min(self._next_look(now), ends), unknown_year=case.unknown_year)

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """A warning, an order, or the notice of one to whoever holds the roles."""
        if name.startswith(_TOLD):
            told = self.event(process, name.removeprefix(_TOLD), named_at)
            case = case_file(process, self.clock, named_at)
            return self.persons.notice(process, case, self.config.addressees, name, told, named_at)
        what, _, rest = name.partition(".")
        no, _, _ = rest.rpartition(".")
        case = case_file(process, self.clock, named_at)
        # Broken when it was named; what has joined since may have changed that, and then only the rule is told.
        (rule,) = (one for one in self.rules.rules if one.no == no)
        broken = (one for one in self._broken(case, _day(named_at)) if one.rule.no == no)
        breach = next(broken, Breach(rule))
        contract = supervision_warned.CONTRACT if what == "warned" else supervision_ordered.CONTRACT
        said = self._warned if what == "warned" else self._ordered
        return CloudEvent(
            id="",
            source="",
            type=contract.type,
            dataschema=contract.schema_uri,
            subject=process.case,
            data={"case_no": process.case, **said(process, case, breach, name, named_at)},
        )

    def _broken(self, case: CaseFile, today: date) -> tuple[Breach, ...]:
        if case.facts is None:
            return ()
        try:
            return breaches(self.rules, case.facts, today)
        except UnknownYearError:
            return ()

    def _names(self, case: CaseFile, breach: Breach) -> Iterator[str]:
        orders = breach.rule.severity in self.config.orders_at and case.about.get("department_code") is not None
        for time in range(1, breach.times + 1):
            yield f"warned.{breach.rule.no}.{time}"
            if orders:
                yield f"ordered.{breach.rule.no}.{time}"

    def _reaches(self, case: CaseFile, name: str) -> bool:
        """Whether somebody is to be told of it in person."""
        wording = self.persons.told_of(name.partition(".")[0])
        return wording is not None and bool(self.persons.holders(case, self.config.addressees))

    def _next_look(self, now: datetime) -> datetime:
        at = datetime.combine(_day(now), self.config.looks_at, BEIJING)
        return at if at > now else at + timedelta(days=1)

    def _warned(self, process: Process, case: CaseFile, breach: Breach, name: str, at: datetime) -> dict[str, Any]:
        trigger, due_on = _trigger(case, breach)
        said = {
            **case.about,
            "supervision_no": _number(process, name),
            "rule_no": breach.rule.no,
            "severity": breach.rule.severity.value,
            "trigger": trigger.value,
            "due_on": due_on.isoformat() if due_on is not None else None,
            "overdue_days": max(0, breach.days) if breach.days is not None else None,
            "description": breach.rule.title,
            "department_name": case.department_name or "（未载明）",
            "supervisor_name": self.config.supervisor_name,
            "occurred_at": at.isoformat(),
        }
        return {field: value for field, value in said.items() if value is not None}

    def _ordered(self, process: Process, case: CaseFile, _breach: Breach, name: str, at: datetime) -> dict[str, Any]:
        addressees = [
            {
                "role": role.value,
                "department_code": case.department_of(role),
                "department_name": case.department_name or None
                if case.department_of(role) == case.about.get("department_code")
                else None,
                "stage_name": case.stage or None if role is SupervisedRole.STAGE_CHIEF else None,
            }
            for role in self.config.addressees
        ]
        said = {
            **case.about,
            "order_no": _number(process, name),
            "supervision_no": _number(process, name.replace("ordered.", "warned.", 1)),
            "content": self.config.content,
            "supervisor_name": self.config.supervisor_name,
            "supervisor_code": self.config.supervisor_code,
            "addressees": [{field: value for field, value in one.items() if value is not None} for one in addressees],
            "ordered_at": at.isoformat(),
            "reply_due_at": (at + timedelta(hours=self.config.reply_hours)).isoformat(),
        }
        return {field: value for field, value in said.items() if value is not None}


def _trigger(case: CaseFile, breach: Breach) -> tuple[WarningTrigger, date | None]:
    when, facts = breach.rule.when, case.facts
    if facts is None or not isinstance(when, Due | Overdue):
        return WarningTrigger.OTHER, None
    day = facts.promised_on if when.of == "promised" else facts.statutory_on
    if isinstance(when, Due):
        return WarningTrigger.WARNING_TIME, day
    return (WarningTrigger.PROMISED_TIME if when.of == "promised" else WarningTrigger.STATUTORY_TIME), day


def _number(process: Process, name: str) -> str:
    """Of process and name, so that it is the same whenever it is told; as long as the contract allows."""
    what, _, rest = name.partition(".")
    digest = hashlib.sha256(f"{process.id.hex}.{rest}".encode()).hexdigest()
    return f"{'JC' if what == 'warned' else 'DB'}-{digest}"[:_NUMBER]


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
