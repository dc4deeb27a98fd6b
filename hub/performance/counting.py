# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one case adds to the figures of a period. Pure.

accepted           its acceptance was decided in the period
completed          its completion was
on time, overdue   by the promised day, pauses and extensions counted; where there is none by the day of the law; where there
is neither it is on time
warned, ordered    the warnings and supervise orders of the period, by their numbers
working days       from the day after the acceptance to the completion, without those that were paused
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import Limit, YearUnknown
from contracts.legal_clock.facts import Facts
from contracts.lifecycle.record import CONTRACTS, record_of
from contracts.supervision.calendar import Calendar, UnknownYearError, working_days
from contracts.timestamps import parse_timestamp
from hub.legal_clock import LegalClock
from hub.performance.period import Period

ACCEPTANCE = "cn.gov.acceptance.decided"
COMPLETION = "cn.gov.completion.decided"
WARNED = "cn.gov.supervision.warned"
ORDERED = "cn.gov.supervision.ordered"
DECISIVE = (ACCEPTANCE, COMPLETION, WARNED, ORDERED)
"""A case that said none of these in a period has no part in its figures."""
READ = (*CONTRACTS, WARNED, ORDERED)

Told = Sequence[tuple[str, Mapping[str, Any]]]
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures that add up. ``timed`` cases had an acceptance and a completion, ``promised`` of them a promised day too."""

    accepted: int = 0
    completed: int = 0
    on_time: int = 0
    early: int = 0
    overdue: int = 0
    statutory_on_time: int = 0
    warned: int = 0
    yellow: int = 0
    red: int = 0
    ordered: int = 0
    timed: int = 0
    working_days: int = 0
    promised: int = 0
    promised_days: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Counted:
    """One case. ``department`` and ``item`` are their codes, empty where nobody told them."""

    department: str
    department_name: str
    item: str
    item_name: str
    counts: Counts = field(default_factory=Counts)


def count(told: Told, clock: LegalClock, period: Period) -> Counted | YearUnknown | None:
    """What a case adds, by all that it said; None: nothing."""
    records = [record for contract, data in told if (record := record_of(contract, data)) is not None]
    facts = clock.facts(records)
    finding = _latest(data for contract, data in told if contract == ACCEPTANCE)
    completion = _latest(data for contract, data in told if contract == COMPLETION)
    completed_on = _day(completion.get("completed_at"))
    counts = Counts(accepted=int(period.has(facts.accepted_on)))
    if period.has(completed_on):
        closed = _closed(facts, clock, completed_on)
        if isinstance(closed, YearUnknown):
            return closed
        counts += closed
    counts += _supervised(told, period)
    if counts == Counts():
        return None
    about = {**completion, **finding}
    named = [data for _, data in told if data.get("department_name")]
    return Counted(
        department=about.get("department_code", "") or _first(told, "department_code"),
        department_name=about.get("department_name", "") or (named[-1]["department_name"] if named else ""),
        item=about.get("item_code", "") or _first(told, "item_code"),
        item_name=about.get("item_name", "") or _first(told, "item_name"),
        counts=counts,
    )


def _closed(facts: Facts, clock: LegalClock, on: date | None) -> Counts | YearUnknown:
    assert on is not None, "it lies in the period"
    reckoned = clock.reckon(facts, datetime.combine(on, clock.closes, BEIJING))
    if isinstance(reckoned, YearUnknown):
        return reckoned
    promised, statutory = reckoned.of(Limit.PROMISED), reckoned.of(Limit.STATUTORY)
    judged = promised or statutory
    late = judged is not None and on > judged.due
    taken = _taken(facts, on, clock.calendar)
    if isinstance(taken, YearUnknown):
        return taken
    has_promise = promised is not None and facts.accepted_on is not None
    return Counts(
        completed=1,
        on_time=int(not late),
        early=int(promised is not None and on < promised.due),
        overdue=int(late),
        statutory_on_time=int(statutory is None or on <= statutory.due),
        timed=int(facts.accepted_on is not None),
        working_days=taken,
        promised=int(has_promise),
        promised_days=taken + promised.left if promised is not None and has_promise else 0,
    )


def _taken(facts: Facts, on: date, calendar: Calendar) -> int | YearUnknown:
    if facts.accepted_on is None:
        return 0
    try:
        days = working_days(facts.accepted_on + _ONE, on, calendar)
    except UnknownYearError as unknown:
        return YearUnknown(unknown.year)
    return sum(not any(one.begin <= day <= (one.end or on) for one in facts.pauses) for day in days)


def _supervised(told: Told, period: Period) -> Counts:
    warned = {
        data["supervision_no"]: data["severity"]
        for contract, data in told
        if contract == WARNED and period.has(_day(data["occurred_at"]))
    }
    ordered = {
        data["order_no"] for contract, data in told if contract == ORDERED and period.has(_day(data["ordered_at"]))
    }
    severities = list(warned.values())
    return Counts(
        warned=len(warned), yellow=severities.count("yellow"), red=severities.count("red"), ordered=len(ordered)
    )


def _latest(told: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The highest record_version, then the last."""
    found = list(told)
    ranked = ((data.get("record_version") or 1, place) for place, data in enumerate(found))
    _, place = max(ranked, default=(0, -1))
    return found[place] if found else {}


def _first(told: Told, name: str) -> str:
    return next((str(data[name]) for _, data in told if data.get(name)), "")


def _day(written: object) -> date | None:
    moment = parse_timestamp(written) if isinstance(written, str) else None
    return None if moment is None else moment.astimezone(BEIJING).date()
