# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The ramp of a replay: small steps first, each after the outcomes of the one before, and an end to it by itself."""

from hypothesis import given
from hypothesis import strategies as st

from hub.ports.journal import Finish, Pace, Progress, Release, Stop, Wait
from hub.ramp import STEPS, decide

FAST = Pace(rate=1000, tolerance=0.1)


def progress(**changes: int) -> Progress:
    plain = {"step": 0, "step_size": 0, "released": 0, "under_way": 0, "failed": 0, "pending": 0}
    return Progress(pace=FAST, **{**plain, **changes})


def test_steps_grow_while_all_goes_well() -> None:
    step, size, left, sizes = 0, 0, 500, []
    while left:
        decision = decide(progress(step=step, step_size=size, released=size, pending=left))
        assert isinstance(decision, Release)
        step, size = decision.step, decision.size
        left -= decision.count
        sizes.append(decision.count)
    assert sizes == [1, 2, 5, 20, 50, 100, 200, 122]
    assert decide(progress(step=step, step_size=size, released=122)) == Finish()


def test_the_next_step_waits_for_every_outcome_of_this_one() -> None:
    assert decide(progress(step=3, step_size=5, released=5, under_way=1, pending=9)) == Wait()
    assert decide(progress(step=3, step_size=5, released=5, pending=9)) == Release(9, 4, 20)


def test_a_rate_spreads_a_step() -> None:
    slow = Progress(pace=Pace(rate=3, tolerance=0), step=4, step_size=20, released=6, under_way=2, failed=0, pending=50)
    assert decide(slow) == Release(3, 4, 20)


def test_failures_stop_it_in_the_middle_of_a_step() -> None:
    assert isinstance(decide(progress(step=1, step_size=1, released=1, failed=1, pending=9)), Stop)
    assert decide(progress(step=4, step_size=20, released=20, failed=2, under_way=18)) == Wait()
    stopped = decide(progress(step=4, step_size=20, released=10, failed=3, under_way=7, pending=50))
    assert stopped == Stop("FAILURES_RETURNED", "3 of 10 in step 4 failed again")


@given(
    st.builds(
        Progress,
        pace=st.builds(Pace, rate=st.integers(1, 100), tolerance=st.floats(0, 1)),
        step=st.integers(0, 20),
        step_size=st.sampled_from((0, *STEPS)),
        released=st.integers(0, 500),
        under_way=st.integers(0, 500),
        failed=st.integers(0, 500),
        pending=st.integers(0, 1000),
    )
)
def test_whatever_stands_there_something_follows(now: Progress) -> None:
    decision = decide(now)
    match decision:
        case Release(count, _, size):
            assert 1 <= count <= min(now.pending, size, now.pace.rate)
        case Finish():
            assert now.pending == now.under_way == 0
        case Wait():
            assert now.under_way
        case Stop():
            assert now.failed
