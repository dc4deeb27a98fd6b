# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The worker of one source: what it brings goes through the path in bulk, and is settled after COMMIT 1."""

import asyncio
from collections.abc import Sequence
from itertools import count

from connectors.sdk import Disposition, Item, NotNow, Refused, Taken
from hub.inlet import Bringer, Inlet
from hub.items import accept_items
from hub.running import Hub

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0


async def take(hub: Hub, inlet: Inlet) -> None:
    """Take and settle until cancelled. What is in hand then is not settled, and comes again; the journal knows it.

    While one batch is handed over the next is fetched, and waits for its turn: the far side and the journal work side by side.
    """
    async with asyncio.TaskGroup() as handing:
        before: asyncio.Task[None] | None = None
        while True:
            await hub.headway.room(hub.clock)
            items = await inlet.source.take()
            if before is not None:
                await before
            before = handing.create_task(_at_a_pace(hub, inlet, items))


async def _at_a_pace(hub: Hub, inlet: Inlet, items: Sequence[Item]) -> None:
    began = hub.clock.monotonic()
    await hand_over(hub, inlet, items)
    if hub.headway.is_ahead:  # nobody is waited for then: half of the time is for deliveries
        await hub.clock.sleep(hub.clock.monotonic() - began)


async def hand_over(hub: Hub, inlet: Inlet, items: Sequence[Item]) -> None:
    """Settle all of these, in their order; those the hub cannot take now are kept in hand and tried again."""
    waiting = list(items)
    bringer = Bringer(system=inlet.system, body_bytes=inlet.body_bytes, log=inlet.log)
    for attempt in count():
        if hub.intake.pause:
            await hub.clock.sleep(hub.intake.pause)
        full = hub.intake.refusal() is not None
        answers = [NotNow()] * len(waiting) if full else await accept_items(hub, bringer, waiting)
        settled: list[tuple[int, Disposition]] = [
            (item.token, answer)
            for item, answer in zip(waiting, answers, strict=True)
            if not isinstance(answer, NotNow)
        ]
        inlet.taken += sum(isinstance(answer, Taken) for _, answer in settled)
        inlet.refused += sum(isinstance(answer, Refused) for _, answer in settled)
        waiting = [item for item, answer in zip(waiting, answers, strict=True) if isinstance(answer, NotNow)]
        inlet.waiting = len(waiting)
        await inlet.source.settle(settled)
        if not waiting:
            return
        if not attempt:
            inlet.log.warning("source waits", messages=len(waiting))
        await hub.clock.sleep(min(_FIRST_PAUSE * 2.0 ** min(attempt, 16), _LONGEST_PAUSE))
