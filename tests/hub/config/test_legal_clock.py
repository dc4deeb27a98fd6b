# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The section ``legal_clock``: a year that nobody told is an error at its line, never a guess."""

from datetime import date
from pathlib import Path

import pytest

from contracts.fault import Fault
from contracts.legal_clock.calendar import published
from contracts.supervision.calendar import is_working
from hub.config.load import Loaded, load_deployment
from hub.legal_clock import LegalClock

CONFIG = """\
systems: {housing: {}}
destinations:
  housing: {system: housing, connector: mailbox}
"""
LAST = max(published())


def load(folder: Path, section: str, today: date) -> Loaded | tuple[Fault, ...]:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    (folder / "govhub.yaml").write_text(f"{CONFIG}legal_clock: {section}\n")
    return load_deployment(folder / "govhub.yaml", today=today)


def codes(told: Loaded | tuple[Fault, ...]) -> list[tuple[str, str]]:
    faults = told.warnings if isinstance(told, Loaded) else told
    return [(one.code, one.severity) for one in faults if one.code.startswith("CALENDAR")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(LAST, 3, 3), []),
        (date(LAST, 10, 31), []),
        (date(LAST, 11, 1), [("CALENDAR_YEAR_UNKNOWN", "warning")]),
        (date(LAST, 12, 1), [("CALENDAR_YEAR_UNKNOWN", "error")]),
        (date(LAST + 1, 1, 1), [("CALENDAR_YEAR_UNKNOWN", "error")]),
    ],
)
def test_an_unknown_year_is_told_in_time(tmp_path: Path, today: date, expected: list[tuple[str, str]]) -> None:
    told = load(tmp_path, "{}", today)
    assert codes(told) == expected
    assert isinstance(told, Loaded) == (("CALENDAR_YEAR_UNKNOWN", "error") not in expected)
    if not isinstance(told, Loaded):
        assert {(one.at.line, str(LAST + 1) in one.remedy.zh) for one in told} == {(4, True)}


def test_a_year_of_the_sites_own_answers_it(tmp_path: Path) -> None:
    new_year = date(LAST + 1, 1, 1)
    section = f'{{closes: "18:00", approval: presumed, statutory_working_days: 20, years: {{{LAST + 1}: {{off: [{new_year}]}}}}}}'
    told = load(tmp_path, section, date(LAST, 12, 1))
    assert isinstance(told, Loaded), told
    clock = LegalClock.of(told.deployment.legal_clock)
    assert not is_working(new_year, clock.calendar)
    assert (clock.closes.hour, clock.presumed, clock.lengths.statutory is not None) == (18, True, True)


RECKONING = """\
systems: {housing: {}, packages: {sends: ["*"]}}
destinations:
  housing: {system: housing, connector: mailbox}
  packages:
    system: packages
    connector: package
    settings: {items: {"1": {department_code: "115105020000000008", promised_days: DAYS}}}
"""


@pytest.mark.parametrize(
    ("days", "today", "expected"),
    [
        ("5", date(LAST, 10, 31), []),
        ("5", date(LAST, 11, 1), ["CALENDAR_YEAR_UNKNOWN"]),
        ("5", date(LAST + 1, 3, 3), ["CALENDAR_YEAR_UNKNOWN"]),
        ("null", date(LAST + 1, 3, 3), []),
    ],
)
def test_processors_that_reckon_are_told_of_an_unknown_year_without_the_section(
    tmp_path: Path, days: str, today: date, expected: list[str]
) -> None:
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    (tmp_path / "govhub.yaml").write_text(RECKONING.replace("DAYS", days))
    told = load_deployment(tmp_path / "govhub.yaml", today=today)
    assert isinstance(told, Loaded), told
    assert [code for code, severity in codes(told) if severity == "warning"] == expected


@pytest.mark.parametrize("days", ["{off: [2025-03-03], on: [2025-03-03]}", "{off: [2024-03-04]}"])
def test_days_that_cannot_be_meant(tmp_path: Path, days: str) -> None:
    told = load(tmp_path, f"{{years: {{2025: {days}}}}}", date(LAST, 3, 3))
    assert codes(told) == [("CALENDAR_DAY_MISPLACED", "error")]


@pytest.mark.parametrize(
    "section", ['{closes: "25:00"}', "{approval: maybe}", "{years: {1999: {}}}", "{statutory_working_days: 0}"]
)
def test_other_nonsense_is_told_with_its_line(tmp_path: Path, section: str) -> None:
    told = load(tmp_path, section, date(LAST, 3, 3))
    assert not isinstance(told, Loaded)
    assert [one.at.line for one in told] == [4]
