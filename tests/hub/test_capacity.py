# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is under way is bounded, and a sender is slowed down before it is sent away."""

from contextlib import ExitStack

import pytest

from hub.capacity import Capacity


def test_requests_are_bounded_and_room_comes_back() -> None:
    capacity = Capacity(requests=2)
    with capacity.admitted(10, "a") as first, capacity.admitted(10, "a") as second, capacity.admitted(10, "a") as third:
        assert (first, second) == (None, None)
        assert third is not None
        assert (third.code, third.retry_after) == ("E_BUSY", 1.0)
    with capacity.admitted(10, "a") as again:
        assert again is None


def test_bodies_are_bounded_by_their_bytes() -> None:
    capacity = Capacity(body_bytes=100)
    with capacity.admitted(60, "a"), capacity.admitted(60, "a") as second, capacity.admitted(40, "b") as third:
        assert second is not None
        assert third is None
    assert (capacity.under_way, capacity.bytes_under_way, capacity.bytes_of) == (0, 0, {})


def test_one_sender_leaves_room_for_others_however_many_come() -> None:
    capacity = Capacity(body_bytes=100)
    with ExitStack() as stack:

        def admitted(system: str) -> int:
            """How many bodies of this system are let in before it is told to come again."""
            count = 0
            while stack.enter_context(capacity.admitted(1, system)) is None:
                count += 1
            return count

        assert [admitted(system) for system in ("a", "b", "c", "d")] == [50, 25, 13, 6]
        assert capacity.bytes_under_way < 100


def test_a_body_larger_than_all_the_room_is_let_in_alone() -> None:
    capacity = Capacity(body_bytes=100)
    with capacity.admitted(500, "a") as only, capacity.admitted(1, "a") as other:
        assert only is None
        assert other is not None


@pytest.mark.parametrize(("waiting", "pause"), [(0, 0.0), (800, 0.0), (900, 0.5), (1000, 1.0), (5000, 1.0)])
def test_a_sender_is_slowed_down_as_the_backlog_comes_near_its_bound(waiting: int, pause: float) -> None:
    assert Capacity(backlog=1000, waiting=waiting).pause == pytest.approx(pause)


def test_nothing_is_taken_once_as_much_waits_as_may() -> None:
    capacity = Capacity(backlog=1000, waiting=1000)
    with capacity.admitted(1, "a") as refusal:
        assert refusal is not None
        assert refusal.retry_after == 30.0
    capacity.waiting = 999
    with capacity.admitted(1, "a") as refusal:
        assert refusal is None
