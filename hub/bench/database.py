# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The database of a benchmark: one that is given, or an embedded one of its own that may be killed."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hub.bench.run import BenchFailure
from hub.journal.embedded import EmbeddedFault, EmbeddedPostgres, erase
from hub.journal.embedded import start as start_embedded
from hub.ports.clock import SystemClock


class Database:
    """``server`` is None for one that is given."""

    def __init__(self, dsn: str, directory: Path, server: EmbeddedPostgres | None) -> None:
        self.dsn = dsn
        self._directory = directory
        self._server = server

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server is not None else None

    async def kill(self) -> None:
        """As a power cut would."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGKILL)
        await self._server.died.wait()

    async def start(self) -> None:
        """Again, after it was killed, on the same data and at the same address."""
        if self._server is not None:
            await self._server.stop()
        self._server = await _started(self._directory)

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()


@asynccontextmanager
async def database(given: str | None, directory: Path) -> AsyncIterator[Database]:
    """A private one unless one is given. Raises :class:`BenchFailure` when it does not start."""
    if given is not None:
        yield Database(given, directory, None)
        return
    place = directory / "postgres"
    server = await _started(place)
    mine = Database(server.dsn, place, server)
    try:
        yield mine
    finally:
        await mine.stop()
        await erase(place, clock=SystemClock())  # as root the data live elsewhere


async def _started(directory: Path) -> EmbeddedPostgres:
    started = await start_embedded(directory, clock=SystemClock())
    if isinstance(started, EmbeddedFault):
        raise BenchFailure(str(started.text))
    return started
