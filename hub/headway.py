# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How far what is taken in may run ahead of what is delivered.

Taking a message in is cheaper than delivering it, and both share one processor: a source with a backlog, or senders in a hurry,
would fill the journal and slow down everything else. So the hub takes in about as much as it delivers. It waits for deliveries
of its own partitions only, and not for a destination that does not keep up: that one's backlog is the journal's, and grows at
half speed where a source brings it. A sender that waits for its answer is kept waiting for a moment only.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from hub.ports.clock import Clock
from hub.ports.journal import PlannedDelivery

MOST = 600
"""Deliveries under way at which whoever brings more waits."""
AGAIN = 400
"""Deliveries under way at which that goes on."""
PATIENCE = 5.0
"""Seconds that one delivery is waited for."""
SLOW = 30.0
"""Seconds for which a destination that was waited for in vain is waited for no more."""
PROMPT = 2.0
"""Seconds within which a delivery must end to show that its destination keeps up again."""
_LOOK = 0.5


class Headway:
    """One per hub; for use from its event loop."""

    def __init__(self) -> None:
        self._under_way: dict[UUID, tuple[float, str]] = {}
        self._slow: dict[str, float] = {}
        self._waived: dict[UUID, tuple[float, str]] = {}
        """The latest to destinations that are not waited for."""
        self._eased = asyncio.Event()

    @property
    def is_ahead(self) -> bool:
        """Whether a destination was waited for in vain not long ago."""
        return bool(self._slow)

    def begin(self, deliveries: Iterable[PlannedDelivery], now: float) -> None:
        """These are about to be committed. ``now`` is monotonic."""
        self._slow = {name: until for name, until in self._slow.items() if until > now}
        while self._waived and now - next(iter(self._waived.values()))[0] > PROMPT:
            del self._waived[next(iter(self._waived))]
        for one in deliveries:
            waited_for = self._waived if one.destination in self._slow else self._under_way
            waited_for[one.id] = (now, one.destination)

    def end(self, delivery: UUID) -> None:
        """An attempt at this one has ended, or it was not committed."""
        if waived := self._waived.pop(delivery, None):  # so soon: it keeps up again
            self._slow.pop(waived[1], None)
        if self._under_way.pop(delivery, None) is not None and len(self._under_way) < MOST:
            self._eased.set()

    async def room(self, clock: Clock) -> None:
        """Wait until more may be taken in."""
        if self.is_full(clock.monotonic()):
            await self._eased_off(clock, AGAIN + 1)

    async def room_soon(self, clock: Clock, seconds: float) -> None:
        """Wait until one more may be taken in, but so many seconds at most."""
        if self.is_full(clock.monotonic()):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._eased_off(clock, MOST)

    def is_full(self, now: float) -> bool:
        """Whether whoever brings more should wait. ``now`` is monotonic."""
        return self._is_full(MOST, now)

    async def _eased_off(self, clock: Clock, full: int) -> None:
        while self._is_full(full, clock.monotonic()):
            self._eased.clear()
            try:
                async with asyncio.timeout(_LOOK):
                    await self._eased.wait()
            except TimeoutError:
                continue

    def _is_full(self, most: int, now: float) -> bool:
        while len(self._under_way) >= most:
            oldest, (since, destination) = next(iter(self._under_way.items()))
            if now - since < PATIENCE:
                return True
            del self._under_way[oldest]
            self._slow[destination] = now + SLOW
        return False
