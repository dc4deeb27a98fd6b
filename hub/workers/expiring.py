# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Ending what may not be sent any more, also at destinations that are shut: whoever has another way must hear of it. 过期"""

from hub.ports.journal import JournalDown
from hub.probing import trial
from hub.running import Hub

_EVERY = 1.0
_AT_A_TIME = 50


async def end_overdue(hub: Hub) -> None:
    """Look every second, in the partitions of this hub. Runs until cancelled."""
    while True:
        if await end_once(hub) < _AT_A_TIME:
            await hub.clock.sleep(_EVERY)


async def end_once(hub: Hub) -> int:
    """End the next few; how many there were. A trial of what has expired sends nothing."""
    overdue = await hub.journal.offers.overdue(_AT_A_TIME)
    if isinstance(overdue, JournalDown):
        return 0
    for delivery, queue, destination in overdue:
        outlet = hub.outlets.get(destination)
        if outlet is not None:
            await trial(hub, outlet, delivery, queue)
    return len(overdue)
