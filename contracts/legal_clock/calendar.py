# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which days are working days: what the State Council published (调休), and what a site says beside it. 工作日历

The published days come from ``chinesecalendar``, which is maintained with the State Council's notices. A year that is not in it
is not guessed: whoever asks for it gets :class:`contracts.supervision.calendar.UnknownYearError`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from chinese_calendar import constants

from contracts.supervision.calendar import Calendar, YearOfDays, is_working

_FRIDAY = 4


@cache
def published() -> Calendar:
    """Every year of the package, with the weekdays off and the weekend days on which people work."""
    off: dict[int, set[date]] = {}
    on: dict[int, set[date]] = {}
    for day in constants.holidays:
        days = off.setdefault(day.year, set())
        if day.weekday() <= _FRIDAY:
            days.add(day)
    for day in constants.workdays:
        if day.weekday() > _FRIDAY:
            on.setdefault(day.year, set()).add(day)
    years = {year: YearOfDays(off=frozenset(off[year]), on=frozenset(on.get(year, ()))) for year in sorted(off)}
    return MappingProxyType(years)


def calendar_of(overrides: Mapping[int, YearOfDays]) -> Calendar:
    """The published years with a site's own days.

    In a published year the days that are named take the place of what was published of those days; a year that was not published
    is told by its overrides alone.
    """
    known = dict(published())
    for year, own in overrides.items():
        before = known.get(year, YearOfDays())
        known[year] = YearOfDays(off=(before.off - own.on) | own.off, on=(before.on - own.off) | own.on)
    return MappingProxyType(known)


def misplaced(year: int, days: YearOfDays) -> tuple[date, ...]:
    """The days of an override that say nothing or the contrary of themselves: of another year, or both on and off."""
    strange = {day for day in (*days.off, *days.on) if day.year != year}
    return tuple(sorted(strange | (days.off & days.on)))


def on_or_after(day: date, calendar: Calendar) -> date:
    """The first working day from this day on. Raises ``UnknownYearError``."""
    while not is_working(day, calendar):
        day += timedelta(days=1)
    return day


def after(day: date, calendar: Calendar) -> date:
    """The first working day after this day. Raises ``UnknownYearError``."""
    return on_or_after(day + timedelta(days=1), calendar)
