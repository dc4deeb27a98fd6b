# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Working days of the years that a calendar tells. 工作日。 Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Year = Annotated[int, Field(ge=2000, le=2100)]

_WEEK = 5


class YearOfDays(BaseModel):
    """What a year's calendar says beyond its weeks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: frozenset[date] = Field(
        default=frozenset(), description="放假的工作日。 Days from Monday to Friday that are no working days."
    )
    on: frozenset[date] = Field(
        default=frozenset(), description="调休上班的周末。 Saturdays and Sundays that are working days."
    )


Calendar = Mapping[int, YearOfDays]


class UnknownYearError(LookupError):
    """The calendar does not tell this year: whoever guesses counts holidays as working days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the calendar has no year {year}")
        self.year = year


def is_working(day: date, calendar: Calendar) -> bool:
    """Whether people work on that day. Raises :class:`UnknownYearError`."""
    year = calendar.get(day.year)
    if year is None:
        raise UnknownYearError(day.year)
    return day in year.on if day.weekday() >= _WEEK else day not in year.off


def working_days(first: date, last: date, calendar: Calendar) -> frozenset[date]:
    """The working days from ``first`` to ``last``, both included; none if the last is before the first."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return frozenset(day for day in days if is_working(day, calendar))
