# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Periods of reports: none is left out, none comes twice, and each is due a while after its end."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.families.fields import BEIJING
from hub.performance.period import Every, Period, Schedule, last_before, period_from

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("every", "first", "last"),
    [
        (Every.DAY, date(2026, 3, 3), date(2026, 3, 3)),
        (Every.WEEK, date(2026, 2, 23), date(2026, 3, 1)),
        (Every.MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        (Every.QUARTER, date(2025, 10, 1), date(2025, 12, 31)),
    ],
)
def test_the_last_whole_period_before_a_day(every: Every, first: date, last: date) -> None:
    assert last_before(date(2026, 3, 4), every) == Period(first, last)


@given(DAYS, st.sampled_from(list(Every)))
def test_periods_follow_one_another_without_a_gap(day: date, every: Every) -> None:
    before = last_before(day, every)
    following = period_from(before.last + timedelta(days=1), every)
    assert before.last < day
    assert following.has(day)
    assert last_before(following.last + timedelta(days=1), every) == following


def test_a_period_is_due_a_while_after_its_end_and_the_first_report_is_of_the_last_one() -> None:
    schedule = Schedule(Every.MONTH, timedelta(hours=24))
    due = datetime(2026, 4, 2, tzinfo=BEIJING)
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert schedule.drawn_at(march) == due
    assert schedule.due("2026-02-28", due - timedelta(seconds=1)) is None
    assert schedule.due("2026-02-28", due) == march
    assert schedule.due("2026-03-31", due) is None
    assert schedule.due("", due) == march
    assert schedule.due("", due - timedelta(seconds=1)) == Period(date(2026, 2, 1), date(2026, 2, 28))


def test_a_hub_that_stood_still_makes_up_for_every_period() -> None:
    schedule, reached, told = Schedule(Every.WEEK, timedelta(hours=1)), "2026-02-01", []
    while (period := schedule.due(reached, datetime(2026, 3, 4, tzinfo=BEIJING))) is not None:
        told.append(period.last)
        reached = period.last.isoformat()
    assert told == [date(2026, 2, 8), date(2026, 2, 15), date(2026, 2, 22), date(2026, 3, 1)]
