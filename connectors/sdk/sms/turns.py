# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is to submit: as many a second as were agreed, and a rest for all after the gateway said it was too fast."""

import asyncio
from typing import Final

from connectors.sdk.outcomes import Unavailable

_AHEAD_SECONDS: Final = 0.05
"""So much may be made up for: a loop that wakes late does not lose what it was late."""


class Turns:
    """Shared by all sends of a destination in this process. ``rate`` is numbers times parts a second; None: as it comes."""

    def __init__(self, rate: float | None) -> None:
        self._each = 0.0 if rate is None else 1 / rate
        self._next = 0.0

    async def take(self, count: int, seconds: float) -> Unavailable | None:
        """Wait for the turn of so many at once; not at all where it would not come within so many seconds."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        begin = max(self._next, now - _AHEAD_SECONDS)
        wait = begin - now
        if wait > seconds:
            return Unavailable("RATE_LIMITED: 已达约定速率 / the agreed rate is reached", wait)
        if self._each:
            self._next = begin + count * self._each
        if wait > 0:
            await asyncio.sleep(wait)
        return None

    def rest(self, seconds: float) -> None:
        """The gateway is to be left alone for so long."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)
