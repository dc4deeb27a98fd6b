# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a replay goes: one delivery, then two, then more, each step after the outcomes of the one before. 逐级重放"""

from hub.ports.journal import Decision, Finish, Progress, Release, Stop, Wait

STEPS = (1, 2, 5, 20, 50, 100, 200, 500)
"""Deliveries in each step; the last size repeats."""


def decide(now: Progress) -> Decision:
    """What follows. A step whose failures pass the tolerance ends the replay at once, not only at the step's end.

    A destination that is away or paused makes a step wait, since its deliveries stay without an outcome.
    """
    if now.failed > now.pace.tolerance * now.step_size:
        return Stop("FAILURES_RETURNED", f"{now.failed} of {now.released} in step {now.step} failed again")
    if now.released < now.step_size and now.pending:
        return Release(_slice(now, now.step_size - now.released), now.step, now.step_size)
    if now.under_way:
        return Wait()
    if not now.pending:
        return Finish()
    size = _next_size(now.step_size)
    return Release(_slice(now, size), now.step + 1, size)


def _next_size(size: int) -> int:
    """After none the smallest: so also when a stopped replay is resumed."""
    return next((larger for larger in STEPS if larger > size), STEPS[-1])


def _slice(now: Progress, wanted: int) -> int:
    """As much as a second may have."""
    return min(wanted, now.pending, now.pace.rate)
