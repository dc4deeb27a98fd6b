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
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.text import Text

BOUNDS = (0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0)
"""The upper bounds of every histogram's buckets, made for seconds."""

_MOST_UNDECLARED = 100
_MOST_CHANGES = 2_500

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


_Number = Annotated[float, Field(allow_inf_nan=False)]
_Name = Annotated[str, Field(max_length=100)]
_Few = Field(max_length=_MOST_CHANGES)


class _Changes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    counts: Annotated[list[tuple[_Name, _Name, _Number]], _Few]
    gauges: Annotated[list[tuple[_Name, _Name, _Number]], _Few]
    histograms: Annotated[list[tuple[_Name, _Name, list[Annotated[int, Field(ge=0)]], _Number]], _Few]
    undeclared: Annotated[list[tuple[_Name]], _Few]


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

    def changes(self) -> dict[str, list[list[object]]]:
        """What came in since this was last asked, as JSON can write it; empty lists when nothing did."""
        told: dict[str, list[list[object]]] = {
            "counts": [[*key, amount] for key, amount in self.counts.items()],
            "gauges": [[*key, value] for key, value in self.gauges.items()],
            "histograms": [[*key, one.counts, one.total] for key, one in self.histograms.items()],
            "undeclared": [[name] for name in self.undeclared],
        }
        for kept in (self.counts, self.gauges, self.histograms, self.undeclared):
            kept.clear()
        return told

    def merge(self, changes: object) -> str:
        """Add what another meter of the same metrics told; gives what is wrong with it, if something is."""
        try:
            told = _Changes.model_validate(changes)
        except ValidationError:
            return "not measurements"
        for name, label, amount in told.counts:
            self.count(name, amount, label)
        for name, label, value in told.gauges:
            self.gauge(name, value, label)
        for name, label, counts, total in told.histograms:
            key = self._key(name, MetricKind.HISTOGRAM, total, label)
            if key is not None and len(counts) == len(BOUNDS) + 1:
                mine = self.histograms.setdefault(key, Buckets())
                mine.counts = [one + other for one, other in zip(mine.counts, counts, strict=True)]
                mine.total += total
        for (name,) in told.undeclared:
            self._notice(name)
        return ""

    def _notice(self, name: str) -> None:
        if len(self.undeclared) < _MOST_UNDECLARED or name in self.undeclared:
            self.undeclared[str(name)[:100]] += 1

    def _key(self, name: str, kind: MetricKind, value: float, label: str) -> tuple[str, str] | None:
        declared = self.declared.get(name)
        if declared is None or declared.kind is not kind:
            self._notice(name)
            return None
        if not math.isfinite(value):
            return None
        if not declared.label:
            return name, ""
        return name, label if label in declared.values else OTHER
