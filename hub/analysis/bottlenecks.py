# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What stands out: the hops that cost the messages most time, and why. 瓶颈

Everything is measured in one unit, the seconds that deliveries of the window spent waiting for a reason: so a slow far
side, a failing one and a blocked lane can be told which is worse. Waiting behind a delivery of the same case is put to the
account of whatever kept that destination's deliveries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from contracts.text import Text
from hub.analysis.delays import Cause
from hub.analysis.hops import EXAMPLES, Graph, Hop
from hub.observing.codes import speakable
from hub.ports.journal import Standing

_CAUSES: Final = {
    "slow": Cause.SEND,
    "failing": Cause.RETRY,
    "blocked": Cause.BLOCKED,
    "pressure": Cause.SLOT,
    "unfetched": Cause.FETCH,
}
_LEAST_P95: Final = {"slow": 0.5, "pressure": 0.5, "unfetched": 60.0}
"""Seconds at the 95th percentile from which on a kind of waiting is worth a word: everything takes some time."""

_LEAST_SHARE: Final = 0.02
_LEAST_SECONDS: Final = 1.0
_PRESSING: Final = 0.8
_GROWING: Final = 0.1
_IDLE: Final = 0.5
_FAILING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """One hop and what is wrong with it. ``share`` is its part of all delay in the window, from 0 to 1.

    ``kind``: ``slow`` (it takes long to answer), ``failing`` (attempts fail), ``blocked`` (deliveries wait for a person),
    ``pressure`` (more comes than it is sent) or ``unfetched`` (a mailbox that is not emptied, an answer that does not come).
    """

    destination: str
    kind: str
    share: float
    seconds: float
    text: Text
    evidence: Mapping[str, object]
    examples: tuple[UUID, ...]


def utilisation(hop: Hop, slots: int | None, window: float) -> float | None:
    """The part of its sendings at a time that was in use, over all hubs; None where it has no limit to hold it against."""
    return hop.causes[Cause.SEND].total / (window * slots) if slots and window > 0 else None


def bottlenecks(
    graph: Graph, standings: Sequence[Standing], slots: Mapping[str, int], window: float
) -> Sequence[Bottleneck]:
    """The worst first. Nothing that is a trifle of all delay."""
    costs = {
        (hop.destination, kind): seconds
        for hop in graph.hops.values()
        for kind, seconds in _costs(hop, utilisation(hop, slots.get(hop.destination), window)).items()
    }
    everything = sum(costs.values())
    found = [
        _bottleneck(graph.hops[destination], kind, seconds, seconds / everything, standings, slots, window)
        for (destination, kind), seconds in costs.items()
        if _notable(graph.hops[destination], kind, seconds, everything)
    ]
    return sorted(found, key=lambda one: (-one.seconds, one.destination))


def _notable(hop: Hop, kind: str, seconds: float, everything: float) -> bool:
    if seconds < _LEAST_SECONDS or seconds < everything * _LEAST_SHARE:
        return False
    return kind in {"failing", "blocked"} or hop.causes[_CAUSES[kind]].percentile(95) >= _LEAST_P95[kind]


def _costs(hop: Hop, used: float | None) -> Mapping[str, float]:
    """Seconds by kind of bottleneck, the waiting in lanes shared out among them.

    What waits though sendings are free, at a destination that fails, waits for its breaker: that is the failing's account.
    """
    costs = {kind: hop.causes[cause].total for kind, cause in _CAUSES.items()}
    if used is not None and used < _IDLE and hop.failure_share >= _FAILING:
        costs["failing"] += costs["pressure"]
        costs["pressure"] = 0.0
    direct, lanes = sum(costs.values()), hop.causes[Cause.LANE].total
    return {kind: seconds + (lanes * seconds / direct if direct else 0.0) for kind, seconds in costs.items()}


def _bottleneck(
    hop: Hop,
    kind: str,
    seconds: float,
    share: float,
    standings: Sequence[Standing],
    slots: Mapping[str, int],
    window: float,
) -> Bottleneck:
    used = utilisation(hop, slots.get(hop.destination), window)
    stands = {one.state: one.count for one in standings if one.destination == hop.destination}
    evidence: dict[str, object] = {
        "deliveries": round(hop.deliveries),
        "unfinished": round(hop.unfinished),
        "growing": hop.deliveries > 0 and hop.unfinished / hop.deliveries >= _GROWING,
        "open": stands,
        "attempts": round(hop.attempts),
        "failure_share": round(hop.failure_share, 4),
        "send_p50_s": round(hop.sends.percentile(50), 3),
        "send_p95_s": round(hop.sends.percentile(95), 3),
        "waits_p95_s": round(hop.causes[_CAUSES[kind]].percentile(95), 3),
        "utilisation": None if used is None else round(used, 3),
    }
    if kind == "failing":
        evidence["codes"] = {speakable(name): n for name, n in hop.failures.most_common(EXAMPLES)}
    examples = tuple(hop.failing) if kind == "failing" else hop.causes[_CAUSES[kind]].examples
    return Bottleneck(hop.destination, kind, share, seconds, _words(hop, kind, stands, used), evidence, examples)


def _words(hop: Hop, kind: str, stands: Mapping[str, int], used: float | None) -> Text:
    name, waits = hop.destination, hop.causes[_CAUSES[kind]].percentile(95)
    match kind:
        case "slow":
            p50, p95 = hop.sends.percentile(50), hop.sends.percentile(95)
            return Text(
                f"{name} 应答慢：发送用时 p50 {p50:.2f} 秒、p95 {p95:.2f} 秒。",
                f"{name} answers slowly: a send takes {p50:.2f} s (p50), {p95:.2f} s (p95).",
            )
        case "failing":
            code = speakable(hop.failures.most_common(1)[0][0]) if hop.failures else "-"
            return Text(
                f"{name} 易失败：{hop.failure_share:.0%} 的尝试失败，最多的是 {code}。",
                f"{name} fails: {hop.failure_share:.0%} of the attempts, mostly {code}.",
            )
        case "blocked":
            stuck = stands.get("dead", 0) + stands.get("in_doubt", 0)
            return Text(
                f"{name} 受阻：{stuck} 条死信或存疑待人工处理，同一办件的后续投递随之等待。",
                f"{name} is blocked: {stuck} dead or in doubt wait for a person, and hold up what follows in their cases.",
            )
        case "unfetched":
            return Text(
                f"{name} 未及时取件或答复：p95 {waits:.0f} 秒。",
                f"{name} does not fetch or answer in time: {waits:.0f} s (p95).",
            )
        case _:
            busy = Text("不明", "unknown") if used is None else Text(f"{used:.0%}", f"{used:.0%}")
            return Text(
                f"{name} 压力大：轮到的投递 p95 等待 {waits:.2f} 秒才发送，并发利用率 {busy.zh}。",
                f"{name} is under pressure: what is due waits {waits:.2f} s (p95) to be sent; utilisation {busy.en}.",
            )


def pressing(graph: Graph, slots: Mapping[str, int], window: float) -> Sequence[Hop]:
    """Hops whose backlog grows, whose sendings are nearly all in use, or that keep what is due waiting; the fullest first."""
    full = {name: utilisation(hop, slots.get(name), window) or 0.0 for name, hop in graph.hops.items()}
    found = [
        hop
        for name, hop in graph.hops.items()
        if full[name] >= _PRESSING
        or (hop.deliveries and hop.unfinished / hop.deliveries >= _GROWING)
        or hop.causes[Cause.SLOT].percentile(95) >= _LEAST_P95["pressure"]
    ]
    return sorted(found, key=lambda hop: (-full[hop.destination], -hop.unfinished, hop.destination))
