# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The dependency graph as the journal saw it: which system says what to whom, and how each destination fared. 依赖图"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from hub.analysis.delays import Cause, delays_of
from hub.ports.journal import SampledDelivery, SampledMessage, State

EXAMPLES: Final = 5
_KEPT: Final = 20_000
_FAILED: Final = frozenset({State.WAITING, State.DEAD, State.IN_DOUBT})
_NO_FAILURE: Final = frozenset({"POSTPONED", "LEASE_LOST"})


@dataclass(slots=True)
class Series:
    """Seconds of many deliveries: an estimated total, the sampled values, and which messages had the longest."""

    total: float = 0.0
    values: list[float] = field(default_factory=list)
    longest: list[tuple[float, UUID]] = field(default_factory=list)

    def add(self, seconds: float, weight: float, message: UUID) -> None:
        """One value, which stands for ``weight`` like it."""
        self.total += seconds * weight
        if len(self.values) < _KEPT:
            self.values.append(seconds)
        if seconds > 0 and (len(self.longest) < EXAMPLES or seconds > self.longest[-1][0]):
            self.longest = sorted([*self.longest, (seconds, message)], key=lambda one: -one[0])[:EXAMPLES]

    def percentile(self, percent: int) -> float:
        """Of the sampled values; 0 when there are none."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0

    @property
    def examples(self) -> tuple[UUID, ...]:
        """Messages with the longest, the longest first."""
        return tuple(message for _, message in self.longest)


@dataclass(slots=True)
class Hop:
    """One destination. Counts are estimates where not everything was sampled; ``sampled`` is how many deliveries were."""

    destination: str
    sampled: int = 0
    deliveries: float = 0.0
    unfinished: float = 0.0
    attempts: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    failed: float = 0.0
    causes: dict[Cause, Series] = field(default_factory=lambda: {cause: Series() for cause in Cause})
    sends: Series = field(default_factory=Series)
    failing: list[UUID] = field(default_factory=list)

    @property
    def failure_share(self) -> float:
        """Of the attempts."""
        return self.failed / self.attempts if self.attempts else 0.0

    def take(self, one: SampledDelivery, accepted_at: datetime, now: datetime, weight: float) -> None:
        """Count one delivery, which stands for ``weight`` like it."""
        delays = delays_of(one, accepted_at, now)
        self.sampled += 1
        self.deliveries += weight
        self.unfinished += 0 if delays.finished else weight
        for cause, seconds in delays.seconds.items():
            self.causes[cause].add(seconds, weight, one.message)
        for seconds in delays.sends:
            self.sends.add(seconds, weight, one.message)
        for attempt in one.attempts:
            self.attempts += weight
            if attempt.state in _FAILED and attempt.code not in _NO_FAILURE:
                self.failed += weight
                self.failures[attempt.code] += 1
                if one.message not in self.failing and len(self.failing) < EXAMPLES:
                    self.failing.append(one.message)


@dataclass(slots=True)
class Graph:
    """What was sampled: edges (system, contract, destination) with their messages, and the hops by destination."""

    sampled: int = 0
    messages: float = 0.0
    edges: dict[tuple[str, str, str], float] = field(default_factory=dict)
    hops: dict[str, Hop] = field(default_factory=dict)

    def take(self, messages: Iterable[SampledMessage], now: datetime, weight: float) -> None:
        """Count these messages, each of which stands for ``weight`` like it."""
        for message in messages:
            self.sampled += 1
            self.messages += weight
            for delivery in message.deliveries:
                edge = (message.system, message.contract, delivery.destination)
                self.edges[edge] = self.edges.get(edge, 0.0) + weight
                hop = self.hops.get(delivery.destination)
                if hop is None:
                    hop = self.hops[delivery.destination] = Hop(delivery.destination)
                hop.take(delivery, message.accepted_at, now, weight)
