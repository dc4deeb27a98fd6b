# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The last days of a case: by law and by promise, with pauses and extensions. 时限

A period counts from the working day after the acceptance. A day that lies in a pause, the first and the last included, is not
counted (行政许可法: hearings, inspections, appraisals, expert reviews), so the last day moves by as many working days as were
paused. An approved extension moves both last days. A period in calendar days that would end on a day of rest ends on the next
working day (民法典 art. 203).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.codes import Code, PeriodUnit
from contracts.legal_clock.calendar import after, on_or_after
from contracts.legal_clock.facts import Facts, Period
from contracts.lifecycle.standing import Ticking
from contracts.supervision.calendar import Calendar, UnknownYearError, is_working

_ONE = timedelta(days=1)


class Limit(Code):
    """Which of the two periods."""

    PROMISED = "promised", "承诺时限", "promised"
    STATUTORY = "statutory", "法定时限", "statutory"


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long an item may take, where its acceptance told no day: from the item catalogue or the deployment."""

    promised: Period | None = None
    statutory: Period | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """``told`` is the last day before pauses and extensions, ``due`` the one with them.

    ``left`` are the working days from today to ``due``, today not counted; negative: so many working days late. Of a case that is
    closed both are as on the day of its end.
    """

    limit: Limit
    told: date
    due: date
    left: int

    @property
    def late(self) -> bool:
        """Whether the last day is over."""
        return self.left < 0


@dataclass(frozen=True, slots=True)
class Reckoned:
    """``open_since``: the first day of the pause that is on; the last days move with every day of it."""

    ticking: Ticking
    deadlines: tuple[Deadline, ...] = ()
    open_since: date | None = None

    def of(self, limit: Limit) -> Deadline | None:
        """The deadline of one period, if the case has it."""
        return next((one for one in self.deadlines if one.limit is limit), None)

    @property
    def first(self) -> Deadline | None:
        """The one that is due first."""
        return min(self.deadlines, key=lambda one: one.due, default=None)


@dataclass(frozen=True, slots=True)
class YearUnknown:
    """The calendar ends before the period does; a guess would count holidays as working days."""

    year: int


def reckon(facts: Facts, lengths: Lengths, calendar: Calendar, today: date) -> Reckoned | YearUnknown:
    """The last days of a case, as known today. A pure function of its arguments."""
    if facts.accepted_on is None:
        return Reckoned(Ticking.NOT_STARTED)
    on = today if facts.stopped_on is None else min(facts.stopped_on, today)
    open_since = min((one.begin for one in facts.pauses if one.end is None and one.begin <= on), default=None)
    try:
        paused = frozenset(_paused(facts, on, calendar))
        deadlines = tuple(
            _deadline(limit, told, facts, paused, calendar, on)
            for limit, told in (
                (Limit.PROMISED, _told(facts.accepted_on, facts.promised_on, lengths.promised, calendar)),
                (Limit.STATUTORY, _told(facts.accepted_on, facts.statutory_on, lengths.statutory, calendar)),
            )
            if told is not None
        )
    except UnknownYearError as unknown:
        return YearUnknown(unknown.year)
    if facts.stopped_on is not None:
        return Reckoned(Ticking.STOPPED, deadlines)
    return Reckoned(Ticking.RUNNING if open_since is None else Ticking.PAUSED, deadlines, open_since)


def end_of(accepted_on: date, period: Period, calendar: Calendar) -> date:
    """The last day of a period that counts from an acceptance. Raises ``UnknownYearError``."""
    return _longer(accepted_on, period, calendar)


def _told(accepted_on: date, told: date | None, length: Period | None, calendar: Calendar) -> date | None:
    if told is not None or length is None:
        return told
    return end_of(accepted_on, length, calendar)


def _longer(day: date, period: Period, calendar: Calendar) -> date:
    match period.unit:
        case PeriodUnit.WORKING_DAY:
            for _ in range(period.length):
                day = after(day, calendar)
            return day
        case PeriodUnit.DAY:
            return on_or_after(day + timedelta(days=period.length), calendar)


def _deadline(
    limit: Limit, told: date, facts: Facts, paused: frozenset[date], calendar: Calendar, on: date
) -> Deadline:
    assert facts.accepted_on is not None, "a clock has started"
    end = told
    for extension in facts.extensions:
        end = _longer(end, extension, calendar)
    missing = sum(facts.accepted_on < day <= end for day in paused)
    while missing:
        end = after(end, calendar)
        missing -= end not in paused
    return Deadline(limit, told, end, _left(end, paused, calendar, on))


def _left(due: date, paused: frozenset[date], calendar: Calendar, on: date) -> int:
    first, last = (on, due) if on <= due else (due, on)
    counted = sum(day not in paused for day in _working(first + _ONE, last, calendar))
    return counted if on <= due else -counted


def _paused(facts: Facts, on: date, calendar: Calendar) -> Iterator[date]:
    assert facts.accepted_on is not None, "a clock has started"
    for pause in facts.pauses:
        begin = max(pause.begin, facts.accepted_on)
        yield from _working(begin, on if pause.end is None else min(pause.end, on), calendar)


def _working(first: date, last: date, calendar: Calendar) -> Iterator[date]:
    day = first
    while day <= last:
        if is_working(day, calendar):
            yield day
        day += _ONE
