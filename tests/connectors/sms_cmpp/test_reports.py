# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Status reports of both lengths, and numbers without a year."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import Delivered, Rejected, Unavailable
from connectors.sdk.sms.reports import BEIJING
from connectors.sms_cmpp.msg_id import msg_id, reference, submitted_on
from connectors.sms_cmpp.report import Report, outcome_of, report_of, written
from connectors.sms_cmpp.results import login_refused, refusal

MESSAGE_ID = 12878564852733378560
"""5 November, 14:29:42, gateway 1, sequence 0; from the tests of gocmpp."""
REPORT = Report(MESSAGE_ID, "DELIVRD", "2611051342", "2611051343", "13800000000", 7)


@pytest.mark.parametrize("octets", [60, 71])
def test_both_lengths_are_the_same_report(octets: int) -> None:
    content = written(REPORT, octets)
    assert len(content) == octets
    assert report_of(content) == REPORT


@given(st.binary(max_size=120))
def test_whatever_comes_is_a_report_or_none(content: bytes) -> None:
    found = report_of(content)
    assert (found is not None) == (len(content) in {60, 71})


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("DELIVRD", Delivered),
        ("ACCEPTD", Delivered),
        ("EXPIRED", "REPORT_EXPIRED"),
        ("UNDELIV", "REPORT_UNDELIV"),
        ("UNKNOWN", "REPORT_UNKNOWN"),
        ("MA:0054", "REPORT_MA_0054"),
    ],
)
def test_states_are_outcomes(state: str, outcome: object) -> None:
    read = report_of(written(Report(1, state, "", "", "", 0)))
    assert read is not None
    told = outcome_of(read)
    if isinstance(outcome, str):
        assert isinstance(told, Rejected)
        assert told.code == outcome
        assert " / " in told.detail
    else:
        assert isinstance(told, Delivered)
        assert told.receipt


def test_a_number_says_when_it_was_made() -> None:
    assert msg_id(datetime(2015, 11, 5, 14, 29, 42, tzinfo=BEIJING), 1, 0) == MESSAGE_ID
    assert submitted_on(MESSAGE_ID, date(2026, 11, 6)) == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("made", "seen", "year"),
    [
        ((12, 31), date(2027, 1, 1), 2026),
        ((1, 1), date(2026, 12, 31), 2027),
        ((6, 1), date(2026, 6, 3), 2026),
        ((2, 29), date(2028, 3, 1), 2028),
    ],
)
def test_around_new_year_the_year_is_the_nearest(made: tuple[int, int], seen: date, year: int) -> None:
    number = msg_id(datetime(2024, *made, 23, 59, tzinfo=BEIJING), 1, 1)
    assert submitted_on(number, seen) == date(year, *made)


@given(st.integers(0, 2**64 - 1), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_any_number_has_a_reference(number: int, today: date) -> None:
    assert reference("900001", number, today).endswith(f"{number:016x}")


@given(st.dates(date(2024, 1, 1), date(2060, 1, 1)), st.integers(0, 4))
def test_the_report_of_some_days_later_has_the_same_reference(made: date, days: int) -> None:
    number = msg_id(datetime.combine(made, time(12), BEIJING), 5, 9)
    later = date.fromordinal(made.toordinal() + days)
    assert reference("900001", number, made) == reference("900001", number, later)


def test_the_same_number_a_year_later_is_another_message() -> None:
    assert reference("900001", MESSAGE_ID, date(2026, 11, 5)) != reference("900001", MESSAGE_ID, date(2027, 11, 5))


@pytest.mark.parametrize("result", [*range(1, 14), 99, 100, 199, 255])
def test_every_result_has_an_outcome_with_a_remedy(result: int) -> None:
    told = refusal(result, 2.5, frozenset())
    if result in {3, 8}:
        assert isinstance(told, Unavailable)
        assert told.reason.startswith(f"CMPP_{result}: ")
        assert (told.retry_after == 2.5) == (result == 8)
    else:
        assert isinstance(told, Rejected)
        assert told.code == f"CMPP_{result}"
        assert " / " in told.detail


def test_results_that_pass_by_agreement() -> None:
    assert isinstance(refusal(101, 1, frozenset({101})), Unavailable)
    assert isinstance(refusal(102, 1, frozenset({101})), Rejected)


@pytest.mark.parametrize("status", range(1, 8))
def test_a_refused_login_waits_for_the_operator(status: int) -> None:
    assert login_refused(status).reason.startswith(f"LOGIN_{status}: ")
