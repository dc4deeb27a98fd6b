# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Windows of the day and a rate: what has no turn waits, and what has one is neither early nor more than agreed."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from hub.config.recovery import PaceSection
from hub.pace import Pace, PacedSlots, Window

NIGHT, DAY = Window(time(22), time(6)), Window(time(9, 30), time(12))


class FakeClock:
    """Time that passes by sleeping alone; it begins at a moment of Beijing's day."""

    def __init__(self, hour: int, minute: int = 0) -> None:
        self._begun = datetime(2026, 3, 2, hour, minute, tzinfo=UTC) - timedelta(hours=8)
        self.slept = 0.0

    def now(self) -> datetime:
        return self._begun + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.mark.parametrize(
    ("window", "hour", "minute", "wait"),
    [
        (NIGHT, 23, 0, 0),
        (NIGHT, 5, 59, 0),
        (NIGHT, 6, 0, 16 * 3600),
        (NIGHT, 21, 59, 60),
        (DAY, 9, 30, 0),
        (DAY, 9, 29, 60),
        (DAY, 12, 0, 21.5 * 3600),
        (Window(time(0), time(0)), 13, 0, 0),
    ],
)
def test_how_long_until_a_window_opens(window: Window, hour: int, minute: int, wait: float) -> None:
    assert window.wait(FakeClock(hour, minute).now()) == wait


async def test_outside_its_windows_nobody_has_a_turn_and_nobody_is_hurried() -> None:
    clock = FakeClock(12)
    assert await Pace(clock, windows=(NIGHT,)).turn(10) is False
    assert clock.slept == 10


async def test_a_window_that_opens_soon_is_waited_for() -> None:
    clock = FakeClock(21, 59)
    assert await Pace(clock, windows=(DAY, NIGHT)).turn(90) is True
    assert clock.slept == 60


async def test_turns_are_as_far_apart_as_agreed() -> None:
    clock = FakeClock(12)
    pace = Pace(clock, per_second=4)
    moments = []
    for _ in range(9):
        assert await pace.turn(10)
        moments.append(clock.slept)
    assert moments == [number * 0.25 for number in range(9)]


async def test_a_turn_that_is_too_far_away_is_none_and_costs_the_others_nothing() -> None:
    clock = FakeClock(12)
    pace = Pace(clock, per_second=0.1)
    assert await pace.turn(5)
    assert not await pace.turn(5)
    assert await pace.turn(5)
    assert clock.slept == 10


async def test_a_slot_without_a_turn_is_not_taken() -> None:
    clock = FakeClock(12)
    slots = PacedSlots(1, Pace(clock, per_second=0.1))
    first = await slots.take(5)
    assert first is not None
    first.release()
    assert await slots.take(5) is None
    assert await slots.take(5) is not None


async def test_without_a_pace_nothing_waits() -> None:
    clock = FakeClock(12)
    assert await Pace(clock).turn(0)
    assert clock.slept == 0


@pytest.mark.parametrize("window", ["22:00", "24:00-06:00", "22:60-06:00", "22:00-6:00", "a-b", ""])
def test_a_window_that_is_none_is_refused(window: str) -> None:
    with pytest.raises(ValidationError):
        PaceSection.model_validate({"windows": [window]})
    assert PaceSection.model_validate({"windows": ["22:00-06:00"], "per_second": 5}).per_second == 5


async def test_who_waits_for_a_turn_goes_away_when_the_hub_stops() -> None:
    class Endless(FakeClock):
        """A clock on which nobody wakes."""

        async def sleep(self, seconds: float) -> None:
            asyncio.get_running_loop().call_soon(slots.stop)
            await asyncio.Event().wait()

    slots = PacedSlots(1, Pace(Endless(12), windows=(NIGHT,)))
    async with asyncio.timeout(10):
        assert await slots.take(3600) is None
    free = PacedSlots(1, Pace(FakeClock(12)))
    free.stop()
    assert await free.take(1) is not None, "what needs no turn is sent to its end"
