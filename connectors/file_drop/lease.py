# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sole right to a folder behind a server that knows no locks: a row of numbered folders, of which the highest counts.

Making a folder is the one request that every server does for one client only. Whoever makes ``.govhub/lease-N`` holds the right
until somebody makes ``lease-N+1``; that is done when the holder said that it is free, or when its ``beat`` has not changed for as
long as the watcher's own clock says. Clocks are not compared, and a right that was lost is seen at the next beat.
"""

import asyncio
import secrets
from collections.abc import Callable

from connectors.file_drop.file_system import AwayError, Content, Fault, FileSystem, Kind, join

_LEASE = b"lease-"
_BEAT = b"beat"
_FREE = b"free"
_MOST = 200


class LeaseGuard:
    """One process's share in it. ``patience`` in seconds; ``monotonic`` is the clock it is measured by."""

    def __init__(self, files: FileSystem, name: bytes, patience: float, monotonic: Callable[[], float]) -> None:
        self._files = files
        self._name = name
        self._patience = patience
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._owner = secrets.token_hex(8)
        self._beats = 0
        self._epoch: int | None = None
        self._kept = 0.0
        self._watched: tuple[int, bytes, float] = (0, b"", 0.0)
        """The highest lease that was seen, its beat, and since when it has not changed."""

    async def held(self) -> bool:
        """As the port says."""
        async with self._turn:
            now = self._monotonic()
            if self._epoch is not None and now - self._kept >= self._patience:
                self._epoch = None  # silent for so long that others may have thought us dead
            if self._epoch is None:
                await self._seize(now)
            elif now - self._kept >= self._patience / 4:
                await self._keep(self._epoch, now)
            return self._epoch is not None

    async def release(self) -> None:
        """As the port says."""
        epoch, self._epoch = self._epoch, None
        if epoch is not None:
            try:
                await self._files.write(self._at(epoch, _BEAT), _FREE)
            except AwayError:
                return  # others will see that nothing beats any more

    async def _keep(self, epoch: int, now: float) -> None:
        if not isinstance(await self._files.look(self._at(epoch + 1)), Fault):
            self._epoch = None
            return
        if await self._beat(epoch):
            self._kept = now

    async def _seize(self, now: float) -> None:
        await self._files.make_folder(self._name)
        highest = await self._highest()
        if highest and not await self._is_given_up(highest, now):
            return
        if await self._files.make_folder(self._at(highest + 1)) is not None:
            return
        if await self._beat(highest + 1):
            self._epoch, self._kept = highest + 1, now
        for old in range(max(1, highest - _MOST), highest + 1):
            await self._files.remove([self._at(old, _BEAT)])
            await self._files.remove_folder(self._at(old))

    async def _is_given_up(self, lease: int, now: float) -> bool:
        [read] = await self._files.read([self._at(lease, _BEAT)], 100, 1)
        beat = read.body if isinstance(read, Content) else b""
        if beat == _FREE:
            return True
        watched, last, since = self._watched
        if (watched, last) != (lease, beat) or not since:
            self._watched = (lease, beat, now)
            return False
        return now - since >= self._patience

    async def _beat(self, epoch: int) -> bool:
        self._beats += 1
        return await self._files.write(self._at(epoch, _BEAT), f"{self._owner} {self._beats}".encode()) is None

    async def _highest(self) -> int:
        found = 0
        async for piece in self._files.entries(self._name, details=False):
            for entry in piece:
                number = entry.name.removeprefix(_LEASE)
                if entry.kind is Kind.FOLDER and number != entry.name and number.isdigit() and len(number) < 16:
                    found = max(found, int(number))
        return found

    def _at(self, epoch: int, *more: bytes) -> bytes:
        return join(self._name, _LEASE + str(epoch).encode(), *more)
