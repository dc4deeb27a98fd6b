# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Following the route table that is in force, and telling what the one in the shadow did otherwise. Runs until cancelled."""

import asyncio

from hub.ports.journal import JournalDown
from hub.rerouting import follow
from hub.running import Hub

SECONDS = 1.0
"""Between two looks: for so long hubs may go by different tables."""


async def reroute(hub: Hub) -> None:
    """Look, and follow."""
    if hub.tables is None:
        await asyncio.Event().wait()  # nothing to follow, and a loop does not end
        return
    while True:
        await hub.clock.sleep(SECONDS)
        await look(hub)


async def look(hub: Hub) -> None:
    """Once."""
    if hub.tables is None:
        return
    await tell(hub)
    await follow(hub.routes, hub.journal.route_tables, hub.tables, hub.log, {})


async def tell(hub: Hub) -> None:
    """What the shadow was tried on since the last time. What the journal does not take now is told the next time."""
    for (shadow, active), seen in hub.routes.told().items():
        told = await hub.journal.route_tables.observe(shadow, active, seen.planned, seen.differences, hub.clock.now())
        if isinstance(told, JournalDown):
            hub.routes.untold((shadow, active), seen)
