# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When people are left alone."""

from datetime import datetime
from typing import Any

import pytest

from contracts.legal_clock.calendar import published
from hub.processors.message_platform.config import Talking
from hub.processors.message_platform.quiet import quiet_until

USUAL: dict[str, Any] = {}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("moment", "until", "changes"),
    [
        ("2026-03-03T08:00:00", None, USUAL),
        ("2026-03-03T20:59:59", None, USUAL),
        ("2026-03-03T21:00:00", "2026-03-04T08:00:00", USUAL),
        ("2026-03-03T07:59:59", "2026-03-03T08:00:00", USUAL),
        # A Friday evening: the next day is none of work, so its hours begin later.
        ("2026-03-06T22:00:00", "2026-03-07T09:00:00", USUAL),
        # A Saturday that is worked on (调休): 2026-10-10.
        ("2026-10-10T08:30:00", None, USUAL),
        ("2026-10-10T08:30:00", "2026-10-10T09:00:00", {"made_free": ["2026-10-10"]}),
        ("2026-03-07T08:30:00", None, {"made_working": ["2026-03-07"]}),
        # Nothing on free days: over the week-end to Monday.
        ("2026-03-06T22:00:00", "2026-03-09T08:00:00", {"other_days": None}),
        # A year that nobody has published: by the day of the week.
        ("2031-03-04T08:30:00", None, USUAL),
        ("2031-03-08T08:30:00", "2031-03-08T09:00:00", USUAL),
    ],
)
def test_the_hours_of_the_day_it_is(moment: str, until: str | None, changes: dict[str, Any]) -> None:
    talking = Talking.model_validate(changes)
    assert quiet_until(talking, at(moment), published()) == (None if until is None else at(until))


def test_the_clock_is_that_of_beijing_wherever_the_hub_is() -> None:
    assert quiet_until(Talking(), datetime.fromisoformat("2026-03-03T00:00:00+00:00"), published()) is None
    assert quiet_until(Talking(), datetime.fromisoformat("2026-03-03T13:00:00+00:00"), published()) is not None


def test_no_hours_at_all_hold_for_long_and_not_for_ever() -> None:
    never = Talking(working_days=None, other_days=None)
    held = quiet_until(never, at("2026-03-03T12:00:00"), published())
    assert held is not None
    assert (held - at("2026-03-03T12:00:00")).days == 40
