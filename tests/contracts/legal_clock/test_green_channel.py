# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The green channel: one rule for every limit, and nothing of it for items that are not in it."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.legal_clock.green_channel import GreenChannel

FOOD, FIRE = "1151050200000000084000131014000", "1151050200000002704000000000000"
CHANNEL = GreenChannel(0.5, {FOOD: 4, "115105020000000270*": None, "1151*": 9})
BEGUN = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(("days", "left"), [(1, 1), (2, 1), (3, 2), (8, 4), (9, 5)])
def test_working_days_are_rounded_up_and_never_none(days: int, left: int) -> None:
    assert CHANNEL.working_days(FOOD, days) == left
    assert CHANNEL.working_days("9999", days) == days


def test_a_span_keeps_its_share() -> None:
    due = BEGUN + timedelta(hours=8)
    assert CHANNEL.until(FOOD, BEGUN, due) == BEGUN + timedelta(hours=4)
    assert CHANNEL.until(None, BEGUN, due) == due


@pytest.mark.parametrize(
    ("item", "days", "promised"),
    [
        (FOOD, 8, 4),
        (FOOD, 3, 3),
        (FOOD, None, 4),
        (FIRE, 8, 4),
        (FIRE, None, None),
        ("9999", 8, 8),
        ("9999", None, None),
    ],
)
def test_the_promise_is_the_item_s_own_number_or_a_share(item: str, days: int | None, promised: int | None) -> None:
    assert CHANNEL.promised_days(item, days) == promised


@pytest.mark.parametrize(("item", "own"), [(FOOD, 4), (FIRE, None), ("1151999", 9), ("9999", None)])
def test_the_longest_beginning_that_fits_counts(item: str, own: int | None) -> None:
    assert CHANNEL.own_days(item) == own
    assert CHANNEL.has(item) is (item != "9999")
