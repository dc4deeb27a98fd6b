# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Figures that a process counts while it works: plain numbers, so that counting costs next to nothing. 指标

They are read for ``/metrics`` now and then; names and labels are made there and not here.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

SECONDS = (0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0)
ROWS = (1.0, 5.0, 20.0, 50.0, 100.0, 200.0)


class Histogram:
    """How many values there were up to each bound, and what they came to."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Histograms(dict[str, Histogram]):
    """One histogram per name, made when its first value comes. Names are few: destinations, kinds of commit."""

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        super().__init__()
        self._bounds = bounds

    def __missing__(self, name: str) -> Histogram:
        made = self[name] = Histogram(self._bounds)
        return made


@dataclass(slots=True)
class CommitFigures:
    """The group commits of a journal, by kind: ``accept``, ``refuse``, ``claim``, ``lease``, ``settle``."""

    rows: Histograms = field(default_factory=lambda: Histograms(ROWS))
    seconds: Histograms = field(default_factory=Histograms)
    failed: Counter[str] = field(default_factory=Counter)
    """Transactions that did not go through because the database was away or could not write."""

    trouble: dict[str, str] = field(default_factory=dict)
    """By kind, why its last transaction did not go through; a kind whose last one did is not in here."""

    def of(self, kind: str) -> "KindOfCommit":
        """Where the commits of one kind are counted."""
        return KindOfCommit(self, kind)


@dataclass(frozen=True, slots=True)
class KindOfCommit:
    """The commits of one kind."""

    figures: CommitFigures
    kind: str

    def done(self, rows: int, seconds: float) -> None:
        """A transaction went through."""
        figures = self.figures
        figures.rows[self.kind].add(rows)
        figures.seconds[self.kind].add(seconds)
        if figures.trouble:
            figures.trouble.pop(self.kind, None)

    def down(self, reason: str) -> None:
        """A transaction did not, for the database's reasons."""
        self.figures.failed[self.kind] += 1
        self.figures.trouble[self.kind] = reason


@dataclass(slots=True)
class PathFigures:
    """What went along the path of this process."""

    misfits: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Messages that did not fit the life of their case, by rule and fate: ``passed``, ``parked`` or ``refused``."""
    accepted: Counter[str] = field(default_factory=Counter)
    """By sending system; so are the repeats."""

    repeated: Counter[str] = field(default_factory=Counter)

    planned: Counter[str] = field(default_factory=Counter)
    """Deliveries of accepted messages, by destination."""

    refused: Counter[str] = field(default_factory=Counter)
    """By code."""

    settled: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Attempts, by destination, state and code."""

    send_seconds: Histograms = field(default_factory=Histograms)
    """Of the connector, by destination."""

    delivered_seconds: Histograms = field(default_factory=Histograms)
    """From acceptance to delivered, by destination."""

    accept_seconds: Histogram = field(default_factory=Histogram)
    frames: Counter[str] = field(default_factory=Counter)
    """Frames given to the bus, by what became of them."""

    foreign: int = 0
    """Messages on our queues that were no frames of ours."""
