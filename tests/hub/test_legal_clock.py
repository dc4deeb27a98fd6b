# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's clock: what the green channel makes of promises, and that the law's periods stay as they are."""

from datetime import date, datetime

import pytest

from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import Limit, Reckoned, YearUnknown
from contracts.legal_clock.facts import Facts
from hub.config.green_channel import GreenChannelSection
from hub.config.legal_clock import LegalClockSection
from hub.legal_clock import LegalClock

ITEM = "1151050200000000084000131014000"
MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 3, 12, tzinfo=BEIJING)
SECTION = LegalClockSection(promised_working_days=10, statutory_working_days=20)


def clock(**item: int) -> LegalClock:
    return LegalClock.of(SECTION, GreenChannelSection.model_validate({"share": 0.5, "items": {ITEM: item}}))


def due(which: LegalClock, limit: Limit, **facts: object) -> date | None:
    reckoned = which.reckon(Facts(accepted_on=MONDAY, item=ITEM, **facts), NOON)  # type: ignore[arg-type]  # because each names a field
    assert isinstance(reckoned, Reckoned)
    found = reckoned.of(limit)
    return None if found is None else found.due


@pytest.mark.parametrize("told", [None, date(2026, 3, 13)])
def test_a_promise_becomes_the_item_s_own_number(told: date | None) -> None:
    assert due(clock(promised_working_days=4), Limit.PROMISED, promised_on=told) == date(2026, 3, 6)


def test_a_promise_that_is_shorter_stays() -> None:
    assert due(clock(promised_working_days=4), Limit.PROMISED, promised_on=date(2026, 3, 4)) == date(2026, 3, 4)


def test_without_a_number_the_hub_s_own_period_is_shortened_and_what_a_department_told_is_not() -> None:
    assert due(clock(), Limit.PROMISED) == date(2026, 3, 9)
    assert due(clock(), Limit.PROMISED, promised_on=date(2026, 3, 13)) == date(2026, 3, 13)


def test_what_the_law_gives_is_never_shortened() -> None:
    assert due(clock(promised_working_days=4), Limit.STATUTORY) == due(LegalClock.of(SECTION), Limit.STATUTORY)


def test_a_year_that_nobody_told_is_told() -> None:
    bound = clock(promised_working_days=366)
    assert isinstance(bound.reckon(Facts(accepted_on=date(2040, 1, 2), item=ITEM), NOON), YearUnknown)
    assert bound.last_day(datetime(2040, 1, 2, 9, tzinfo=BEIJING), 3) == YearUnknown(2040)
