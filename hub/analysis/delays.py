# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where the time of one delivery went. 时间去向

accepted .. lane .. first claim .. send .. retry .. send .. settled
              ^ the one ahead in the lane is finished
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.ports.journal import SampledDelivery, State

_STUCK = frozenset({State.DEAD, State.IN_DOUBT})


class Cause(StrEnum):
    """What a delivery spent time on."""

    SLOT = "slot"
    """Its turn had come, and no sending was free for it: bus, window and the destination's limit."""
    SEND = "send"
    """Being claimed, translated and sent."""
    RETRY = "retry"
    """Waiting after a failed attempt."""
    FETCH = "fetch"
    """In a mailbox, or taken with the final answer still to come."""
    BLOCKED = "blocked"
    """Dead or in doubt, or behind one that is: a person must decide."""
    LANE = "lane"
    """Behind an earlier delivery of its case that was itself under way."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds by cause, and of each send; ``finished`` False: still counting when it was looked at."""

    seconds: dict[Cause, float]
    sends: tuple[float, ...]
    finished: bool


def delays_of(one: SampledDelivery, accepted_at: datetime, now: datetime) -> Delays:
    """The time from acceptance to settlement, or until now, divided up without rest."""
    seconds = dict.fromkeys(Cause, 0.0)
    if one.held_by is not None:
        seconds[Cause.BLOCKED if one.held_by in _STUCK else Cause.LANE] = _between(accepted_at, now)
        return Delays(seconds, (), finished=False)
    at = max(accepted_at, one.freed_at or accepted_at)
    seconds[Cause.LANE] = _between(accepted_at, at)
    waits_for, works_on = Cause.SLOT, Cause.SEND
    sends = []
    for attempt in one.attempts:
        seconds[waits_for] += _between(at, attempt.started_at)
        took = _between(attempt.started_at, attempt.ended_at)
        seconds[works_on] += took
        if works_on is Cause.SEND:
            sends.append(took)
        at = max(at, attempt.ended_at)
        waits_for = Cause.RETRY
        if attempt.state is State.ACCEPTED or works_on is Cause.FETCH:
            waits_for = works_on = Cause.FETCH  # from now on the far side has it, and the time is its own
    if one.settled_at is None:
        seconds[_waiting(one, waits_for)] += _between(at, now)
    return Delays(seconds, tuple(sends), finished=one.settled_at is not None)


def _waiting(one: SampledDelivery, otherwise: Cause) -> Cause:
    """What an unfinished delivery is waiting for now."""
    match one.state:
        case State.DEAD | State.IN_DOUBT:
            return Cause.BLOCKED
        case State.SENDING:
            return Cause.SEND
        case State.ACCEPTED:
            return Cause.FETCH
        case _:
            return otherwise


def _between(start: datetime, end: datetime) -> float:
    """Seconds, none where the clocks of two hubs disagree."""
    return max(0.0, (end - start).total_seconds())
