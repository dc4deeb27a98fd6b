# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking far sides what became of deliveries in doubt, before anything is repeated. 存疑查询"""

import asyncio
from collections import Counter
from datetime import timedelta

from connectors.sdk import Idempotency
from connectors.sdk.guard import QUESTION_SECONDS, guarded_query
from hub.outlet import Outlet
from hub.path import PATIENCE, settle
from hub.ports.journal import Claim, JournalDown, State
from hub.running import Hub
from hub.stages.judge import answered

_TICK = 0.5
_AT_A_TIME = 8
"""Questions to one destination at a time: enough to come on, too few to trouble a far side that is just back."""

_LEASE = timedelta(seconds=QUESTION_SECONDS + PATIENCE + 15)


async def ask_about_doubts(hub: Hub) -> None:
    """Ask whatever is due to be asked in the partitions this hub owns. Runs until cancelled."""
    askable = [name for name, one in hub.outlets.items() if one.policy.idempotency is Idempotency.QUERYABLE]
    if not askable:
        await asyncio.Event().wait()  # nothing to do, and a loop does not end
    under_way: Counter[str] = Counter()
    async with asyncio.TaskGroup() as questions:
        while True:
            for name in askable:
                room = _AT_A_TIME - under_way[name]
                if room > 0 and hub.leases.held and not hub.breakers.shut(name):
                    for claim in await _taken(hub, name, room):
                        under_way[name] += 1
                        questions.create_task(_asking(hub, hub.outlets[name], claim, under_way))
            await hub.clock.sleep(_TICK)


async def _taken(hub: Hub, destination: str, room: int) -> list[Claim]:
    taken = await hub.journal.doubts.take([destination], room, hub.clock.now() + _LEASE)
    return [] if isinstance(taken, JournalDown) else list(taken)


async def _asking(hub: Hub, outlet: Outlet, claim: Claim, under_way: Counter[str]) -> None:
    try:
        await ask(hub, outlet, claim)
    except Exception as bug:  # because one question must not end all others; it is asked again when its time is up
        hub.log.error("bug in a question", delivery=str(claim.delivery_id), exc_info=bug)
    finally:
        under_way[outlet.name] -= 1


async def ask(hub: Hub, outlet: Outlet, claim: Claim) -> None:
    """Ask about one delivery, and write down what follows. A lease that ran out leaves the question to the next owner."""
    slot = await outlet.slots.take(PATIENCE)
    if slot is None:
        return
    try:
        if not hub.owns(claim.queue, claim.epoch):
            return
        answer = await guarded_query(lambda: outlet.sink.query(str(claim.delivery_id)), QUESTION_SECONDS)
    finally:
        slot.release()
    hub.breakers.hear(outlet.name, answer)
    settlement = answered(hub.court, outlet.policy, claim, answer, hub.clock.now())
    await settle(hub, settlement)
    if settlement.state is State.ACCEPTED:
        outlet.doorbell.ring()
