# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From queue to queue while hub, broker and database are killed in turn, again and again, beside the same without."""

import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hub.bench.bus_to_bus import SOURCE, TARGET, Stock, stocked
from hub.bench.comparing import Broker, Comparison, Findings, broker_for
from hub.bench.database import Database, database
from hub.bench.rig import Rig, Scene, rig
from hub.bench.run import BenchFailure
from hub.bus.yardstick import counter

_SPARE = 1.5
"""The stock for the adverse time, of what the clean rate would carry in it."""
_AGAIN_SECONDS = 1.0
_RESTART_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Adversity:
    """Every so many seconds one of them is killed, for so many seconds."""

    every: float = 30.0
    lasting: float = 300.0


async def suffer(plan: Comparison, adversity: Adversity, say: Callable[[str], None]) -> Findings:
    """Measure. All servers are private: those of others are not ours to kill."""
    if plan.broker or plan.journal:
        raise BenchFailure("--adverse 只用自行启动的服务。 --adverse kills servers: it takes none that is given.")
    directory = Path(tempfile.mkdtemp(prefix="govhub-adverse-"))
    findings = Findings()
    try:
        async with broker_for(None, directory) as broker, database(None, directory) as journal:
            scene = Scene(http=0, queues=(broker.url, SOURCE, TARGET))
            bus = broker.url if plan.hub_bus == "rabbitmq" else "memory"
            place = directory / "hub"
            await asyncio.to_thread(place.mkdir)
            async with rig(place, journal.dsn, bus, scene, {}) as hub:
                say("无故障 clean")
                async with stocked(broker.url, plan.stock, plan.cases) as waiting:
                    clean = (await waiting.watch(plan.seconds, plan.warm_up)).rate
                    await waiting.balance()
                stock = int(clean * adversity.lasting * _SPARE)
                say("准备 filling")
                async with stocked(broker.url, stock, plan.cases):
                    findings.add({"clean_per_s": clean, **await _adverse(hub, broker, journal, stock, adversity, say)})
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return findings


async def _adverse(
    hub: Rig, broker: Broker, journal: Database, stock: int, adversity: Adversity, say: Callable[[str], None]
) -> dict[str, float]:
    kills = itertools.cycle(
        [
            ("hub", partial(_kill_hub, hub)),
            ("broker", partial(_kill_broker, broker)),
            ("database", partial(_kill_database, journal)),
        ]
    )
    begun, killed = time.monotonic(), 0
    while (left := begun + adversity.lasting - time.monotonic()) > 0:
        await asyncio.sleep(min(left, adversity.every))
        if time.monotonic() < begun + adversity.lasting:
            name, kill = next(kills)
            say(f"kill -9 {name}")
            await kill()
            killed += 1
    async with counter(broker.url) as queues:
        waiting = Stock(broker.url, queues, stock)
        arrived, seconds = await waiting.arrived(), time.monotonic() - begun
        say("收尾 finishing")
        balance = await waiting.balance()
    return {
        "adverse_per_s": arrived / seconds,
        "kills": killed,
        "lost": balance.lost,
        "duplicated": balance.duplicated,
        "repeats": balance.repeats,
        "refused": balance.refused,
    }


async def _kill_hub(hub: Rig) -> None:
    await hub.hub.kill()
    end = time.monotonic() + _RESTART_SECONDS
    while True:
        try:
            return await hub.hub.start(hub.http)
        except RuntimeError:  # its name is taken until its lease has run out
            if time.monotonic() > end:
                raise
            await asyncio.sleep(_AGAIN_SECONDS)


async def _kill_broker(broker: Broker) -> None:
    assert broker.node is not None
    await broker.node.kill()
    await broker.node.start()


async def _kill_database(journal: Database) -> None:
    await journal.kill()
    await journal.start()
