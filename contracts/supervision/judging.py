# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which rules a case breaks, by what is known of it on a day. Pure.

Periods end on the days that the acceptance told. What a case is late is counted in working days beyond that day; working days
that lie in a special procedure are taken off, once each however procedures overlap (特别程序不计入时限).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from contracts.supervision.calendar import Calendar, working_days
from contracts.supervision.rules import (
    Dissatisfied,
    Due,
    NoOpinion,
    Ordered,
    Overdue,
    Rule,
    Rules,
    ShortReason,
    Unanswered,
)


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; without an end it goes on."""

    begin: date
    end: date | None = None


class CaseFacts(BaseModel):
    """What is known of one case. Counts are of what has happened; texts are only measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promised_on: date | None = None
    statutory_on: date | None = None
    completed_on: date | None = None
    pauses: tuple[Span, ...] = ()
    refusal_reason: str | None = None
    steps_without_opinion: NonNegativeInt = 0
    complaints: tuple[Span, ...] = ()
    """From the day that a complaint came to the day that it was handled."""
    orders: NonNegativeInt = 0
    dissatisfied: NonNegativeInt = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that is broken: how many times, and by how many working days where it is about a period (before it: negative)."""

    rule: Rule
    times: int = 1
    days: int | None = None

    @property
    def points(self) -> Decimal:
        """What it takes away."""
        return self.rule.points * self.times


def breaches(rules: Rules, case: CaseFacts, on: date) -> tuple[Breach, ...]:
    """The rules that the case breaks on a day, in the file's order. Raises ``UnknownYearError`` where the calendar ends."""
    found = (_breach(rule, case, on, rules.calendar) for rule in rules.rules)
    return tuple(one for one in found if one is not None)


def score(rules: Rules, found: Sequence[Breach]) -> Decimal:
    """What is left of the base; it may be below zero, as 100+Σ is."""
    return rules.base + sum((one.points for one in found), Decimal(0))


def late(due: date, case: CaseFacts, on: date, calendar: Calendar) -> int:
    """Working days that the case is, or was, beyond a day; negative: so many are left."""
    end = on if case.completed_on is None else min(case.completed_on, on)
    paused: frozenset[date] = frozenset()
    for pause in case.pauses:
        paused |= working_days(pause.begin, min(pause.end or end, end), calendar)
    if end <= due:
        return -len(working_days(end, due, calendar) - {end}) - len(paused)
    return len(working_days(due, end, calendar) - {due}) - len(paused)


def _breach(rule: Rule, case: CaseFacts, on: date, calendar: Calendar) -> Breach | None:
    when = rule.when
    match when:
        case Due() | Overdue():
            return _of_period(rule, when, case, on, calendar)
        case ShortReason():
            reason = case.refusal_reason
            return Breach(rule) if reason is not None and len(reason.strip()) < when.fewer_than else None
        case NoOpinion():
            return _times(rule, case.steps_without_opinion)
        case Unanswered():
            waited = [((min(one.end or on, on)) - one.begin).days for one in case.complaints]
            return _times(rule, sum(days > when.after for days in waited))
        case Ordered():
            return _times(rule, case.orders)
        case Dissatisfied():
            return _times(rule, case.dissatisfied)


def _of_period(rule: Rule, when: Due | Overdue, case: CaseFacts, on: date, calendar: Calendar) -> Breach | None:
    due = case.promised_on if when.of == "promised" else case.statutory_on
    if due is None:
        return None
    days = late(due, case, on, calendar)
    if isinstance(when, Due):
        is_open = case.completed_on is None or case.completed_on > on
        return Breach(rule, days=days) if is_open and -when.within <= days <= 0 else None
    most = when.at_most
    return Breach(rule, days=days) if days >= when.at_least and (most is None or days <= most) else None


def _times(rule: Rule, times: int) -> Breach | None:
    return Breach(rule, times) if times > 0 else None
