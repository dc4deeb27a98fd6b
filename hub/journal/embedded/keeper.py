# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps the embedded database running for as long as the hub does: one that dies is started again where it stood."""

import asyncio
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from hub.journal.embedded.faults import EmbeddedFault
from hub.journal.embedded.launch import start
from hub.journal.embedded.server import EmbeddedPostgres
from hub.ports.clock import Clock

_AGAIN_SECONDS = 5.0


class Keeper:
    """One database, started by :meth:`start` and watched until :meth:`stop`. Its address stays the same."""

    def __init__(self, directory: Path, clock: Clock, log: FilteringBoundLogger) -> None:
        self._directory = directory
        self._clock = clock
        self._log = log
        self._server: EmbeddedPostgres | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> str | EmbeddedFault:
        """The DSN, or why there is no database. Call once."""
        started = await start(self._directory, clock=self._clock)
        if isinstance(started, EmbeddedFault):
            return started
        self._server = started
        self._watch = asyncio.create_task(self._nurse(started), name="keep postgres")
        return started.dsn

    async def stop(self) -> None:
        """Stop watching, then the database. Idempotent."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def _nurse(self, server: EmbeddedPostgres) -> None:
        while True:
            await server.died.wait()
            self._log.error("embedded database died", directory=str(self._directory))
            await server.stop()
            self._server = None
            server = await self._again()
            self._server = server
            self._log.warning("embedded database started again", pid=server.pid)

    async def _again(self) -> EmbeddedPostgres:
        while True:
            started = await start(self._directory, clock=self._clock)
            if isinstance(started, EmbeddedPostgres):
                return started
            self._log.error("embedded database does not start", fault=started.code.value)
            await self._clock.sleep(_AGAIN_SECONDS)
