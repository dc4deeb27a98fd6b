# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Watching the machine's clock: against itself every second, against the database's every ten."""

from typing import Never

from hub.ports.journal import JournalDown
from hub.running import Hub
from hub.timekeeping import DATABASE

EVERY = 1.0
_ASK_EVERY = 10


async def keep_time(hub: Hub) -> Never:
    """Until cancelled."""
    while True:
        await compare(hub)
        for _ in range(_ASK_EVERY):
            hub.clock_watch.tick(hub.log)
            await hub.clock.sleep(EVERY)


async def compare(hub: Hub) -> None:
    """Ask the database what time it is."""
    asked = hub.clock_watch.moment()
    theirs = await hub.journal.observations.moment()
    if not isinstance(theirs, JournalDown):
        hub.clock_watch.heard(DATABASE, theirs, asked)
