# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Ids grow whatever the clock does, and are UUIDv7 by the letter of RFC 9562."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds, first_of, moment_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class HandClock(SystemClock):
    """Shows what it is told."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def millis_of(identifier: uuid.UUID) -> int:
    return int.from_bytes(identifier.bytes[:6], "big")


def test_version_variant_and_time_are_where_the_standard_wants_them() -> None:
    made = TimeOrderedIds(HandClock()).new()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert millis_of(made) == int(START.timestamp() * 1000)


def test_golden() -> None:
    """RFC 9562 appendix A.6: its timestamp, a counter of nothing, and bits that are all ones."""
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    ids = TimeOrderedIds(HandClock(moment), entropy=lambda size: b"\xff" * size)
    assert str(ids.new()) == "017f22e2-79b0-7000-bfff-ffffffffffff"
    assert str(ids.new()) == "017f22e2-79b0-7001-bfff-ffffffffffff"


def test_a_clock_that_stands_still_gives_growing_ids() -> None:
    """Also beyond the 4,096 that one millisecond has room for, and with bits that could not be less lucky."""
    ids = TimeOrderedIds(HandClock(), entropy=lambda size: (b"\xff" * 8 + b"\x00" * 8) * (size // 16))
    made = [ids.new() for _ in range(10_000)]
    assert all(a < b for a, b in pairwise(made))
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert millis_of(made[4095]) == millis_of(made[0])
    assert millis_of(made[4096]) == millis_of(made[0]) + 1


def test_a_clock_that_steps_back_gives_growing_ids() -> None:
    clock = HandClock()
    ids = TimeOrderedIds(clock)
    before = ids.new()
    clock.moment -= timedelta(days=365)
    during = [ids.new() for _ in range(5000)]
    clock.moment = START + timedelta(hours=1)
    after = ids.new()
    assert all(a < b for a, b in pairwise([before, *during, after]))
    assert millis_of(after) == int(clock.moment.timestamp() * 1000)


@given(st.lists(st.integers(-(10**7), 10**7), min_size=2, max_size=200))
def test_any_walk_of_the_clock_gives_growing_ids(steps: list[int]) -> None:
    clock = HandClock()
    ids = TimeOrderedIds(clock)
    made = []
    for step in steps:
        clock.moment += timedelta(milliseconds=step)
        made.append(ids.new())
    assert all(a < b for a, b in pairwise(made))


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # because hypothesis wants its bounds naive
def test_the_bound_of_a_moment_is_below_its_ids_and_above_those_before(moment: datetime) -> None:
    clock = HandClock(moment - timedelta(milliseconds=1))
    ids = TimeOrderedIds(clock)
    earlier = ids.new()
    clock.moment = moment
    assert earlier < first_of(moment) <= ids.new()


def test_an_id_tells_when_it_was_made() -> None:
    moment = START + timedelta(milliseconds=123)
    assert moment_of(TimeOrderedIds(HandClock(moment)).new()) == moment.timestamp()
    assert moment_of(first_of(moment)) == moment.timestamp()


def test_two_makers_do_not_agree() -> None:
    one, two = (TimeOrderedIds(HandClock()) for _ in range(2))
    assert one.new() != two.new()
