# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Trying a destination that is shut with one of its deliveries. 探测投递"""

from uuid import UUID

from connectors.sdk import Outcome
from hub.outlet import Outlet
from hub.path import PATIENCE, attempt
from hub.ports.bus import QueueName
from hub.ports.journal import Claim
from hub.running import Hub
from hub.slots import Slot


async def trial(hub: Hub, outlet: Outlet, delivery: UUID, queue: QueueName) -> Outcome | None:
    """What the far side said to this delivery. None: it was not sent."""
    if queue in hub.leases.leaving or not hub.in_hand.take(delivery, queue):
        return None
    try:
        async with outlet.alone(hub.quarantine, PATIENCE) as alone:
            slot = await outlet.slots.take(PATIENCE) if alone else None
            return await _tried(hub, outlet, delivery, slot) if slot is not None else None
    finally:
        hub.in_hand.drop(delivery)


async def _tried(hub: Hub, outlet: Outlet, delivery: UUID, slot: Slot) -> Outcome | None:
    heard: list[Outcome] = []
    try:
        claim = await hub.journal.deliveries.claim(delivery, alone=True, trial=True)
        if isinstance(claim, Claim):
            await attempt(hub, outlet, claim, hub.observer.stopwatch(), slot, heard)
    finally:
        slot.release()
    return heard[0] if heard else None
