# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking ahead for destinations that are shut: how many cases breach their periods by the end of the day. 时限预警"""

import asyncio
from typing import Never

from hub.deadlines import outlook
from hub.ports.journal import JournalDown
from hub.running import Hub

_EVERY = 60.0


async def forewarn(hub: Hub) -> Never:
    """Every minute, where the deployment has a legal clock. Runs until cancelled."""
    while True:
        if hub.legal_clock.watched:
            await look_ahead(hub)
        await hub.clock.sleep(_EVERY)


async def look_ahead(hub: Hub) -> None:
    """One look at every destination that is shut. One that is not is forgotten."""
    now = hub.clock.now()
    by = hub.legal_clock.next_close(now)
    shut = sorted(name for name, gate in hub.breakers.known.items() if gate.shut and name in hub.places)
    found = {}
    for name in shut:
        told = await outlook(hub.journal.dockets, hub.legal_clock, name, by, now)
        if not isinstance(told, JournalDown):
            found[name] = told
        await asyncio.sleep(0)
    hub.health.outlooks = found
