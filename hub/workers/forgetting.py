# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Forgetting answers: early ones that nothing was ever accepted for, and those of deliveries that ended long ago.

One hub at a time, a bounded piece per round. 答复的保存期限
"""

from datetime import timedelta

from hub.ports.journal import JournalDown, Turn
from hub.running import Hub

EARLY = timedelta(days=7)
"""So long an answer waits for something to be accepted under its reference."""
KNOWN = timedelta(days=90)
"""So long a repeat of an answer is recognised after its delivery was accepted; of an open delivery always."""

_TICK = 300.0
_EVERY = 3600.0
_ROWS = 5_000
_BATCHES = 200


async def forget_answers(hub: Hub) -> None:
    """A round every hour, if no other hub has done it. Runs until cancelled."""
    while True:
        await forget_once(hub)
        await hub.clock.sleep(_TICK)


async def forget_once(hub: Hub, every: float = _EVERY) -> None:
    """One round, if it is this hub's turn."""
    async with hub.journal.chores.turn("answers", every) as turn:
        if not isinstance(turn, Turn):
            return
        now = hub.clock.now()
        for _ in range(_BATCHES):
            purged = await hub.journal.answers.purge(now - EARLY, now - KNOWN, _ROWS)
            if isinstance(purged, JournalDown):
                hub.log.warning("answers wait to be forgotten", reason=purged.reason)
                return
            for destination, count in purged.early.items():
                hub.answers.dropped[destination] += count
                hub.log.warning("answers to nothing dropped", destination=destination, count=count)
            if max(sum(purged.early.values()), purged.known) < _ROWS:
                break
        turn.done = True
