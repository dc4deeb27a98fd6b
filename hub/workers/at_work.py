# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub at work: all its loops, started and stopped in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

from hub.running import Hub
from hub.workers.asking import ask_about_doubts
from hub.workers.cataloguing import keep_catalogue
from hub.workers.certifying import certify
from hub.workers.clearing import clear_stores
from hub.workers.correcting import correct
from hub.workers.expiring import end_overdue
from hub.workers.forewarning import forewarn
from hub.workers.forgetting import forget_answers
from hub.workers.gatekeeping import Gatekeeper
from hub.workers.issuing import keep_issuer_keys
from hub.workers.keeping_time import keep_time
from hub.workers.owning import Owner
from hub.workers.parking import look_after_parking
from hub.workers.processing import process
from hub.workers.reconciling import reconcile
from hub.workers.relaying import Sweep, fill_windows, relay_offers
from hub.workers.replaying import replay
from hub.workers.reporting import report
from hub.workers.rereading import reread_forms
from hub.workers.rerouting import reroute
from hub.workers.retaining import retain
from hub.workers.ringing import ring_for_others
from hub.workers.sequencing import sequence
from hub.workers.sounding import sound_sources
from hub.workers.stamping import stamp_checkpoints
from hub.workers.taking import take
from hub.workers.upkeep import keep_up
from hub.workers.watching import Watcher, watch_backlog

_DRAIN_PATIENCE = 30.0

Loop: TypeAlias = Callable[[], Awaitable[None]]


@asynccontextmanager
async def working(hub: Hub) -> AsyncIterator[None]:
    """The hub's loops. Each one runs until cancelled; one that ends by itself is a bug and is started again."""
    sweep = Sweep(hub)
    owner = Owner(hub, sweep)
    watcher = Watcher(hub)
    gatekeeper = Gatekeeper(hub)
    loops = [
        asyncio.create_task(_keep(hub, name, loop), name=name)
        for name, loop in (
            ("relay", lambda: relay_offers(hub, sweep.bundles)),
            ("windows", lambda: fill_windows(hub)),
            ("sweep", sweep.run),
            ("upkeep", lambda: keep_up(hub)),
            ("forms", lambda: reread_forms(hub)),
            ("routes", lambda: reroute(hub)),
            ("certificates", lambda: certify(hub)),
            ("replay", lambda: replay(hub)),
            ("clear", lambda: clear_stores(hub)),
            ("reconcile", lambda: reconcile(hub)),
            ("items", lambda: keep_catalogue(hub)),
            ("deadlines", lambda: forewarn(hub)),
            ("performance", lambda: report(hub)),
            ("parking", lambda: look_after_parking(hub)),
            ("retain", lambda: retain(hub)),
            ("sequence", lambda: sequence(hub)),
            ("stamp", lambda: stamp_checkpoints(hub)),
            ("keep time", lambda: keep_time(hub)),
            ("answers", lambda: forget_answers(hub)),
            ("gates", gatekeeper.run),
            ("doubts", lambda: ask_about_doubts(hub)),
            ("mailboxes", lambda: ring_for_others(hub)),
            ("processors", lambda: process(hub)),
            ("corrections", lambda: correct(hub)),
            ("overdue", lambda: end_overdue(hub)),
            ("pulse", hub.pulse.beat),
            ("watch", watcher.run),
            ("backlog", lambda: watch_backlog(hub)),
            ("sources", lambda: sound_sources(hub)),
            ("issuer", lambda: keep_issuer_keys(hub)),
            ("own", owner.run),
        )
    ]
    intakes: list[asyncio.Task[None]] = []
    try:
        await owner.first_beat.wait()
        await watcher.first_look.wait()
        intakes += [
            asyncio.create_task(_keep(hub, f"source {name}", partial(take, hub, inlet)))
            for name, inlet in hub.inlets.items()
        ]
        with hub.pulse.watched():
            yield
    finally:
        for intake in intakes:
            intake.cancel()
        await asyncio.gather(*intakes, return_exceptions=True)
        loops[-1].cancel()
        try:
            async with asyncio.timeout(_DRAIN_PATIENCE):
                await owner.drain()
        except TimeoutError:
            hub.log.warning("drain gave up", in_hand=len(hub.in_hand.deliveries))
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def _keep(hub: Hub, name: str, loop: Loop) -> None:
    while True:
        try:
            await loop()
        except Exception as bug:  # because a loop that met a bug must not stop the hub in silence
            hub.log.error("loop ended", loop=name, exc_info=bug)
            await hub.clock.sleep(1.0)
