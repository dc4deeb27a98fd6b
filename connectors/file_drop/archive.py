# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sub-folders for what was taken: one for each day, deleted when it is old enough. Days are those of the far side's clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from connectors.file_drop.file_system import Entry, FileSystem, Kind, join
from connectors.file_drop.finding import OURS

_CHINA = timezone(timedelta(hours=8))
_CLOCK = OURS + b"-clock"
_LOOK_SECONDS = 3600.0
_UNDATED = b"undated"
_AT_A_TIME = 5000


class Archive:
    """``folder`` is the archive's own folder. Raises :class:`AwayError` when the far side is not there."""

    def __init__(self, files: FileSystem, folder: bytes, days: int, monotonic: Callable[[], float]) -> None:
        self._files = files
        self._folder = folder
        self._days = days
        self._monotonic = monotonic
        self._clock: tuple[float, float] | None = None
        """What the far side's clock said, and when on ours."""
        self._looking = asyncio.Lock()
        self._made: bytes = b""

    async def today(self) -> bytes:
        """Today's folder, which is there."""
        now = await self._now()
        folder = join(self._folder, _UNDATED if now is None else now.strftime("%Y%m%d").encode())
        if folder != self._made:
            await self._files.make_folder(self._folder)
            await self._files.make_folder(folder)
            self._made = folder
        return folder

    def forget(self) -> None:
        """Make the folder again next time: somebody may have taken it away."""
        self._made = b""

    async def clear(self) -> None:
        """Delete what is old enough, a few thousand files at a time."""
        now = await self._now()
        if now is None or not isinstance(await self._files.look(self._folder), Entry):
            return
        last_kept = (now - timedelta(days=self._days)).strftime("%Y%m%d").encode()
        old = [
            entry.name
            async for piece in self._files.entries(self._folder, details=False)
            for entry in piece
            if entry.kind is Kind.FOLDER and len(entry.name) == 8 and entry.name.isdigit() and entry.name < last_kept
        ]
        for day in sorted(old):
            await self._clear(join(self._folder, day))

    async def _clear(self, folder: bytes) -> None:
        done = 0
        async for piece in self._files.entries(folder, details=False):
            await self._files.remove([join(folder, entry.name) for entry in piece if entry.kind is not Kind.FOLDER])
            done += len(piece)
            if done >= _AT_A_TIME:
                return
        await self._files.remove_folder(folder)

    async def _now(self) -> datetime | None:
        """The far side's time: that of a file that was just written."""
        async with self._looking:
            return await self._looked_at()

    async def _looked_at(self) -> datetime | None:
        now = self._monotonic()
        if self._clock is None or now - self._clock[1] >= _LOOK_SECONDS:
            self._clock = None
            await self._files.write(_CLOCK, b"")
            written = await self._files.look(_CLOCK)
            if not isinstance(written, Entry) or written.modified < 0:
                return None
            await self._files.remove([_CLOCK])
            self._clock = (written.modified, now)
        return datetime.fromtimestamp(self._clock[0] + now - self._clock[1], _CHINA)
