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
        """By stage, as ``<stage>_ms``, to a hundredth. No stage comes twice."""
        taken: dict[str, float] = {}
        before = self.started
        for stage, at in self.marks:
            taken[_FIELDS[stage]] = int((at - before) * 100_000) / 100
            before = at
        return taken

    def seconds(self, stage: str) -> float | None:
        """How long one stage took; None if it never ended."""
        before = self.started
        for name, at in self.marks:
            if name == stage:
                return at - before
            before = at
        return None


class _Fields(dict[str, str]):
    """The names of stages in a log line."""

    def __missing__(self, stage: str) -> str:
        made = self[stage] = f"{stage}_ms"
        return made


_FIELDS = _Fields()
