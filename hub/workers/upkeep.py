# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keeping the journal ready for the time to come, for as long as the hub runs."""

from hub.ports.journal import JournalDown
from hub.running import Hub

_EVERY = 3600.0
_AGAIN = 60.0


async def keep_up(hub: Hub) -> None:
    """Every hour; sooner when the journal did not answer. Runs until cancelled."""
    while True:
        done = await hub.journal.upkeep()
        match done:
            case None:
                await hub.clock.sleep(_EVERY)
            case JournalDown(reason):
                hub.log.warning("no upkeep", reason=reason)
                await hub.clock.sleep(_AGAIN)
