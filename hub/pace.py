# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When and how fast a destination is sent to: windows of the day, and so many in a second (时段与速率).

For a counterparty that takes loads at night, or no more than it can bear. What has no turn stays in the journal and burns no
attempt. Each hub keeps the pace by itself.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone

from hub.ports.clock import Clock
from hub.slots import Slot, Slots

_BEIJING = timezone(timedelta(hours=8))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of every day, in Beijing time; one that begins after it ends goes on past midnight."""

    begins: time
    ends: time

    def wait(self, now: datetime) -> float:
        """Seconds until it is open; 0: it is."""
        here = now.astimezone(_BEIJING)
        begins = here.replace(hour=self.begins.hour, minute=self.begins.minute, second=0, microsecond=0)
        ends = here.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        inside = begins <= here < ends if begins < ends else here >= begins or here < ends
        if inside or begins == ends:
            return 0.0
        return ((begins if here < begins else begins + _DAY) - here).total_seconds()


@dataclass(slots=True)
class Pace:
    """``per_second`` None: as fast as it goes; no ``windows``: always. Safe for concurrent use in one event loop."""

    clock: Clock
    per_second: float | None = None
    windows: tuple[Window, ...] = ()
    _next: float = field(default=0.0, init=False)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def turn(self, patience: float) -> bool:
        """Wait for a turn, no longer than so many seconds; whether there was one."""
        closed = min((one.wait(self.clock.now()) for one in self.windows), default=0.0)
        if closed > 0:
            # Its patience is waited out even so: what is given back is offered again, and that costs the journal something.
            await self._sleep(min(closed, patience))
            if closed > patience:
                return False
        if self.per_second is None:
            return True
        now = self.clock.monotonic()
        mine = max(self._next, now)
        if mine - now > patience:
            await self._sleep(patience)
            return False
        self._next = mine + 1 / self.per_second
        if mine > now:
            await self._sleep(mine - now)
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Nobody gets a turn any more, and nobody waits for one."""
        self._stopped.set()

    async def _sleep(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self.clock.sleep(seconds))
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait((sleeping, stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopped.cancel()


class PacedSlots(Slots):
    """Slots that are taken at a pace."""

    def __init__(self, number: int, pace: Pace) -> None:
        super().__init__(number)
        self._pace = pace

    async def take(self, patience: float) -> Slot | None:
        """A slot, once it has a turn; None when either did not come within so many seconds."""
        return await super().take(patience) if await self._pace.turn(patience) else None

    def stop(self) -> None:
        """Whoever waits for a turn goes away without one: the hub stops."""
        self._pace.stop()
