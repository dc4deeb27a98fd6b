# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking after what is parked (寄存): what has waited for long enough is passed on, marked, and how much waits is known. 寄存"""

from typing import Never

from hub.ports.journal import JournalDown
from hub.running import Hub

_EVERY = 1.0
_IDLE = 60.0
_CASES = 100


async def look_after_parking(hub: Hub) -> Never:
    """Every second where lives are followed, else now and then, for what was parked before. Runs until cancelled."""
    while True:
        gone = await let_go(hub)
        await look(hub)
        if not gone:
            await hub.clock.sleep(_EVERY if hub.parking.policies is not None else _IDLE)


async def let_go(hub: Hub) -> int:
    """Pass on what has waited for long enough; how many messages. No result is withheld for ever."""
    cases = await hub.journal.dockets.overdue(_CASES)
    if isinstance(cases, JournalDown) or not cases:
        return 0
    passed = await hub.journal.dockets.pass_on(hub.name, cases)
    if isinstance(passed, JournalDown):
        return 0
    for message, rule in passed:
        hub.log.warning("passed on", message=str(message), rule=rule)
    hub.parking.count([rule for _, rule in passed])
    return len(passed)


async def look(hub: Hub) -> None:
    """Count what waits."""
    standing = await hub.journal.dockets.standing()
    if not isinstance(standing, JournalDown):
        hub.parking.standing = standing
