# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Periods of reports, in Beijing's days. 考核期"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from contracts.families.fields import BEIJING

_DAY = timedelta(days=1)
_MONTHS = 12


class Every(StrEnum):
    """How long a period is. A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), BEIJING)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + _DAY, time(), BEIJING)

    def has(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.first <= day <= self.last


def period_from(first: date, every: Every) -> Period:
    """From this day to the end of the day, week, month or quarter that it lies in."""
    match every:
        case Every.DAY:
            return Period(first, first)
        case Every.WEEK:
            return Period(first, first + _DAY * (6 - first.weekday()))
        case Every.MONTH:
            return Period(first, _month(first.year, first.month + 1) - _DAY)
        case Every.QUARTER:
            return Period(first, _month(first.year, (first.month - 1) // 3 * 3 + 4) - _DAY)


def last_before(day: date, every: Every) -> Period:
    """The last whole period that ended before this day."""
    match every:
        case Every.DAY:
            first = day - _DAY
        case Every.WEEK:
            first = day - _DAY * (day.weekday() + 7)
        case Every.MONTH:
            first = (day.replace(day=1) - _DAY).replace(day=1)
        case Every.QUARTER:
            before = _month(day.year, (day.month - 1) // 3 * 3 + 1) - _DAY
            first = before.replace(month=before.month - 2, day=1)
    return period_from(first, every)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which periods are reported, and how long after their end: what senders tell late is counted until then."""

    every: Every
    after: timedelta

    def drawn_at(self, period: Period) -> datetime:
        """The moment as of which the figures of a period are drawn."""
        return period.ends + self.after

    def due(self, reached: str, now: datetime) -> Period | None:
        """The next period to be reported. ``reached``: the last day that was reported, empty before the first report: then it is
        the last period that is due, and nothing before it.
        """
        if reached:
            following = period_from(date.fromisoformat(reached) + _DAY, self.every)
            return following if now >= self.drawn_at(following) else None
        today = now.astimezone(BEIJING).date()
        latest = last_before(today, self.every)
        return latest if now >= self.drawn_at(latest) else last_before(latest.first, self.every)


def _month(year: int, month: int) -> date:
    return date(year + (month - 1) // _MONTHS, (month - 1) % _MONTHS + 1, 1)
