# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Working days as published, and as a site says otherwise."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from contracts.legal_clock.calendar import after, calendar_of, misplaced, on_or_after, published
from contracts.supervision.calendar import UnknownYearError, YearOfDays, is_working


def test_every_published_day_is_what_the_package_says_of_it() -> None:
    first, last = date(min(published()), 1, 1), date(max(published()), 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert len(days) > 20 * 365
    assert [day for day in days if is_working(day, published()) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2018, 9, 29), True),  # a Saturday before the National Day of 2018
        (date(2025, 1, 26), True),  # a Sunday before the Spring Festival
        (date(2025, 1, 28), False),  # the eve of it
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
    ],
)
def test_what_the_state_council_exchanged_is_known(day: date, *, working: bool) -> None:
    assert is_working(day, published()) is working


def test_a_year_that_was_not_published_is_not_guessed() -> None:
    unknown = max(published()) + 1
    with pytest.raises(UnknownYearError):
        is_working(date(unknown, 3, 3), published())
    with pytest.raises(UnknownYearError):
        after(date(unknown - 1, 12, 31), published())


def test_a_site_tells_a_year_of_its_own() -> None:
    year = max(published()) + 1
    saturday = next(date(year, 2, day) for day in range(1, 8) if date(year, 2, day).weekday() == 5)
    calendar = calendar_of({year: YearOfDays(off=frozenset({date(year, 1, 1)}), on=frozenset({saturday}))})
    assert not is_working(date(year, 1, 1), calendar)
    assert is_working(saturday, calendar)
    assert after(saturday - timedelta(days=1), calendar) == saturday


def test_a_site_corrects_single_days_of_a_published_year() -> None:
    made_free, made_working = date(2025, 10, 11), date(2025, 10, 8)
    calendar = calendar_of(
        {2025: YearOfDays(off=frozenset({made_free, date(2025, 3, 3)}), on=frozenset({made_working}))}
    )
    assert not is_working(made_free, calendar)
    assert not is_working(date(2025, 3, 3), calendar)
    assert is_working(made_working, calendar)
    assert not is_working(date(2025, 10, 7), calendar)  # what was published of other days stands


def test_the_next_working_day_skips_a_whole_holiday() -> None:
    assert after(date(2025, 9, 30), published()) == date(2025, 10, 9)
    assert on_or_after(date(2025, 9, 30), published()) == date(2025, 9, 30)


def test_days_that_cannot_be_meant_are_found() -> None:
    both, foreign = date(2025, 5, 5), date(2024, 5, 5)
    assert misplaced(2025, YearOfDays(off=frozenset({both}), on=frozenset({both, foreign}))) == (foreign, both)
    assert misplaced(2025, YearOfDays(off=frozenset({both}))) == ()
