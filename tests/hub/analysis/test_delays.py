# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The time of a delivery is divided up without rest, whatever became of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.analysis.delays import Cause, delays_of
from hub.analysis.hops import Graph, Series
from hub.ports.journal import SampledAttempt, SampledDelivery, SampledMessage, State

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MESSAGE = UUID("01930000-0000-7000-8000-00000000002a")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def delivery(
    *attempts: tuple[State, float, float], state: State = State.DELIVERED, freed: float | None = None,
    held_by: State | None = None, settled: float | None = None,
) -> SampledDelivery:  # fmt: skip
    return SampledDelivery(
        message=MESSAGE,
        destination="housing",
        state=state,
        code="",
        freed_at=None if freed is None else at(freed),
        held_by=held_by,
        settled_at=None if settled is None else at(settled),
        attempts=tuple(SampledAttempt(one, "X", at(start), at(end)) for one, start, end in attempts),
    )


def causes(one: SampledDelivery, now: float) -> dict[str, float]:
    return {cause.value: seconds for cause, seconds in delays_of(one, START, at(now)).seconds.items() if seconds}


FAILED, DONE, TAKEN = State.WAITING, State.DELIVERED, State.ACCEPTED


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (delivery((DONE, 1, 3), settled=3), {"slot": 1, "send": 2}),
        (delivery((DONE, 6, 7), freed=4, settled=7), {"lane": 4, "slot": 2, "send": 1}),
        (delivery((FAILED, 1, 2), (DONE, 7, 8), settled=8), {"slot": 1, "send": 2, "retry": 5}),
        (delivery((FAILED, 1, 2), state=State.WAITING), {"slot": 1, "send": 1, "retry": 98}),
        (delivery((State.DEAD, 1, 2), state=State.DEAD), {"slot": 1, "send": 1, "blocked": 98}),
        (delivery(state=State.WAITING), {"slot": 100}),
        (delivery(state=State.SENDING), {"send": 100}),
        (delivery(state=State.WAITING, held_by=State.DEAD), {"blocked": 100}),
        (delivery(state=State.WAITING, held_by=State.SENDING), {"lane": 100}),
        (delivery((TAKEN, 1, 2), state=State.ACCEPTED), {"slot": 1, "send": 1, "fetch": 98}),
        (delivery((TAKEN, 1, 2), (DONE, 20, 50), settled=50), {"slot": 1, "send": 1, "fetch": 48}),
    ],
)
def test_causes(one: SampledDelivery, expected: dict[str, float]) -> None:
    assert causes(one, 100) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from([FAILED, TAKEN, State.IN_DOUBT]), st.floats(0, 60), st.floats(0, 60)), max_size=6
    ),
    st.sampled_from(list(State)),
    st.none() | st.floats(0, 60),
    st.booleans(),
)
def test_nothing_is_left_over(
    steps: list[tuple[State, float, float]],
    state: State,
    freed: float | None,
    finished: bool,  # noqa: FBT001
) -> None:
    clock, attempts = freed or 0.0, []
    for outcome, pause, length in steps:
        attempts.append((outcome, clock + pause, clock + pause + length))
        clock += pause + length
    now = clock + 10
    one = delivery(*attempts, state=state, freed=freed, settled=clock if finished else None)
    delays = delays_of(one, START, at(now))
    assert sum(delays.seconds.values()) == pytest.approx(clock if finished else now, abs=0.001)


def test_an_estimate_counts_each_sample_for_what_it_stands_for() -> None:
    graph = Graph()
    message = SampledMessage(
        id=MESSAGE, system="portal", contract="c", accepted_at=START, deliveries=(delivery((DONE, 1, 3), settled=3),)
    )
    graph.take([message], at(100), 50.0)
    hop = graph.hops["housing"]
    assert (graph.messages, graph.sampled, graph.edges) == (50.0, 1, {("portal", "c", "housing"): 50.0})
    assert (hop.deliveries, hop.causes[Cause.SEND].total, hop.sends.values) == (50.0, 100.0, [2.0])


def test_the_examples_are_those_that_took_longest() -> None:
    series = Series()
    for n in range(100):
        series.add(float(n % 37), 1.0, UUID(int=n))
    assert [one.int for one in series.examples] == [36, 73, 35, 72, 34]
    assert (series.percentile(50), series.percentile(100)) == (16.0, 36.0)
