# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a connector counts and measures. Declared in its manifest, so that names and label values are few for good.

The hub shows them at ``/metrics`` as ``govhub_connector_KIND_NAME``, with the destination's or source's name beside.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from contracts.text import Text

BOUNDS = (0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0)
"""The upper bounds of every histogram's buckets, made for seconds."""

OTHER = "other"
"""What a label value counts as that was not declared."""


class MetricKind(StrEnum):
    """As in Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric, as a manifest declares it. ``name`` is lower-case words joined by ``_``.

    ``label`` is the name of its one label, if it has one, and ``values`` are all that this may be.
    """

    name: str
    kind: MetricKind
    title: Text
    label: str = ""
    values: tuple[str, ...] = ()


class Metrics(Protocol):
    """What a context lends. Calls cost little, never wait and never fail: what was not declared is left out."""

    def count(self, name: str, amount: float = 1, label: str = "") -> None:
        """Add to a counter; a negative amount is left out."""
        ...

    def gauge(self, name: str, value: float, label: str = "") -> None:
        """Set a gauge."""
        ...

    def observe(self, name: str, value: float, label: str = "") -> None:
        """Add one value to a histogram."""
        ...


class Unmeasured:
    """Metrics that nobody reads."""

    def count(self, name: str, amount: float = 1, label: str = "") -> None:
        """Nothing."""

    def gauge(self, name: str, value: float, label: str = "") -> None:
        """Nothing."""

    def observe(self, name: str, value: float, label: str = "") -> None:
        """Nothing."""


@dataclass(slots=True)
class Buckets:
    """The values of one histogram: how many up to each of ``BOUNDS`` and beyond, not cumulative, and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0


class Meter:
    """Metrics that are kept, by name and label value, for one destination or source."""

    def __init__(self, declared: Iterable[Metric] = ()) -> None:
        self.declared = {one.name: one for one in declared}
        self.counts: dict[tuple[str, str], float] = {}
        self.gauges: dict[tuple[str, str], float] = {}
        self.histograms: dict[tuple[str, str], Buckets] = {}
        self.undeclared: Counter[str] = Counter()
        """Names that were used and not declared, or declared as another kind; a connector that does this has a bug."""

    def count(self, name: str, amount: float = 1, label: str = "") -> None:
        """As the port says."""
        key = self._key(name, MetricKind.COUNTER, amount, label)
        if key is not None and amount >= 0:
            self.counts[key] = self.counts.get(key, 0.0) + amount

    def gauge(self, name: str, value: float, label: str = "") -> None:
        """As the port says."""
        key = self._key(name, MetricKind.GAUGE, value, label)
        if key is not None:
            self.gauges[key] = float(value)

    def observe(self, name: str, value: float, label: str = "") -> None:
        """As the port says."""
        key = self._key(name, MetricKind.HISTOGRAM, value, label)
        if key is not None:
            buckets = self.histograms.setdefault(key, Buckets())
            buckets.counts[bisect_left(BOUNDS, value)] += 1
            buckets.total += value

    def _key(self, name: str, kind: MetricKind, value: float, label: str) -> tuple[str, str] | None:
        declared = self.declared.get(name)
        if declared is None or declared.kind is not kind:
            if len(self.undeclared) < 100 or name in self.undeclared:
                self.undeclared[str(name)[:100]] += 1
            return None
        if not math.isfinite(value):
            return None
        if not declared.label:
            return name, ""
        return name, label if label in declared.values else OTHER
