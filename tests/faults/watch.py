# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking at the hubs from outside while a row runs: their health, their memory, their open files."""

import asyncio
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.support.hub_process import HubProcess

EVERY = 0.25
_PATIENCE = 4.0


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one hub. ``status`` 0: no answer. ``blocked``: what is in the way, and the reason."""

    t: float
    hub: str
    status: int
    blocked: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Watch:
    """Looks a few times a second, from ``async with`` to its end. Times are the machine's monotonic clock."""

    hubs: Mapping[str, HubProcess]
    looks: list[Look] = field(default_factory=list)
    most_bytes: dict[int, int] = field(default_factory=dict)
    """The largest resident set of every hub process, by pid."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE))
        self._tasks = [asyncio.create_task(self._follow(name)) for name in self.hubs]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert self._session is not None
        await self._session.close()

    async def until(self, enough: Callable[[Look], bool], hubs: Iterable[str], seconds: float) -> float:
        """Wait until every one of the hubs has a look that is enough, from now on; how long that took."""
        begun, missing = time.monotonic(), set(hubs)
        seen = len(self.looks)
        async with asyncio.timeout(seconds), self._news:
            while True:
                missing -= {look.hub for look in self.looks[seen:] if look.t >= begun and enough(look)}
                seen = len(self.looks)
                if not missing:
                    return time.monotonic() - begun
                await self._news.wait()

    async def until_ready(self, hubs: Iterable[str], seconds: float = 60.0) -> float:
        return await self.until(lambda look: look.status == 200, hubs, seconds)

    async def until_blocked(self, what: str, hubs: Iterable[str], seconds: float = 60.0) -> float:
        return await self.until(lambda look: what in look.blocked, hubs, seconds)

    def of(self, hub: str, since: float, until: float) -> Sequence[Look]:
        return [look for look in self.looks if look.hub == hub and since <= look.t <= until]

    async def _follow(self, name: str) -> None:
        assert self._session is not None
        hub = self.hubs[name]
        while True:
            look = await self._look(self._session, name, hub)
            async with self._news:
                self.looks.append(look)
                self._news.notify_all()
            if hub.running:
                self.most_bytes[hub.pid] = max(self.most_bytes.get(hub.pid, 0), resident_bytes(hub.pid))
            await asyncio.sleep(EVERY)

    @staticmethod
    async def _look(session: aiohttp.ClientSession, name: str, hub: HubProcess) -> Look:
        begun = time.monotonic()
        if not (hub.running and hub.url):
            return Look(begun, name, 0)
        try:
            async with session.get(f"{hub.url}/health/ready") as answer:
                said = await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Look(begun, name, 0)
        blocked = {one["what"]: one["reason"] for one in said.get("blocked", ())}
        return Look(time.monotonic(), name, answer.status, blocked)


def resident_bytes(pid: int) -> int:
    """proc(5), ``status``; 0 for a process that is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def children(pid: int) -> list[int]:
    """The processes that a process has begun and that have not ended: proc(5), ``task/*/children``."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def open_files(pid: int, pooled: Container[int] = ()) -> int:
    """How many descriptors a process has open, those not counted that are kept for reuse: connections to these ports."""
    kept = _sockets_to(pid, pooled)
    with suppress(OSError):
        return sum(_target(one) not in kept for one in Path(f"/proc/{pid}/fd").iterdir())
    return 0


def _target(descriptor: Path) -> str:
    with suppress(OSError):  # closed meanwhile
        return str(descriptor.readlink())
    return ""


def _sockets_to(pid: int, ports: Container[int]) -> set[str]:
    """proc(5), ``net/tcp``: what lies behind the descriptors of connections to these ports."""
    found = set()
    for line in Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) in ports:
            found.add(f"socket:[{fields[9]}]")
    return found
