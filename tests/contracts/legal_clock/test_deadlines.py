# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Last days, beside a model that counts every day one by one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import PeriodUnit
from contracts.legal_clock.calendar import published
from contracts.legal_clock.deadlines import Deadline, Lengths, Limit, Reckoned, YearUnknown, reckon
from contracts.legal_clock.facts import Facts, Pause, Period
from contracts.lifecycle.standing import Ticking
from contracts.supervision.calendar import is_working

CALENDAR = published()
_FIRST, _LAST = date(2024, 1, 1), date(2025, 6, 30)
_days = st.dates(_FIRST, _LAST)
_working = st.integers(0, 45).map(lambda length: Period(length, PeriodUnit.WORKING_DAY))
_periods = _working | st.integers(0, 60).map(lambda length: Period(length, PeriodUnit.DAY))


@st.composite
def _pauses(draw: st.DrawFn) -> Pause:
    begin = draw(_days)
    return Pause(begin, begin + timedelta(days=draw(st.integers(0, 40))))


def _between(first: date, last: date) -> list[date]:
    """The working days after ``first`` up to ``last``."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return [day for day in days if is_working(day, CALENDAR)]


def _statutory(facts: Facts, lengths: Lengths, today: date) -> Deadline:
    reckoned = reckon(facts, lengths, CALENDAR, today)
    assert isinstance(reckoned, Reckoned)
    deadline = reckoned.of(Limit.STATUTORY)
    assert deadline is not None
    return deadline


@given(_days, st.integers(1, 45))
def test_a_period_counts_from_the_next_working_day(accepted: date, length: int) -> None:
    period = Period(length, PeriodUnit.WORKING_DAY)
    deadline = _statutory(Facts(accepted_on=accepted), Lengths(statutory=period), accepted)
    assert len(_between(accepted, deadline.due)) == length
    assert is_working(deadline.due, CALENDAR)
    assert deadline.left == length


@given(_days, _periods, st.lists(_periods, max_size=3), st.lists(_pauses(), max_size=5))
def test_every_working_day_that_is_not_paused_counts_once(
    accepted: date, period: Period, extensions: list[Period], pauses: list[Pause]
) -> None:
    today = date(2026, 9, 1)
    facts = Facts(accepted_on=accepted, extensions=tuple(extensions), pauses=tuple(pauses))
    plain = _statutory(Facts(accepted_on=accepted, extensions=tuple(extensions)), Lengths(statutory=period), today)
    paused = {day for one in pauses for day in _between(one.begin - timedelta(days=1), one.end or today)}
    due = _statutory(facts, Lengths(statutory=period), today).due
    assert sum(day not in paused for day in _between(accepted, due)) == len(_between(accepted, plain.due))
    assert due == plain.due or (due not in paused and is_working(due, CALENDAR))


@given(_days, _working, st.lists(_pauses(), min_size=1, max_size=5), st.randoms())
def test_the_order_of_pauses_does_not_count_and_none_counts_twice(
    accepted: date, period: Period, pauses: list[Pause], chance: object
) -> None:
    shuffled = [*pauses, pauses[0]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    today = date(2026, 9, 1)
    lengths = Lengths(statutory=period)
    one = _statutory(Facts(accepted_on=accepted, pauses=tuple(pauses)), lengths, today)
    other = _statutory(Facts(accepted_on=accepted, pauses=tuple(shuffled)), lengths, today)
    assert one == other


@given(_days, _working, _pauses(), _working)
def test_neither_pause_nor_extension_shortens(accepted: date, period: Period, pause: Pause, extension: Period) -> None:
    today, lengths = date(2026, 9, 1), Lengths(statutory=period)
    plain = _statutory(Facts(accepted_on=accepted), lengths, today).due
    assert _statutory(Facts(accepted_on=accepted, pauses=(pause,)), lengths, today).due >= plain
    longer = _statutory(Facts(accepted_on=accepted, extensions=(extension,)), lengths, today).due
    assert len(_between(plain, longer)) == extension.length


@given(_days, _working, st.dates(_FIRST, date(2025, 12, 31)))
def test_what_is_left_falls_by_one_with_every_working_day(accepted: date, period: Period, today: date) -> None:
    facts, lengths = Facts(accepted_on=accepted), Lengths(statutory=period)
    now, tomorrow = (_statutory(facts, lengths, day).left for day in (today, today + timedelta(days=1)))
    assert now - tomorrow == is_working(today + timedelta(days=1), CALENDAR)


@given(_days, _working, st.integers(1, 20))
def test_while_a_pause_is_on_nothing_is_used_up(accepted: date, period: Period, later: int) -> None:
    facts, lengths = (
        Facts(accepted_on=accepted, pauses=(Pause(accepted + timedelta(days=1)),)),
        Lengths(statutory=period),
    )
    reckoned = reckon(facts, lengths, CALENDAR, accepted + timedelta(days=later))
    assert isinstance(reckoned, Reckoned)
    assert reckoned.ticking is Ticking.PAUSED
    assert reckoned.open_since == accepted + timedelta(days=1)
    statutory = reckoned.of(Limit.STATUTORY)
    assert statutory is not None
    assert statutory.left == period.length


def test_the_days_that_an_acceptance_told_are_taken_as_told() -> None:
    facts = Facts(accepted_on=date(2025, 9, 24), promised_on=date(2025, 10, 4), statutory_on=date(2025, 10, 22))
    reckoned = reckon(facts, Lengths(), CALENDAR, date(2025, 9, 30))
    assert reckoned == Reckoned(
        Ticking.RUNNING,
        (
            Deadline(Limit.PROMISED, date(2025, 10, 4), date(2025, 10, 4), 0),
            Deadline(Limit.STATUTORY, date(2025, 10, 22), date(2025, 10, 22), 11),
        ),
    )
    assert reckoned.first is not None
    assert reckoned.first.limit is Limit.PROMISED


def test_a_closed_case_stays_as_late_as_it_was() -> None:
    facts = Facts(accepted_on=date(2025, 3, 3), promised_on=date(2025, 3, 7), stopped_on=date(2025, 3, 11))
    for today in (date(2025, 3, 11), date(2026, 3, 11)):
        reckoned = reckon(facts, Lengths(), CALENDAR, today)
        assert isinstance(reckoned, Reckoned)
        assert reckoned.ticking is Ticking.STOPPED
        assert reckoned.first is not None
        assert (reckoned.first.left, reckoned.first.late) == (-2, True)


def test_a_case_that_was_not_accepted_has_no_deadline() -> None:
    assert reckon(Facts(), Lengths(), CALENDAR, date(2025, 3, 3)) == Reckoned(Ticking.NOT_STARTED)


@pytest.mark.parametrize(
    ("length", "unit", "due"),
    [
        (20, PeriodUnit.WORKING_DAY, date(2025, 10, 28)),  # people work on Sunday 28 September and Saturday 11 October
        (7, PeriodUnit.DAY, date(2025, 10, 9)),  # 1 October is a holiday, and so is the week after it
        (0, PeriodUnit.WORKING_DAY, date(2025, 9, 24)),
    ],
)
def test_a_period_over_the_national_day(length: int, unit: PeriodUnit, due: date) -> None:
    deadline = _statutory(
        Facts(accepted_on=date(2025, 9, 24)), Lengths(statutory=Period(length, unit)), date(2025, 9, 24)
    )
    assert deadline.due == due


def test_a_period_that_runs_out_of_the_calendar_says_so() -> None:
    year = max(CALENDAR) + 1
    facts = Facts(accepted_on=date(year - 1, 12, 25))
    twenty = Lengths(statutory=Period(20, PeriodUnit.WORKING_DAY))
    assert reckon(facts, twenty, CALENDAR, date(year - 1, 12, 25)) == YearUnknown(year)
    far = Facts(accepted_on=date(2025, 3, 3), statutory_on=date(2199, 1, 1), pauses=(Pause(date(1900, 1, 1)),))
    assert reckon(far, Lengths(), CALENDAR, date(2025, 3, 3)) == YearUnknown(year)
