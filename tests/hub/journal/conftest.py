# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Ground to start embedded databases on: reachable by an unprivileged user, cleared afterwards whatever happened.

Making a database takes most of a start. So most tests begin with the one that the test before them used.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import asyncpg
import pytest

from hub.journal.embedded import EmbeddedFault, EmbeddedPostgres, erase, start
from hub.ports.clock import Clock, SystemClock

ROOT = Path(__file__).parents[3]


class Ground:
    """A folder of the test's own, with a directory for the database in it."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="govhub-ground-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.directory = self.folder / "database"
        self.elsewhere = self.folder / "elsewhere"
        self._started: list[EmbeddedPostgres] = []
        self._hubs: list[Process] = []

    async def start(
        self, directory: Path | None = None, *, bindir: Path | None = None, clock: Clock | None = None
    ) -> EmbeddedPostgres:
        """Start, which has to succeed."""
        server = await self.attempt(directory, bindir=bindir, clock=clock)
        assert isinstance(server, EmbeddedPostgres), server
        return server

    async def refused(self, directory: Path | None = None, *, bindir: Path | None = None) -> EmbeddedFault:
        """Start, which has to fail."""
        fault = await self.attempt(directory, bindir=bindir)
        assert isinstance(fault, EmbeddedFault), fault
        return fault

    async def attempt(
        self, directory: Path | None = None, *, bindir: Path | None = None, clock: Clock | None = None
    ) -> EmbeddedPostgres | EmbeddedFault:
        outcome = await start(
            directory or self.directory, bindir=bindir, clock=clock or SystemClock(), elsewhere=self.elsewhere
        )
        if isinstance(outcome, EmbeddedPostgres):
            self._started.append(outcome)
        return outcome

    async def hub(self, death: str = "never", *, user: int | None = None) -> tuple[Process, dict[str, Any]]:
        """A hub process on the directory, perhaps as another user, and what it said; nothing if it died before."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            Path(__file__).with_name("embedded_hub.py"),
            self.directory,
            self.elsewhere,
            death,
            *([] if user is None else [str(user)]),
            stdout=PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        )
        self._hubs.append(process)
        assert process.stdout is not None
        line = await process.stdout.readline()
        return process, json.loads(line) if line else {}

    async def end(self) -> None:
        """Kill the hubs and stop the servers."""
        while self._hubs:
            hub = self._hubs.pop()
            if hub.returncode is None:
                hub.kill()
            await hub.wait()
        while self._started:
            await self._started.pop().stop()

    async def clear(self) -> None:
        """Leave nothing behind."""
        await self.end()
        await erase(self.directory, clock=SystemClock(), elsewhere=self.elsewhere)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def _made_once() -> AsyncIterator[Ground]:
    ground = Ground()
    try:
        yield ground
    finally:
        await ground.clear()


@pytest.fixture
async def bare_ground() -> AsyncIterator[Ground]:
    """No directory yet."""
    ground = Ground()
    try:
        yield ground
    finally:
        await ground.clear()


@pytest.fixture
async def ground(_made_once: Ground) -> AsyncIterator[Ground]:
    """With a database that was stopped cleanly and has no table ``kept``: the one of the test before, if it still is."""
    await _made_once.end()
    server = await _made_once.attempt()
    if isinstance(server, EmbeddedFault):
        await erase(_made_once.directory, clock=SystemClock(), elsewhere=_made_once.elsewhere)
        server = await _made_once.start()
    await ask(server.dsn, "drop table if exists kept")
    await server.stop()
    yield _made_once
    await _made_once.end()


@pytest.fixture(scope="session")
async def running() -> AsyncIterator[EmbeddedPostgres]:
    """One server for all tests that only look at it."""
    ground = Ground()
    try:
        yield await ground.start()
    finally:
        await ground.clear()


async def ask(dsn: str, question: str) -> Any:
    """The first value of an answer."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def kill(process: Process) -> None:
    """SIGKILL, and wait."""
    process.send_signal(signal.SIGKILL)
    await process.wait()
