# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a directory to a running database, whatever the last hub left behind."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from hub.journal.embedded import cluster
from hub.journal.embedded.binaries import runnable
from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault, fault_of_error, fault_of_log
from hub.journal.embedded.home import ELSEWHERE, Home, settle
from hub.journal.embedded.locks import Claim, claim, try_server_lock
from hub.journal.embedded.processes import Postmaster, kill_leftovers, postmaster
from hub.journal.embedded.readiness import ready
from hub.journal.embedded.server import EmbeddedPostgres, last_words, recorded
from hub.ports.clock import Clock

_P = ParamSpec("_P")
_R = TypeVar("_R")
_POLL_SECONDS: Final = 0.02
_LEFTOVER_SECONDS: Final = 5.0
_ATTEMPTS: Final = 3


async def start(
    directory: Path, *, bindir: Path | None = None, clock: Clock, elsewhere: Path = ELSEWHERE
) -> EmbeddedPostgres | EmbeddedFault:
    """Start, or adopt, the embedded PostgreSQL of a directory of its own, and return when it takes connections.

    ``bindir`` replaces the wheel's programs. ``elsewhere`` is where root keeps what the database's user cannot reach in
    the directory (see :mod:`hub.journal.embedded.home`). When cancelled it leaves no lock and no server it started.
    """
    try:
        claimed = claim(directory)
    except OSError as error:
        return fault_of_error(error)
    if isinstance(claimed, EmbeddedFault):
        return claimed
    outcome: EmbeddedPostgres | EmbeddedFault | None = None
    try:
        home = settle(claimed.directory, elsewhere)
        outcome = home if isinstance(home, EmbeddedFault) else await _start(home, claimed, clock, bindir, elsewhere)
    except OSError as error:
        outcome = fault_of_error(error)
    finally:
        if not isinstance(outcome, EmbeddedPostgres):
            claimed.release()
    return outcome


async def erase(directory: Path, *, clock: Clock, elsewhere: Path = ELSEWHERE) -> EmbeddedFault | None:
    """Remove the database of a directory, and the directory, wherever its data are. Refused while a hub uses it."""
    try:
        claimed = claim(directory)
        if isinstance(claimed, EmbeddedFault):
            return claimed
        try:
            return await _erase(claimed, clock, elsewhere)
        finally:
            claimed.release()
    except OSError as error:
        return fault_of_error(error)


async def _erase(claimed: Claim, clock: Clock, elsewhere: Path) -> EmbeddedFault | None:
    home = settle(claimed.directory, elsewhere)
    if isinstance(home, Home):
        lock = await _server_lock(home, claimed, clock, adopt=False)
        if not isinstance(lock, int):
            assert isinstance(lock, EmbeddedFault)
            return lock
        os.close(lock)
        await _in_thread(shutil.rmtree, home.place, ignore_errors=home.place == home.directory)
    elif home.code is not FaultCode.DATA_MISSING:
        return home
    await _in_thread(shutil.rmtree, claimed.directory, ignore_errors=True)
    return None


async def _start(
    home: Home, claimed: Claim, clock: Clock, bindir: Path | None, elsewhere: Path
) -> EmbeddedPostgres | EmbeddedFault:
    for _ in range(_ATTEMPTS):
        lock = await _server_lock(home, claimed, clock, adopt=True)
        if not isinstance(lock, int):
            return lock
        try:
            binaries = await _in_thread(runnable, bindir, home.account, elsewhere)
            if isinstance(binaries, EmbeddedFault):
                return binaries
            made = await _in_thread(cluster.ensure, home, binaries, lock)
            if made is not None:
                return made
            (home.data / "postmaster.pid").unlink(missing_ok=True)  # stale: we hold the lock of its writer
            server = EmbeddedPostgres.spawn(home, claimed, clock, binaries, lock)
        finally:
            os.close(lock)
        outcome = None
        try:
            outcome = await ready(server, home, clock)
        finally:
            if outcome is not server:
                await server.halt()
        if outcome is not None:
            return outcome
    log = last_words(home)
    return fault_of_log(FaultCode.SERVER_FAILED, log, detail=log[-1] if log else "-", directory=home.data / "log")


async def _server_lock(
    home: Home, claimed: Claim, clock: Clock, *, adopt: bool
) -> int | EmbeddedPostgres | EmbeddedFault:
    """The lock that only a directory without any server process gives; or the orphan that has it, adopted.

    A server that is not the recorded one, or not wanted, is stopped. What remains of a killed one is given a moment.
    """
    begun = clock.monotonic()
    killed = False
    while True:
        found = postmaster(home.data)
        if found is not None:
            adopted = await _adopt(found, home, claimed, clock, wanted=adopt)
            if adopted is not None:
                return adopted
            begun = clock.monotonic()  # stopping it took its time; its children are given theirs from now on
        lock = try_server_lock(home.directory)
        if lock is not None:
            return lock
        for unfinished in home.unfinished():
            kill_leftovers(unfinished / "data")  # the initdb of a killed hub gives up when its server does
        waited = clock.monotonic() - begun
        if waited > 2 * _LEFTOVER_SECONDS:
            return fault(FaultCode.SERVER_ELSEWHERE, directory=home.directory, detail=str(home.data))
        if waited > _LEFTOVER_SECONDS and not killed:
            kill_leftovers(home.data)
            killed = True
        await clock.sleep(_POLL_SECONDS)


async def _adopt(
    found: Postmaster, home: Home, claimed: Claim, clock: Clock, *, wanted: bool
) -> EmbeddedPostgres | EmbeddedFault | None:
    """An orphan, taken over; None after it was stopped."""
    last = recorded(home)
    socket = found.socket or (last[1] if last else home.place / "socket")
    server = EmbeddedPostgres(home, claimed, clock, process=found.process, socket=socket, child=None)
    outcome = None
    try:
        if wanted and last is not None and last[0] == found.process:
            outcome = await ready(server, home, clock)
        if outcome is None:
            await server.halt()
    finally:
        if outcome is not server:
            server.detach()
    return outcome


async def _in_thread(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Run blocking work in a thread; a cancellation waits for it, since it works on what we hold."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
