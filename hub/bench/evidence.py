# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub bench evidence``: what the evidence costs on the way of a message, from HTTP to two destinations.

Three hubs have their turn in each round: one without evidence (no leaf gets a place in the log, nothing is signed), and one of
each suite, which verifies the signature of every message, signs receipts and keeps the log with its checkpoints. Every other
round goes backwards, and a ratio is made within each round. The senders sign before the clock starts.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from hub.bench.comparing import Broker, Comparison, Findings, broker_for
from hub.bench.database import database
from hub.bench.papers import papers_of
from hub.bench.rig import Rig, Scene, rig
from hub.bench.run import BenchFailure, count, number, quiet
from hub.journal.yardstick import queue_no_leaves

OFF, SUITES = "off", ("intl-1", "gm-1")
MOST_LOST = {"intl-1": 0.15, "gm-1": 0.25}
"""The share of the throughput that a suite may cost."""
_DESTINATIONS = 2
_SPARE, _LEAST = 2.0, 1000
"""Requests that are prepared, of what the warm-up promises, and at least."""
_LOAD = "hub.bench.prepared_load"


async def weigh(plan: Comparison, say: Callable[[str], None]) -> Findings:
    """Measure. Raises :class:`BenchFailure` when something that is needed is not there."""
    directory = Path(tempfile.mkdtemp(prefix="govhub-evidence-"))
    findings = Findings()
    try:
        async with _broker(plan, directory) as broker:
            for round_ in range(plan.rounds):
                findings.add({"load_average": os.getloadavg()[0]})
                turns = (OFF, *SUITES) if round_ % 2 == 0 else (*SUITES[::-1], OFF)
                for what in turns:
                    say(f"{round_ + 1}/{plan.rounds} {what}")
                    findings.add(await _turn(plan, broker, directory / f"{round_}-{what}", what))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return findings


@asynccontextmanager
async def _broker(plan: Comparison, directory: Path) -> AsyncIterator[Broker]:
    if plan.hub_bus == "memory":
        yield Broker("", None)
        return
    async with broker_for(plan.broker, directory) as found:
        yield found


def lost_share(found: Findings, suite: str) -> float:
    """Which share of the throughput the suite costs: the median over the rounds."""
    return 1 - median(found.ratios(f"{suite}.accepted_per_s", f"{OFF}.accepted_per_s"))


async def _turn(plan: Comparison, broker: Broker, where: Path, what: str) -> dict[str, float]:
    await asyncio.to_thread(where.mkdir)
    papers = None if what == OFF else await asyncio.to_thread(papers_of, what, where / "papers")
    signer = () if papers is None else papers.signer
    scene = Scene(http=1, xml=1, papers=papers, load=(_LOAD, *signer))
    async with _hub(plan, broker, where, scene) as hub:
        figures = await _saturated(plan, hub)
    return {f"{what}.{name}": value for name, value in figures.items()}


@asynccontextmanager
async def _hub(plan: Comparison, broker: Broker, where: Path, scene: Scene) -> AsyncIterator[Rig]:
    bus = broker.url if plan.hub_bus == "rabbitmq" else "memory"
    async with database(None, where) as journal:
        pids = {"database": lambda: journal.pid, "broker": lambda: broker.pid}
        async with rig(where, journal.dsn, bus, scene, pids) as hub:
            if scene.papers is None:
                await queue_no_leaves(journal.dsn)
            yield hub


async def _saturated(plan: Comparison, hub: Rig) -> dict[str, float]:
    """What is accepted and delivered in the same time, with as many requests under way at all times."""
    order: dict[str, object] = {"cases": plan.cases, "in_flight": plan.in_flight}
    stock = int(plan.warm_up * plan.most_per_s)
    warm = await hub.send({**order, "first": 0, "seconds": plan.warm_up, "stock": stock})
    total = count(warm, "accepted")
    await quiet(hub, total * _DESTINATIONS)
    stock = _LEAST + int(total / number(warm, "seconds") * plan.seconds * _SPARE)
    before, seen = hub.cpu(), (await hub.tally())["effects"]
    full = await hub.send({**order, "first": 10**8, "seconds": plan.seconds, "stock": stock})
    delivered = (await hub.tally())["effects"] - seen
    accepted = count(full, "accepted")
    total += accepted
    await quiet(hub, total * _DESTINATIONS)
    after, tally = hub.cpu(), await hub.tally()
    if count(full, "late") or not accepted:
        raise BenchFailure(f"备下的请求不够或无一受理：{full['refused']}。 Too few were prepared, or none was taken.")
    return {
        "accepted_per_s": min(accepted, delivered / _DESTINATIONS) / number(full, "seconds"),
        "lost": int(total * _DESTINATIONS - tally["effects"]),
        "duplicated": int(tally["repeats"]),
        **{f"cpu_ms.{part}": (after[part] - before[part]) / accepted * 1000 for part in after},
    }
