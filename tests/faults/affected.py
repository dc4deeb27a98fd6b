# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages a death could have touched, so that the others can be held to their delay."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.faults.row import Row

_EVERY = 0.2
_AROUND = 0.5


@dataclass(slots=True)
class Owners:
    """Follows who owns which partition while hubs die, from ``async with`` to its end."""

    row: Row
    deaths: list[tuple[float, str]] = field(default_factory=list)
    """When which hub was killed."""
    _samples: list[tuple[float, dict[int, tuple[str, int]]]] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            with suppress(OSError):
                self._samples.append((time.monotonic(), await self.row.stand.owners()))
            await asyncio.sleep(_EVERY)

    def unaffected(self, place: str) -> list[float]:
        """The delays of messages whose partition stayed with one hub, whose accepting hub lived, and which waited for
        none of their case that was touched."""
        delays = self.row.delays(place)
        found: list[float] = []
        touched_until: dict[str, float] = {}
        cases = {one["id"]: one["case"] for one in self.row.effects(place)}
        for message, (accepted, delay, hub) in sorted(delays.items(), key=lambda item: item[1][0]):
            case = cases[message]
            touched = accepted < touched_until.get(case, 0.0) or self._touched(message, accepted, accepted + delay, hub)
            if touched:
                touched_until[case] = max(accepted + delay, touched_until.get(case, 0.0))
            else:
                found.append(delay)
        return found

    def _touched(self, message: str, accepted: float, effect: float, hub: str) -> bool:
        if any(accepted - _AROUND <= when <= effect and who == hub for when, who in self.deaths):
            return True
        partition = self.row.partition_of(message)
        around = [
            owners.get(partition, ("", 0))
            for when, owners in self._samples
            if accepted - _AROUND <= when <= effect + _AROUND
        ]
        return len(set(around)) != 1 or around[0][0] == ""
