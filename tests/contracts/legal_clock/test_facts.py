# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What records say about periods, in any order."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from contracts.codes import PeriodUnit
from contracts.legal_clock.facts import Facts, Pause, Period, facts_of
from contracts.lifecycle.message import READINGS, Kind, message_of
from contracts.lifecycle.record import Record, record_of


def _record(contract: str, **data: Any) -> Record:
    record = record_of(f"cn.gov.{contract}", {"case_no": "510500-20260302-000001", **data})
    assert record is not None
    return record


ACCEPTED = _record(
    "acceptance.decided", decision="accepted", decided_at="2026-03-03T10:00:00+08:00", promised_on="2026-03-13",
    statutory_on="2026-03-31", item_code="1151050200000000084000131014000", handler="测试经办人丁",
)  # fmt: skip
REVIEW = _record(
    "special.started", special_no="1", kind="2", started_at="2026-03-05T09:00:00+08:00", approved_by="测试负责人己"
)
REVIEWED = _record("special.ended", special_no="1", ended_at="2026-03-09T17:00:00+08:00")
LONGER = _record(
    "special.started", special_no="2", kind="1", started_at="2026-03-10T09:00:00+08:00", approved_by="测试负责人己",
    period=10, period_unit="working_day",
)  # fmt: skip
ASKED = _record("correction.requested", correction_no="1", requested_at="2026-03-11T09:00:00+08:00")
SUPPLIED = _record("correction.supplied", correction_no="1", supplied_at="2026-03-12T09:00:00+08:00")
CLOSED = _record("completion.decided", result="permitted", completed_at="2026-03-20T09:00:00+08:00")

WHOLE = Facts(
    accepted_on=date(2026, 3, 3),
    promised_on=date(2026, 3, 13),
    statutory_on=date(2026, 3, 31),
    item="1151050200000000084000131014000",
    pauses=(Pause(date(2026, 3, 5), date(2026, 3, 9), "1"), Pause(date(2026, 3, 11), date(2026, 3, 12))),
    extensions=(Period(10, PeriodUnit.WORKING_DAY),),
    stopped_on=date(2026, 3, 20),
)


def test_a_whole_case_in_any_order() -> None:
    told = {facts_of(order) for order in permutations((ACCEPTED, REVIEW, REVIEWED, LONGER, ASKED, SUPPLIED, CLOSED))}
    assert told == {WHOLE}


def test_a_record_that_nobody_approved_counts_for_nothing_unless_that_is_presumed() -> None:
    quiet = [
        _record("special.started", special_no="1", kind="2", started_at="2026-03-05T09:00:00+08:00"),
        _record(
            "special.started",
            special_no="2",
            kind="1",
            started_at="2026-03-06T09:00:00+08:00",
            period=5,
            period_unit="day",
        ),
    ]
    strict = facts_of([ACCEPTED, *quiet])
    assert (strict.pauses, strict.extensions, strict.unapproved) == ((), (), ("1", "2"))
    trusting = facts_of([ACCEPTED, *quiet], presumed=True)
    assert (len(trusting.pauses), len(trusting.extensions), trusting.unapproved) == (1, 1, ("1", "2"))


def test_a_correction_replaces_what_it_corrects_whichever_came_first() -> None:
    corrected = _record(
        "acceptance.decided", decision="accepted", decided_at="2026-03-04T10:00:00+08:00", promised_on="2026-03-18",
        record_version=2,
    )  # fmt: skip
    for order in permutations((ACCEPTED, corrected)):
        assert facts_of(order) == Facts(accepted_on=date(2026, 3, 4), promised_on=date(2026, 3, 18))


def test_a_case_that_is_refused_has_no_clock() -> None:
    refused = _record("acceptance.decided", decision="refused", decided_at="2026-03-03T10:00:00+08:00")
    assert facts_of([refused]) == Facts()


def test_a_pause_without_an_end_is_open() -> None:
    assert facts_of([ACCEPTED, REVIEW]).pauses == (Pause(date(2026, 3, 5), None, "1"),)


def test_what_was_asked_before_the_acceptance_pauses_nothing() -> None:
    before = _record("correction.requested", correction_no="0", requested_at="2026-03-02T09:00:00+08:00")
    assert facts_of([ACCEPTED, before]).pauses == ()


def test_a_licence_shows_that_the_case_was_closed() -> None:
    licence = _record("licence.issued", licence_no="JY00000000000000", issued_on="2026-03-19")
    assert facts_of([ACCEPTED, licence]).stopped_on == date(2026, 3, 19)


def test_what_is_kept_of_a_record_names_nobody_and_says_the_same_of_the_life_of_its_case() -> None:
    data = {
        "case_no": "510500-20260302-000001", "special_no": "2", "kind": "1", "kind_name": "延长审批", "reason": "案情复杂",
        "approved_by": "测试负责人己", "requested_by": "测试经办人丁", "started_at": "2026-03-05T09:00:00+08:00",
        "period": 10, "period_unit": "working_day",
    }  # fmt: skip
    record = record_of("cn.gov.special.started", data)
    assert record is not None
    assert record.message == message_of("cn.gov.special.started", data)
    assert "测试" not in str(record)
    assert "案情" not in str(record)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_kept(kind: Kind) -> None:
    at = READINGS[kind].at
    record = record_of(kind.value, {at: "2026-03-05T09:00:00+08:00", "note": "x"})
    assert record is not None
    assert dict(record.gist).keys() <= {at, "approved_by"}


def test_other_contracts_say_nothing() -> None:
    assert record_of("cn.gov.notice.requested", {"case_no": "1"}) is None
