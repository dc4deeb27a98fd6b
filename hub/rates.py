# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How much goes to each destination, lately: counted by this hub, in steps of ten seconds over ten minutes. 速率"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hub.ports.figures import PathFigures
from hub.ports.journal import State

STEP = 10.0
"""Seconds of one step."""
STEPS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """What one step saw, by destination."""

    seconds: float
    planned: Mapping[str, int]
    delivered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """Of one destination, per minute over the last minute; ``course`` is what was delivered in each step, the oldest first."""

    planned: float
    delivered: float
    course: Sequence[int]


@dataclass(slots=True)
class Rates:
    """Counts only ever grow in the figures; here is by how much. What another hub does is in that hub's own."""

    steps: deque[Step] = field(default_factory=lambda: deque(maxlen=STEPS))
    _at: float | None = None
    _before: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})

    def sample(self, now: float, figures: PathFigures) -> None:
        """Look at the figures; at most one look per step counts."""
        if self._at is not None and now - self._at < STEP:
            return
        totals = dict(figures.planned), _delivered(figures)
        if self._at is not None:
            planned, delivered = (_grown(*pair) for pair in zip(self._before, totals, strict=True))
            self.steps.append(Step(now - self._at, planned, delivered))
        self._at, self._before = now, totals

    def of(self, destination: str) -> Rate:
        """How it goes with this one; nothing is known before two looks."""
        last = list(self.steps)[-int(60 / STEP) :]
        minutes = sum(one.seconds for one in last) / 60
        planned, delivered = (
            sum(counts.get(destination, 0) for counts in some)
            for some in ([one.planned for one in last], [one.delivered for one in last])
        )
        course = [one.delivered.get(destination, 0) for one in self.steps]
        return Rate(planned / minutes, delivered / minutes, course) if minutes else Rate(0.0, 0.0, course)


def _delivered(figures: PathFigures) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for (destination, state, _), count in figures.settled.items():
        if state == State.DELIVERED.value:
            found[destination] = found.get(destination, 0) + count
    return found


def _grown(before: Mapping[str, int], now: Mapping[str, int]) -> Mapping[str, int]:
    return {name: count - before.get(name, 0) for name, count in now.items() if count > before.get(name, 0)}
