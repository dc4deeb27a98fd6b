# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules of supervision: read strictly, and applied to dates that were worked out by hand (calendar of 2026, tests' own cases)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.supervision.calendar import UnknownYearError
from contracts.supervision.judging import CaseFacts, Span, breaches, late, score
from contracts.supervision.rules import Rules, load_rules

FILE = Path(__file__).parents[3] / "examples/supervision/rules.yaml"
LOADED = load_rules(FILE)
assert isinstance(LOADED, Rules), LOADED
RULES = LOADED
FRIDAY, MONDAY, TUESDAY = date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 17)


def numbers(case: CaseFacts, on: date) -> list[str]:
    return [one.rule.no for one in breaches(RULES, case, on)]


@pytest.mark.parametrize(
    ("on", "broken"),
    [
        (date(2026, 3, 11), []),
        (date(2026, 3, 12), ["GZ-001"]),
        (FRIDAY, ["GZ-001"]),
        (date(2026, 3, 15), ["GZ-001"]),  # because nobody works on that weekend: it is not late by a working day
        (MONDAY, ["GZ-002"]),
    ],
)
def test_the_promised_day_comes_near_and_goes(on: date, broken: list[str]) -> None:
    assert numbers(CaseFacts(promised_on=FRIDAY), on) == broken


@pytest.mark.parametrize(
    ("on", "broken"),
    [(FRIDAY, []), (MONDAY, ["GZ-003"]), (TUESDAY, ["GZ-004"]), (date(2026, 6, 1), ["GZ-004"])],
)
def test_a_day_beyond_the_law_is_yellow_and_more_is_red(on: date, broken: list[str]) -> None:
    assert numbers(CaseFacts(statutory_on=FRIDAY), on) == broken


def test_what_ended_in_time_breaks_nothing_however_late_one_looks() -> None:
    assert numbers(CaseFacts(promised_on=FRIDAY, statutory_on=FRIDAY, completed_on=FRIDAY), date(2026, 9, 1)) == []
    assert numbers(CaseFacts(statutory_on=FRIDAY, completed_on=MONDAY), date(2026, 9, 1)) == ["GZ-003"]


def test_holidays_and_weekends_that_are_worked_are_the_calendars() -> None:
    before_spring = date(2026, 2, 13)
    assert late(before_spring, CaseFacts(), date(2026, 2, 14), RULES.calendar) == 1, "a Saturday on which people work"
    assert late(before_spring, CaseFacts(), date(2026, 2, 23), RULES.calendar) == 1, "and then it is the festival"
    assert late(before_spring, CaseFacts(), date(2026, 2, 24), RULES.calendar) == 2


def test_pauses_are_taken_off_once() -> None:
    paused = (Span(date(2026, 3, 9), date(2026, 3, 10)), Span(date(2026, 3, 10), date(2026, 3, 11)))
    case = CaseFacts(statutory_on=FRIDAY, pauses=paused)
    assert late(FRIDAY, case, date(2026, 3, 19), RULES.calendar) == 1
    assert numbers(case, date(2026, 3, 18)) == []
    assert numbers(case, date(2026, 3, 19)) == ["GZ-003"]
    assert numbers(CaseFacts(statutory_on=FRIDAY, pauses=(Span(date(2026, 3, 12)),)), date(2026, 6, 1)) == []


def test_what_happens_more_than_once_counts_each_time() -> None:
    case = CaseFacts(
        refusal_reason="不符合",
        steps_without_opinion=2,
        complaints=(Span(date(2026, 1, 5)), Span(date(2026, 1, 5), date(2026, 1, 20))),
        orders=1,
        dissatisfied=1,
    )
    found = breaches(RULES, case, MONDAY)
    assert [(one.rule.no, one.times) for one in found] == [
        ("GZ-005", 1),
        ("GZ-006", 2),
        ("GZ-007", 1),
        ("GZ-008", 1),
        ("GZ-009", 1),
    ]
    assert score(RULES, found) == Decimal("96.5")


def test_a_year_that_the_calendar_does_not_tell_is_not_guessed() -> None:
    with pytest.raises(UnknownYearError, match="2027"):
        breaches(RULES, CaseFacts(statutory_on=date(2026, 12, 31)), date(2027, 1, 4))


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.dates(date(2026, 1, 1), date(2026, 12, 30)),
    st.integers(0, 30),
)
def test_a_case_never_gets_earlier_and_a_pause_never_makes_it_later(due: date, on: date, pause: int) -> None:
    begin = date(2026, 1, 1)
    plain = CaseFacts(promised_on=due)
    paused = CaseFacts(promised_on=due, pauses=(Span(begin, date.fromordinal(begin.toordinal() + pause)),))
    today, tomorrow = (late(due, plain, date.fromordinal(on.toordinal() + one), RULES.calendar) for one in (0, 1))
    assert today <= tomorrow <= today + 1
    assert late(due, paused, on, RULES.calendar) <= today


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("no: GZ-002", "no: GZ-001", "RULE_TWICE", "rules[1].no"),
        ("from: 2}", "from: 1}", "RULE_OVERLAP", "rules[3].when"),
        ("from: 1, to: 1}", "from: 1, to: 0}", "RULE_EMPTY", "rules[2].when.to"),
        ("points: -1.5", "points: 1.5", "E_VALUE", "rules[3].points"),
        ("kind: ordered", "kind: order", "E_VALUE", "rules[7].when"),
        ("severity: red", "severity: 红牌", "E_VALUE", "rules[3].severity"),
        ("within: 1}", "withn: 1}", "E_KEY_UNKNOWN", "rules[0].when.withn"),
        ('"2026-10-10"]', '"2026-10-09"]', "CALENDAR_DAY", "calendar.2026.on"),
        ("version: 1", "version: 2", "E_VALUE", "version"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, code: str, path: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    (tmp_path / "rules.yaml").write_text(text.replace(old, new, 1), "utf-8")
    faults = load_rules(tmp_path / "rules.yaml")
    assert isinstance(faults, tuple)
    told = {(one.code, one.path) for one in faults}
    assert (code, path) in told, told
    wanted = next(number for number, line in enumerate(text.splitlines(), 1) if old in line)
    assert all(wanted - 2 <= one.at.line <= wanted for one in faults), [str(one.at) for one in faults]
