# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Time stamps over checkpoints (时间戳): the newest one is stamped, and vouches for all before it.

While no authority answers, nothing stops: evidence awaits its stamp, health says since when, and the first stamp after the
outage covers everything that was waiting.
"""

import aiohttp

from certs.evidence.timestamping import Stamp
from connectors.sdk.session import open_session
from hub.evidence.authority import Away
from hub.ports.journal import JournalDown, Turn
from hub.ports.journal.sequencing import Checkpoint
from hub.running import Hub
from hub.timekeeping import TIMESTAMPS

_WHOLE_SECONDS = 1.0  # many authorities say no parts of a second
EVERY = 10.0
"""Seconds between two looks for a checkpoint without a stamp."""


async def stamp_checkpoints(hub: Hub) -> None:
    """Until cancelled; does nothing where no authority is configured."""
    async with open_session() as http:
        while True:
            if hub.evidence.authorities:
                await stamp_once(hub, http)
            await hub.clock.sleep(EVERY)


async def stamp_once(hub: Hub, http: aiohttp.ClientSession) -> None:
    """Stamp the newest checkpoint that has no stamp, by the first authority that gives a good one; one hub at a time."""
    async with hub.journal.chores.turn("timestamps", 0.0) as turn:
        if not isinstance(turn, Turn):
            return
        waiting = await hub.journal.log.unstamped(1)
        if isinstance(waiting, JournalDown):
            return
        if not waiting:
            hub.evidence.awaited_since = None
            return
        await _stamp(hub, http, waiting[0])


async def _stamp(hub: Hub, http: aiohttp.ClientSession, checkpoint: Checkpoint) -> None:
    hub.evidence.awaited_since = min(hub.evidence.awaited_since or checkpoint.made_at, checkpoint.made_at)
    for authority in hub.evidence.authorities:
        nonce = int.from_bytes(hub.ids.salt()[:8], "big") >> 1
        asked = hub.clock_watch.moment()
        given = await authority.stamp(http, checkpoint.note, nonce, checkpoint.made_at, hub.clock.now())
        if isinstance(given, Stamp):
            hub.clock_watch.heard(TIMESTAMPS, given.moment, asked, _WHOLE_SECONDS)
            kept = await hub.journal.log.stamp(checkpoint.size, authority.url, given.token, hub.clock.now())
            if kept is None:
                hub.evidence.awaited_since = None
            return
        reason = given.reason if isinstance(given, Away) else given.value
        hub.log.warning("no time stamp", authority=authority.url, reason=reason)
