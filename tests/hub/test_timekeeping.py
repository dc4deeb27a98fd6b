# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The wall clock is watched: jumps and differences are told, and slow answers are not taken for wrong clocks."""

from datetime import datetime, timedelta

import pytest

from hub.ports.clock import SystemClock
from hub.timekeeping import DATABASE, TIMESTAMPS, TOLD_FOR, ClockWatch
from tests.hub.api.house import capturing


class TwoHands(SystemClock):
    """A clock whose wall and monotonic hands the test moves."""

    def __init__(self) -> None:
        self.moment, self.steady = super().now(), 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.steady


class Shop:
    """A watch, and what it logs."""

    def __init__(self) -> None:
        self.clock = TwoHands()
        self.watch = ClockWatch(self.clock)
        self.capture, self.log = capturing()
        self.watch.tick(self.log)

    def pass_by(self, seconds: float, *, wall: float | None = None) -> None:
        self.clock.steady += seconds
        self.clock.moment += timedelta(seconds=seconds if wall is None else wall)
        self.watch.tick(self.log)

    def told(self) -> list[str]:
        return [one.reason for one in self.watch.conditions()]


@pytest.mark.parametrize(
    ("wall", "words"), [(601.0, "600 s forwards"), (-599.0, "600 s backwards"), (4.0, "3 s forwards")]
)
def test_a_jump_is_told_for_a_while_and_logged_once(wall: float, words: str) -> None:
    shop = Shop()
    shop.pass_by(1)
    assert shop.told() == []
    shop.pass_by(1, wall=wall)
    assert shop.told() == [f"the machine's clock jumped {words}"]
    shop.pass_by(TOLD_FOR - 2)
    assert len(shop.told()) == 1
    shop.pass_by(3)
    assert shop.told() == []
    assert [call.kwargs["event"] for call in shop.capture.calls] == ["clock jumped"]


@pytest.mark.parametrize("slew", [0.9995, 1.0005])
def test_a_clock_that_is_slewed_does_not_jump(slew: float) -> None:
    shop = Shop()
    for _ in range(1000):
        shop.pass_by(1, wall=slew)
    assert shop.told() == []


def test_a_pause_of_the_process_is_no_jump() -> None:
    shop = Shop()
    shop.pass_by(3600)
    assert shop.told() == []


@pytest.mark.parametrize(("theirs", "words"), [(-60, "60 s ahead of"), (60, "60 s behind")])
def test_who_has_another_time_is_told(theirs: float, words: str) -> None:
    shop = Shop()
    for whose in (DATABASE, TIMESTAMPS):
        shop.watch.heard(whose, shop.clock.moment + timedelta(seconds=theirs), shop.watch.moment())
    assert shop.told() == [
        f"the machine's clock is {words} that of {whose}" for whose in sorted((DATABASE, TIMESTAMPS))
    ]
    shop.watch.heard(DATABASE, shop.clock.moment, shop.watch.moment())
    assert len(shop.told()) == 1


def test_an_answer_that_took_long_proves_nothing() -> None:
    """Ten seconds under way: the far clock may have been read at any moment of them."""
    shop = Shop()
    asked = shop.watch.moment()
    shop.pass_by(10)
    for theirs in (0, 5, 10):
        shop.watch.heard(DATABASE, asked[0] + timedelta(seconds=theirs), asked)
        assert shop.told() == []
    shop.watch.heard(DATABASE, asked[0] + timedelta(seconds=15), asked)
    assert shop.told() == [f"the machine's clock is 5 s behind that of {DATABASE}"]


def test_an_answer_over_a_jump_proves_nothing_either() -> None:
    shop = Shop()
    asked = shop.watch.moment()
    shop.pass_by(1, wall=600)
    shop.watch.heard(DATABASE, asked[0], asked)
    assert shop.watch.offsets() == {}


def test_what_was_heard_long_ago_counts_no_more() -> None:
    shop = Shop()
    shop.watch.heard(TIMESTAMPS, shop.clock.moment + timedelta(seconds=60), shop.watch.moment())
    shop.pass_by(3601)
    assert shop.told() == []
