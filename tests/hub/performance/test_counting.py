# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one case adds: by its own days, its pauses, and the calendar of the deployment."""

from datetime import date
from typing import Any

import pytest

from contracts.legal_clock.deadlines import YearUnknown
from contracts.legal_clock.green_channel import GreenChannel
from contracts.supervision.calendar import YearOfDays
from hub.legal_clock import LegalClock
from hub.performance.counting import Counted, Counts, count
from hub.performance.period import Period

ITEM, MARKET = "1151050200000000084000131014000", "115105020000000008"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
CLOCK = LegalClock(calendar={2026: YearOfDays()})


def accepted(day: str = "2026-03-02", promised: str | None = "2026-03-06", **more: Any) -> tuple[str, dict[str, Any]]:
    data = {
        "case_no": "c-1", "item_code": ITEM, "item_name": "测试事项", "department_code": MARKET, "decision": "accepted",
        "department_name": "示例局（测试）", "decided_at": f"{day}T10:00:00+08:00", "promised_on": promised, **more,
    }  # fmt: skip
    return "cn.gov.acceptance.decided", data


def completed(day: str = "2026-03-05", **more: Any) -> tuple[str, dict[str, Any]]:
    data = {"case_no": "c-1", "result": "permitted", "completed_at": f"{day}T10:00:00+08:00", **more}
    return "cn.gov.completion.decided", data


def warned(number: str, severity: str, day: str) -> tuple[str, dict[str, Any]]:
    said = {"case_no": "c-1", "supervision_no": number, "severity": severity, "occurred_at": f"{day}T00:05:00+08:00"}
    return "cn.gov.supervision.warned", {**said, "department_code": MARKET, "item_code": ITEM}


def counts(*told: tuple[str, dict[str, Any]], clock: LegalClock = CLOCK) -> Counts | None:
    found = count(told, clock, MARCH)
    assert not isinstance(found, YearUnknown)
    return None if found is None else found.counts


def test_a_case_that_is_closed_in_time() -> None:
    found = count([accepted(), completed()], CLOCK, MARCH)
    assert found == Counted(
        MARKET, "示例局（测试）", ITEM, "测试事项",
        Counts(
            accepted=1, completed=1, on_time=1, early=1, statutory_on_time=1, timed=1, working_days=3, promised=1, promised_days=4
        ),
    )  # fmt: skip


def test_a_case_that_is_late_and_what_was_said_of_that() -> None:
    told = [
        accepted(statutory_on="2026-03-09"),
        completed("2026-03-10"),
        warned("W-1", "yellow", "2026-03-09"),
        warned("W-1", "yellow", "2026-03-09"),
        warned("W-2", "red", "2026-03-10"),
        warned("W-3", "notice", "2026-04-01"),
        ("cn.gov.supervision.ordered", {"order_no": "O-1", "ordered_at": "2026-03-10T00:05:00+08:00"}),
    ]
    found = counts(*told)
    assert found is not None
    assert (found.on_time, found.overdue, found.statutory_on_time) == (0, 1, 0)
    assert (found.warned, found.yellow, found.red, found.ordered) == (2, 1, 1, 1)
    assert (found.working_days, found.promised_days) == (6, 4)


def test_each_thing_counts_in_the_period_in_which_it_happened() -> None:
    assert counts(accepted("2026-02-27"), completed("2026-04-01")) is None
    first, last = counts(accepted("2026-02-27"), completed()), counts(accepted(), completed("2026-04-01"))
    assert first is not None
    assert last is not None
    assert (first.accepted, first.completed, last.accepted, last.completed) == (0, 1, 1, 0)


def test_pauses_count_neither_as_days_taken_nor_as_late() -> None:
    special = {"special_no": "T-1", "kind": "2", "approved_by": "测试负责人己"}
    told = [
        accepted(),
        ("cn.gov.special.started", {**special, "started_at": "2026-03-04T09:00:00+08:00"}),
        ("cn.gov.special.ended", {"special_no": "T-1", "ended_at": "2026-03-09T17:00:00+08:00"}),
        completed("2026-03-11"),
    ]
    found = counts(*told)
    assert found is not None
    assert (found.on_time, found.working_days, found.promised_days) == (1, 3, 4)


def test_the_green_channel_s_promise_is_what_counts() -> None:
    green = LegalClock(calendar=CLOCK.calendar, green=GreenChannel(0.5, {ITEM: 2}))
    found = counts(accepted(), completed(), clock=green)
    assert found is not None
    assert (found.on_time, found.overdue, found.promised_days) == (0, 1, 2)


def test_a_completion_without_an_acceptance_is_on_time_and_has_no_days() -> None:
    found = counts(completed(department_code=MARKET, item_code=ITEM))
    assert found == Counts(completed=1, on_time=1, statutory_on_time=1)


def test_a_corrected_record_takes_the_place_of_the_one_before() -> None:
    found = counts(accepted(), completed("2026-03-10", record_version=1), completed("2026-03-05", record_version=2))
    assert found is not None
    assert (found.completed, found.on_time) == (1, 1)


def test_a_year_that_nobody_told_is_told() -> None:
    told = [accepted("2026-03-02", promised="2027-01-08"), completed()]
    assert count(told, CLOCK, MARCH) == YearUnknown(2027)


@pytest.mark.parametrize("told", [[], [accepted(decision="refused")]])
def test_nothing_adds_nothing(told: list[tuple[str, dict[str, Any]]]) -> None:
    assert count(told, CLOCK, MARCH) is None
