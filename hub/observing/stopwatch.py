# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How long the stages of one piece of work took. 计时"""

from collections.abc import Callable


class Stopwatch:
    """Started when made; ``mark`` ends a stage. Seconds on the monotonic clock it is given."""

    __slots__ = ("marks", "monotonic", "started")

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.started = monotonic()
        self.marks: list[tuple[str, float]] = []

    def mark(self, stage: str) -> None:
        """This stage has just ended."""
        self.marks.append((stage, self.monotonic()))

    def milliseconds(self) -> dict[str, float]:
        """By stage, as ``<stage>_ms``; what a stage took when it came twice is added up."""
        taken: dict[str, float] = {}
        before = self.started
        for stage, at in self.marks:
            name = f"{stage}_ms"
            taken[name] = round(taken.get(name, 0.0) + (at - before) * 1000, 2)
            before = at
        return taken
