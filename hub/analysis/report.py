# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The whole analysis of a period, for people and programs. 分析报告"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.analysis.bottlenecks import Bottleneck, bottlenecks, pressing, utilisation
from hub.analysis.hops import Graph, Hop
from hub.analysis.sampling import sampled
from hub.ports.journal import Journal, JournalDown, Standing

_REFUSALS: Final = 10_000
_LISTED: Final = 20
LIVING: Final = 10.0
"""Seconds since a hub was last seen, within which it counts as running."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found out. ``slots`` are the sendings at a time over all hubs, by destination; ``refused`` counts samples."""

    since: datetime
    until: datetime
    hubs: int
    graph: Graph
    standings: tuple[Standing, ...]
    slots: Mapping[str, int]
    refused: Counter[tuple[str, str]]

    @property
    def window(self) -> float:
        """In seconds."""
        return (self.until - self.since).total_seconds()

    def bottlenecks(self) -> list[Bottleneck]:
        """The worst first."""
        return list(bottlenecks(self.graph, self.standings, self.slots, self.window))


async def analysed(
    journal: Journal, slots: Mapping[str, int], since: datetime, until: datetime, told: Callable[[int], None]
) -> Analysis | JournalDown:
    """Look at everything accepted from ``since`` until ``until``, which is now. ``slots`` are the sendings at a time of one hub.

    ``told`` is told how many slices have been read.
    """
    graph, done = Graph(), 0
    async for piece in sampled(journal.samples, since, until):
        if isinstance(piece, JournalDown):
            return piece
        graph.take(piece[0], until, piece[1])
        done += 1
        told(done)
    standings = await journal.observations.standings()
    if isinstance(standings, JournalDown):
        return standings
    refused = await journal.samples.refusals(since, _REFUSALS)
    if isinstance(refused, JournalDown):
        return refused
    hubs = await journal.samples.hubs(LIVING)
    if isinstance(hubs, JournalDown):
        return hubs
    everywhere = {name: limit * max(1, hubs) for name, limit in slots.items()}
    return Analysis(since, until, hubs, graph, tuple(standings), everywhere, Counter(refused))


def as_dict(analysis: Analysis) -> dict[str, object]:
    """The whole analysis for programs. Times in seconds."""
    graph, window = analysis.graph, analysis.window
    hops = sorted(graph.hops.values(), key=lambda hop: hop.destination)
    return {
        "since": analysis.since,
        "until": analysis.until,
        "hubs": analysis.hubs,
        "messages": round(graph.messages),
        "sampled": graph.sampled,
        "edges": [
            {"system": system, "contract": contract, "destination": destination, "messages": round(count)}
            for (system, contract, destination), count in sorted(graph.edges.items())
        ],
        "hops": [_hop(hop, analysis) for hop in hops],
        "bottlenecks": [
            {
                "destination": one.destination,
                "kind": one.kind,
                "share": round(one.share, 4),
                "seconds": round(one.seconds, 1),
                "text": one.text._asdict(),
                "evidence": one.evidence,
                "examples": [str(message) for message in one.examples],
            }
            for one in analysis.bottlenecks()
        ],
        "pressure": [hop.destination for hop in pressing(graph, analysis.slots, window)],
        "failing": [hop.destination for hop in failing(graph)],
        "slowest": [hop.destination for hop in slowest(graph)],
        "refused": [
            {"system": system, "code": code, "sampled": count}
            for (system, code), count in analysis.refused.most_common(_LISTED)
        ],
    }


def failing(graph: Graph) -> list[Hop]:
    """Hops with failed attempts, the largest share first."""
    return sorted(
        (hop for hop in graph.hops.values() if hop.failed), key=lambda hop: (-hop.failure_share, hop.destination)
    )


def slowest(graph: Graph) -> list[Hop]:
    """Hops by how long a send takes at the 95th percentile."""
    return sorted(
        (hop for hop in graph.hops.values() if hop.sends.values),
        key=lambda hop: (-hop.sends.percentile(95), hop.destination),
    )


def _hop(hop: Hop, analysis: Analysis) -> dict[str, object]:
    used = utilisation(hop, analysis.slots.get(hop.destination), analysis.window)
    return {
        "destination": hop.destination,
        "deliveries": round(hop.deliveries),
        "sampled": hop.sampled,
        "unfinished": round(hop.unfinished),
        "attempts": round(hop.attempts),
        "failure_share": round(hop.failure_share, 4),
        "utilisation": None if used is None else round(used, 4),
        "send_p50_s": round(hop.sends.percentile(50), 3),
        "send_p95_s": round(hop.sends.percentile(95), 3),
        "waits": {
            cause.value: {
                "total_s": round(series.total, 1),
                "p50_s": round(series.percentile(50), 3),
                "p95_s": round(series.percentile(95), 3),
            }
            for cause, series in hop.causes.items()
        },
        "open": {one.state: one.count for one in analysis.standings if one.destination == hop.destination},
    }
