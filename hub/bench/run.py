# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One benchmark run: limits first, then saturation, then latencies at half of the saturated rate."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.bench.limits import fdatasyncs, http_loop
from hub.bench.rig import Rig, Scene, rig
from hub.bus.yardstick import bare_relay
from hub.journal.embedded import EmbeddedFault, erase
from hub.journal.embedded import start as start_embedded
from hub.journal.yardstick import bare_inserts
from hub.ports.clock import SystemClock

_WARM_UP_SECONDS = 2.0
_QUIET_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. ``journal`` and ``bus`` as in a deployment file."""

    journal: str = "embedded"
    bus: str = "memory"
    seconds: float = 10.0
    in_flight: int = 64
    destinations: int = 1
    cases: int = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """One object, in messages (or deliveries) per second, milliseconds, and CPU milliseconds per accepted message."""

    bus: str
    journal: str
    destinations: int
    accepted_per_s: float
    delivered_per_s: float
    accept_p50_ms: float
    accept_p95_ms: float
    accept_p99_ms: float
    delivered_p50_ms: float
    delivered_p95_ms: float
    delivered_p99_ms: float
    latency_rate_per_s: float
    cpu_ms_per_message: dict[str, float]
    lost: int
    duplicated: int
    refused: dict[str, int]
    late: int
    fdatasync_per_s: float
    bare_http_per_s: float
    bare_insert_rows_per_s: float
    bare_relay_per_s: float | None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class BenchFailure(Exception):  # noqa: N818  # because it ends a program, with a sentence for a person
    """The set-up could not be started."""


async def run(plan: Plan, say: Callable[[str], None]) -> Figures:
    """Measure. ``say`` is told what is going on. Raises :class:`BenchFailure` when the set-up does not start."""
    directory = Path(tempfile.mkdtemp(prefix="govhub-bench-"))
    try:
        async with _journal(plan, directory) as (dsn, database_pid):
            say("本机极限 limits of this machine")
            fdatasync = await asyncio.to_thread(fdatasyncs, directory)
            http = await http_loop()
            inserts = await bare_inserts(dsn)
            relay = await bare_relay(plan.bus) if plan.bus != "memory" else None
            scene = Scene(http=plan.destinations, concurrency=50)
            async with rig(directory, dsn, plan.bus, scene, {"database": lambda: database_pid}) as hub:
                measured = await _measure(hub, plan, say)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return Figures(
        bus=plan.bus.partition(":")[0],
        journal=plan.journal.partition(":")[0],
        destinations=plan.destinations,
        fdatasync_per_s=fdatasync,
        bare_http_per_s=http,
        bare_insert_rows_per_s=inserts,
        bare_relay_per_s=relay,
        **measured,
    )


@asynccontextmanager
async def _journal(plan: Plan, directory: Path) -> AsyncIterator[tuple[str, int | None]]:
    if plan.journal != "embedded":
        yield plan.journal, None
        return
    embedded = await start_embedded(directory / "postgres", clock=SystemClock())
    if isinstance(embedded, EmbeddedFault):
        raise BenchFailure(str(embedded.text))
    try:
        yield embedded.dsn, embedded.pid
    finally:
        await embedded.stop()
        await erase(directory / "postgres", clock=SystemClock())  # as root the data live elsewhere


async def _measure(hub: Rig, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    order = {"cases": plan.cases, "in_flight": plan.in_flight}
    say("预热 warm-up")
    warm = await hub.send({**order, "first": 0, "seconds": _WARM_UP_SECONDS})
    await quiet(hub, count(warm, "accepted") * plan.destinations)
    before, effects_before = hub.cpu(), (await hub.tally())["effects"]

    say("满载 saturation")
    full = await hub.send({**order, "first": 10**8, "seconds": plan.seconds})
    accepted = count(full, "accepted")
    seen_at_end = (await hub.tally())["effects"] - effects_before
    total = count(warm, "accepted") + accepted
    await quiet(hub, total * plan.destinations)
    after = hub.cpu()
    rate = accepted / number(full, "seconds")
    delivered = seen_at_end / number(full, "seconds")

    say("半载延迟 latencies at half of that rate")
    await hub.latencies()
    half = min(rate, delivered / plan.destinations) / 2
    calm = await hub.send({**order, "first": 2 * 10**8, "seconds": plan.seconds, "rate": half})
    total += count(calm, "accepted")
    await quiet(hub, total * plan.destinations)
    tally, ends = await hub.tally(), sorted(await hub.latencies())
    answers = sorted(calm["latencies"])  # type: ignore[call-overload]  # a list of floats, out of JSON
    return {
        "accepted_per_s": rate,
        "delivered_per_s": delivered,
        "latency_rate_per_s": half,
        **{f"accept_p{p}_ms": percentile(answers, p) for p in (50, 95, 99)},
        **{f"delivered_p{p}_ms": percentile(ends, p) for p in (50, 95, 99)},
        "cpu_ms_per_message": {part: (after[part] - before[part]) / max(1, accepted) * 1000 for part in after},
        "lost": int(total * plan.destinations - tally["effects"]),
        "duplicated": int(tally["repeats"]),
        "refused": {**full["refused"], **calm["refused"]},  # type: ignore[dict-item]  # objects, out of JSON
        "late": count(calm, "late"),
    }


async def quiet(hub: Rig, effects: int) -> None:
    """Wait until the far side has seen all of it, or gives up hope."""
    try:
        async with asyncio.timeout(_QUIET_SECONDS):
            while (await hub.tally())["effects"] < effects:  # noqa: ASYNC110  # because the far side is another process
                await asyncio.sleep(0.05)
    except TimeoutError:
        return


def percentile(values: list[float], percent: int) -> float:
    """Milliseconds."""
    return values[min(len(values) - 1, len(values) * percent // 100)] * 1000 if values else 0.0


def count(result: dict[str, object], name: str) -> int:
    return int(number(result, name))


def number(result: dict[str, object], name: str) -> float:
    value = result[name]
    assert isinstance(value, int | float)
    return float(value)
