# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub bench compare``: the hub beside what a machine can do at all, and beside what a user would write instead.

One run, one machine, one payload; rounds in which every contestant has its turn, so that a neighbour's mood meets all. Every
other round goes backwards, so that nobody always follows the same one. A ratio is made within each round.
"""

import asyncio
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from hub.bench.broker import REMEDY, PrivateBroker, find_binaries
from hub.bench.bus_to_bus import SOURCE, TARGET, StockExhausted, peer, stocked
from hub.bench.database import database
from hub.bench.http_to_http import http_to_http
from hub.bench.limits import http_loop
from hub.bench.rig import Rig, Scene, rig
from hub.bench.run import BenchFailure
from hub.journal.yardstick import bare_inserts

_RELAY, _FASTSTREAM = "hub.bus.yardstick", "hub.bench.faststream_peer"
_MOST_GROWTH = 16
_BESIDE_SECONDS = 2.0
"""How long a contestant may be at work before and after what is measured."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to measure. ``journal`` and ``broker`` are addresses; private servers are started for what is None."""

    journal: str | None = None
    broker: str | None = None
    hub_bus: str = "rabbitmq"
    seconds: float = 10.0
    rounds: int = 5
    cases: int = 10_000
    in_flight: int = 64
    windows: tuple[int, ...] = (50, 200)
    warm_up: float = 2.0
    """Seconds that whoever is measured is at work before."""
    limits: float = 2.0
    """Seconds for each limit of the machine."""
    most_per_s: int = 3_000
    """What no contestant is expected to exceed; one that does is given a larger stock."""

    @property
    def stock(self) -> int:
        """Messages that no contestant works off before it has been measured."""
        return int((self.seconds + self.warm_up + _BESIDE_SECONDS) * self.most_per_s)


@dataclass(slots=True)
class Findings:
    """All figures by name, one value for each round."""

    values: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self.values[name].append(value)

    def median(self, name: str) -> float:
        return median(self.values[name]) if self.values.get(name) else 0.0

    def best(self, name: str) -> str:
        """The window whose median is the highest, of a peer."""
        return max((known for known in self.values if known.startswith(f"{name}_")), key=self.median, default=name)

    def ratios(self, name: str, of: str) -> Sequence[float]:
        """One figure over another, for each round."""
        pairs = zip(self.values[name], self.values[of], strict=True)
        return [value / other for value, other in pairs if other]

    def as_dict(self) -> dict[str, object]:
        """One object: medians under their names, what is summed, and the spread of everything."""
        summed = {"lost", "duplicated", "refused"}
        medians: dict[str, object] = {
            name: (int(sum(values)) if name in summed else round(median(values), 3))
            for name, values in self.values.items()
            if not name.startswith("cpu_ms.")
        }
        for peer_name, name in (("relay_per_s", "raw_relay_per_s"), ("faststream_per_s", "faststream_per_s")):
            if self.best(peer_name) in self.values:
                medians[name] = round(self.median(self.best(peer_name)), 1)
        medians["ratios"] = {
            f"{name}:{peer}": {
                "median": round(median(found), 3),
                "spread": [round(min(found), 3), round(max(found), 3)],
            }
            for name in ("bus_to_bus_per_s", "accepted_per_s", "delivered_per_s")
            for peer, of in (("relay", "relay_per_s"), ("faststream", "faststream_per_s"))
            if name in self.values and self.best(of) in self.values and (found := self.ratios(name, self.best(of)))
        }
        medians["cpu_ms_per_message"] = {
            name.removeprefix("cpu_ms."): round(median(values), 3)
            for name, values in self.values.items()
            if name.startswith("cpu_ms.")
        }
        medians["spread"] = {name: [round(min(v), 3), round(max(v), 3)] for name, v in self.values.items()}
        return medians


async def compare(plan: Comparison, say: Callable[[str], None]) -> Findings:
    """Measure. Raises :class:`BenchFailure` when something that is needed is not there."""
    if find_spec("faststream") is None:
        raise BenchFailure(
            "缺少 FastStream，请执行 pip install 'faststream[rabbit]'。 "
            "FastStream is missing: pip install 'faststream[rabbit]'."
        )
    directory = Path(tempfile.mkdtemp(prefix="govhub-compare-"))
    findings = Findings()
    try:
        async with broker_for(plan.broker, directory) as broker:
            for number in range(plan.rounds):
                findings.add({"load_average": os.getloadavg()[0]})
                turns = _turns(plan, broker, directory / str(number))
                await asyncio.to_thread((directory / str(number)).mkdir)
                for what, turn in turns if number % 2 == 0 else reversed(turns):
                    say(f"{number + 1}/{plan.rounds} {what}")
                    findings.add(await turn())
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return findings


_Turn = tuple[str, Callable[[], Awaitable[Mapping[str, float]]]]


def _turns(plan: Comparison, broker: "Broker", where: Path) -> Sequence[_Turn]:
    """What one round consists of, each with its name."""

    async def limits() -> Mapping[str, float]:
        http = await http_loop(plan.limits)
        async with database(plan.journal, where / "limits") as journal:
            return {"bare_http_per_s": http, "bare_insert_rows_per_s": await bare_inserts(journal.dsn, plan.limits)}

    def of_peer(name: str, module: str, window: int) -> _Turn:
        async def turn() -> Mapping[str, float]:
            return {f"{name}_per_s_{window}": await _rate_of_peer(plan, broker, module, window)}

        return f"{name} ({window})", turn

    async def http() -> Mapping[str, float]:
        async with _hub(plan, broker, where / "http", Scene(http=1, xml=1)) as hub:
            return await http_to_http(hub, plan.seconds, plan.warm_up, plan.cases, plan.in_flight, destinations=2)

    peers = (("relay", _RELAY), ("faststream", _FASTSTREAM))
    return [
        ("本机极限 limits of this machine", limits),
        *(of_peer(name, module, window) for window in plan.windows for name, module in peers),
        ("中枢：队列到队列 hub: bus to bus", partial(_bus_to_bus, plan, broker, where / "queues", plan.cases, "")),
        (
            "中枢：队列到队列，同一办件 hub: bus to bus, one case",
            partial(_bus_to_bus, plan, broker, where / "one-case", 1, "one_case_"),
        ),
        ("中枢：HTTP 到 HTTP hub: HTTP to HTTP", http),
    ]


async def _rate_of_peer(plan: Comparison, broker: "Broker", module: str, window: int) -> float:
    """On a fast machine one that does little wants a larger stock."""
    messages = plan.stock
    while messages <= plan.stock * _MOST_GROWTH:
        async with stocked(broker.url, messages, plan.cases) as waiting, peer(module, broker.url, window):
            try:
                return (await waiting.watch(plan.seconds, plan.warm_up)).rate
            except StockExhausted:
                messages *= 2
    raise BenchFailure(f"{module} 比存量更快。 {module} is faster than any stock of messages.")


async def _bus_to_bus(plan: Comparison, broker: "Broker", where: Path, cases: int, prefix: str) -> dict[str, float]:
    scene = Scene(http=0, queues=(broker.url, SOURCE, TARGET))
    async with stocked(broker.url, plan.stock, cases) as waiting, _hub(plan, broker, where, scene) as hub:
        carried = await waiting.watch(plan.seconds, plan.warm_up, hub.cpu)
        figures = {
            f"{prefix}bus_to_bus_per_s": carried.rate,
            f"{prefix}bus_to_bus_backlog_growth": carried.backlog[1] - carried.backlog[0],
        }
        if prefix:
            return figures  # one lane would take minutes to finish: what is lost is counted where there are many
        balance = await waiting.balance()
        return {
            **figures,
            **{f"cpu_ms.bus_to_bus_{part}": spent for part, spent in carried.cpu_ms.items()},
            "bus_to_bus_rss_mib": hub.memory(),
            "lost": balance.lost,
            "duplicated": balance.duplicated,
            "refused": balance.refused,
        }


@asynccontextmanager
async def _hub(plan: Comparison, broker: "Broker", where: Path, scene: Scene) -> AsyncIterator[Rig]:
    """A hub at work on a journal of its own, empty unless one is given."""
    await asyncio.to_thread(where.mkdir)
    bus = broker.url if plan.hub_bus == "rabbitmq" else "memory"
    async with database(plan.journal, where) as journal:
        pids = {"database": lambda: journal.pid, "broker": lambda: broker.pid}
        async with rig(where, journal.dsn, bus, scene, pids) as hub:
            yield hub


class Broker:
    """``node`` is None for one that is given."""

    def __init__(self, url: str, node: PrivateBroker | None) -> None:
        self.url = url
        self.node = node

    @property
    def pid(self) -> int | None:
        return self.node.pid if self.node is not None else None


@asynccontextmanager
async def broker_for(given: str | None, directory: Path) -> AsyncIterator[Broker]:
    """A private one unless one is given. Raises :class:`BenchFailure` when there is nothing to start."""
    if given is not None:
        yield Broker(given, None)
        return
    binaries = find_binaries()
    if binaries is None:
        raise BenchFailure(f"{REMEDY.zh} {REMEDY.en}")
    node = PrivateBroker(binaries, directory / "broker")
    await node.start()
    try:
        yield Broker(node.url, node)
    finally:
        await node.stop()
