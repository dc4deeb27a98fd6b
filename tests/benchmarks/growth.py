# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one message costs as everything else grows: destinations, routing rules, the journal.

    python -m tests.benchmarks.growth --axes destinations rules journal --rows 100000 1000000 --plot docs/growth.svg

A real hub, restarted for each setting and round; an embedded PostgreSQL for each setting; the memory bus; one delivery for each
message, over HTTP. Every setting has its turn in every round, so that neighbours on the machine disturb all alike. A ratio is the
median of the rounds' ratios to the smallest setting of the axis.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson
from yarl import URL

from hub.bench.database import Database, database
from hub.bench.payload import CONTRACT
from hub.bench.rig import HubProcess, Rig, Scene, rig
from hub.bench.run import count, quiet
from hub.ports.clock import SystemClock
from tests.benchmarks.growth_history import kept, seed, seeded
from tests.benchmarks.growth_load import item, loading
from tests.benchmarks.growth_plot import AXES, draw

_CASES = 10_000
_WARM_UP_SECONDS = 2.0
_DESTINATIONS, _RULES = 10, 10
_RULES_OF_MANY_DESTINATIONS = 1_000
_MEASURES = ("hub_ms", "database_ms", "messages_per_s", "hub_mib")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the hub has to do with; ``rows`` is the number of messages in the journal before."""

    destinations: int = _DESTINATIONS
    rules: int = _RULES
    rows: int = 0

    @property
    def name(self) -> str:
        return f"d{self.destinations}_r{self.rules}_j{self.rows}"


@dataclass(frozen=True, slots=True)
class Round:
    """CPU milliseconds per message, messages accepted and delivered per second, the hub's most memory, messages not delivered."""

    hub_ms: float
    database_ms: float
    messages_per_s: float
    hub_mib: float
    lost: int


@dataclass(slots=True)
class Found:
    """All rounds of a setting; ``size_mib`` is its database's after the seeding."""

    setting: Setting
    rounds: list[Round] = field(default_factory=list)
    size_mib: float | None = None


def settings(axis: str, rows: Sequence[int]) -> list[Setting]:
    """The settings of an axis, the smallest first."""
    match axis:
        case "destinations":
            return [Setting(destinations=n, rules=_RULES_OF_MANY_DESTINATIONS) for n in (10, 100, 1_000)]
        case "rules":
            return [Setting(rules=n) for n in (10, 1_000, 5_000)]
        case _:
            return [Setting(rows=n) for n in (0, *sorted(rows))]


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


async def measure(options: argparse.Namespace) -> list[dict[str, object]]:
    """All rounds of the wanted axes, as one row per axis and setting."""
    axes = {axis: settings(axis, options.rows) for axis in options.axes}
    found = {setting: Found(setting) for wanted in axes.values() for setting in wanted}
    directory = Path(tempfile.mkdtemp(prefix="govhub-growth-"))
    try:
        async with (
            AsyncExitStack() as servers,
            rig(directory, "embedded", "memory", Scene(), {}) as scene,
            loading() as load,
        ):
            await scene.hub.stop()
            stage = replace(scene, load=load)
            largest = max((one.rows for one in found), default=0)
            places = {
                setting: await _prepared(
                    servers, stage, directory, setting, options.database if setting.rows == largest else None
                )
                for setting in found
            }
            for setting, one in found.items():
                if setting.rows:
                    one.size_mib = await _seeded(places[setting], setting)
            for number in range(1, options.rounds + 1):
                for setting in list(found) if number % 2 else reversed(found):  # so that none always comes first
                    last = await _round(places[setting], setting, number, options.seconds)
                    found[setting].rounds.append(last)
                    _say(f"{number}/{options.rounds} {setting.name}: {_line(asdict(last))}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return [row for axis, wanted in axes.items() for row in _rows(axis, [found[setting] for setting in wanted])]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a setting is measured: a hub that does not run yet, and its database."""

    hub: HubProcess
    base: Database
    stage: Rig

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Rig]:
        await self.hub.start(self.stage.http)
        try:
            yield replace(
                self.stage, hub=self.hub, pids={"hub": lambda: self.hub.pid, "database": lambda: self.base.pid}
            )
        finally:
            await self.hub.stop()


async def _prepared(
    servers: AsyncExitStack, stage: Rig, directory: Path, setting: Setting, folder: Path | None
) -> _Place:
    """A deployment like the rig's own, but with so many destinations and routes and a server of its own."""
    _say(f"准备 prepare {setting.name}")
    place = directory / setting.name
    place.mkdir()
    base = await servers.enter_async_context(kept(folder) if folder and setting.rows else database(None, place))
    deployment = orjson.loads((directory / "govhub.yaml").read_bytes())
    pattern = deployment["destinations"]["sink-1"]
    url = URL(pattern["settings"]["url"])
    deployment["destinations"] = {
        f"sink-{n}": {**pattern, "settings": {**pattern["settings"], "url": str(url.with_name(f"sink-{n}"))}}
        for n in range(1, setting.destinations + 1)
    }
    routes = [
        {
            "name": f"r{n}",
            "when": {"contract": CONTRACT, "item": item(n)},
            "to": [f"sink-{n % setting.destinations + 1}"],
        }
        for n in range(setting.rules)
    ]
    (place / "routes.yaml").write_bytes(orjson.dumps({"version": 1, "routes": routes}))
    config = place / "govhub.yaml"
    config.write_bytes(orjson.dumps(deployment))
    hub = HubProcess(place, config, {"GOVHUB_BENCH_JOURNAL": base.dsn, "GOVHUB_BENCH_BUS": "memory"})
    return _Place(hub, base, stage)


async def _seeded(place: _Place, setting: Setting) -> float | None:
    if await seeded(place.base.dsn):
        return None
    async with place.running() as hub:
        await _sent(hub, setting, 0, 0.2)
    return await seed(
        place.base.dsn, setting.rows,
        cases=_CASES, destinations=setting.destinations, now=SystemClock().now(), say=_say,
    )  # fmt: skip


async def _sent(hub: Rig, setting: Setting, first: int, seconds: float) -> tuple[int, int, float]:
    """How many were accepted, how many of them never arrived, and the seconds until the last did."""
    before, began = (await hub.tally())["effects"], time.monotonic()
    order: dict[str, object] = {
        "cases": _CASES,
        "in_flight": 64,
        "rules": setting.rules,
        "first": first,
        "seconds": seconds,
    }
    result = await hub.send(order)
    if result["refused"]:
        raise RuntimeError(f"{setting.name}: {result['refused']}")
    accepted = count(result, "accepted")
    await quiet(hub, int(before) + accepted)
    took = time.monotonic() - began
    return accepted, accepted - int((await hub.tally())["effects"] - before), took


async def _round(place: _Place, setting: Setting, number: int, seconds: float) -> Round:
    first = time.time_ns() // 1_000_000_000 * 10**7  # a journal that is kept has not seen these ids
    async with place.running() as hub:
        await _sent(hub, setting, first, _WARM_UP_SECONDS)
        before = hub.cpu()
        accepted, lost, took = await _sent(hub, setting, first + 10**6, seconds)
        after = hub.cpu()
        spent = {part: (after[part] - before[part]) * 1000 / max(1, accepted) for part in after}
        return Round(spent["hub"], spent["database"], accepted / took, hub.memory(), lost)


def _rows(axis: str, found: Sequence[Found]) -> list[dict[str, object]]:
    smallest = found[0].rounds
    rows = []
    for one in found:
        row: dict[str, object] = {"axis": axis, **asdict(one.setting), "size_mib": one.size_mib}
        for name in _MEASURES:
            values = [float(getattr(each, name)) for each in one.rounds]
            bases = [float(getattr(each, name)) for each in smallest]
            ratios = [value / base for value, base in zip(values, bases, strict=True) if base]
            row[name] = {
                "median": statistics.median(values),
                "smallest": min(values),
                "largest": max(values),
                "ratio": statistics.median(ratios) if ratios else None,
            }
        row["lost"] = sum(each.lost for each in one.rounds)
        rows.append(row)
    return rows


def _line(values: dict[str, object]) -> str:
    return "  ".join(
        f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in values.items()
    )


def _told(row: dict[str, object]) -> str:
    texts = []
    for name in _MEASURES:
        value = row[name]
        assert isinstance(value, dict)
        ratio = "–" if value["ratio"] is None else f"{value['ratio']:.2f}"
        texts.append(f"{name} {value['median']:.2f} ({value['smallest']:.2f}–{value['largest']:.2f}) × {ratio}")
    size = str(row[AXES[str(row["axis"])].key])
    return f"{row['axis']:>12} {size:>9}  " + "  ".join(texts) + f"  lost {row['lost']}"


def main() -> None:
    """Print a table or one JSON object, and draw it if a path is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axes", nargs="+", choices=list(AXES), default=list(AXES))
    parser.add_argument(
        "--rows", nargs="+", type=int, default=[100_000, 1_000_000], help="messages in the journal, up to 10 million"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--database", type=Path, help="keep the journal with the most messages in this folder")
    parser.add_argument("--plot", type=Path, help="where to write the plot, an SVG")
    parser.add_argument(
        "--earlier", nargs="+", type=Path, default=[], help="what --json printed for other axes, to draw it too"
    )
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    rows = asyncio.run(measure(options))
    loads = [round(load_before, 1), round(os.getloadavg()[0], 1)]
    result = {"benchmark": "growth", "seconds": options.seconds, "rounds": options.rounds, "load": loads, "rows": rows}
    if options.plot is not None:
        earlier = [row for path in options.earlier for row in orjson.loads(path.read_bytes())["rows"]]
        options.plot.write_text(draw([*earlier, *rows]), encoding="utf-8")
    text = json.dumps(result, indent=2) if options.json else "\n".join(map(_told, rows))
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
