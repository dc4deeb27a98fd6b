# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever was killed, the next start has the data, and one server."""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import subprocess

import asyncpg
import pytest

from hub.journal.embedded import FaultCode
from hub.journal.embedded.account import candidates
from hub.journal.embedded.processes import look, postmaster
from hub.ports.clock import SystemClock
from tests.hub.journal.conftest import Ground, ask, kill


async def test_a_killed_server_is_noticed_and_recovers(ground: Ground) -> None:
    first = await ground.start()
    await ask(first.dsn, "create table kept as select 1 as number")
    os.kill(first.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await first.died.wait()
    await first.stop()
    second = await ground.start()

    assert not second.adopted
    assert await ask(second.dsn, "select count(*) from kept") == 1


async def test_a_killed_server_is_noticed_without_pidfd(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux before 5.3, which government servers still run, has none."""

    def absent(pid: int, flags: int = 0) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", absent)
    first = await ground.start()
    os.kill(first.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await first.died.wait()
    await first.stop()
    second = await ground.start()
    await second.stop()

    assert second.died.is_set()


class HastyClock(SystemClock):
    """Patience runs out five times as fast; faster, and a slow machine cannot keep up."""

    def monotonic(self) -> float:
        return super().monotonic() * 5


async def test_a_busy_session_of_a_killed_server_does_not_block_the_next(ground: Ground) -> None:
    first = await ground.start()
    connection = await asyncpg.connect(first.dsn)
    busy = connection.get_server_pid()
    endless = asyncio.create_task(connection.execute("do 'begin loop end loop; end'"))
    running = f"select pid from pg_stat_activity where pid = {busy} and state = 'active' and wait_event is null"
    while await ask(first.dsn, running) is None:
        pass
    os.kill(first.pid, signal.SIGKILL)
    await first.died.wait()
    await first.stop()
    second = await ground.start(clock=HastyClock())
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await endless

    assert look(busy) is None
    assert await ask(second.dsn, "select 1") == 1


async def test_a_killed_session_is_not_the_death_of_the_server(ground: Ground) -> None:
    server = await ground.start()
    connection = await asyncpg.connect(server.dsn)
    os.kill(connection.get_server_pid(), signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await connection.execute("select pg_sleep(30)")
    answer = None
    async with asyncio.timeout(20):
        while answer is None:
            with contextlib.suppress(asyncpg.PostgresError, OSError):  # it ends all sessions and recovers
                answer = await ask(server.dsn, "select 1")

    assert answer == 1
    assert not server.died.is_set()


async def test_a_server_in_recovery_is_stopped_in_time(ground: Ground) -> None:
    """PostgreSQL 18 forgets some of its children when it is asked to shut down just then."""
    server = await ground.start()
    connection = await asyncpg.connect(server.dsn)
    os.kill(connection.get_server_pid(), signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await connection.execute("select pg_sleep(30)")
    async with asyncio.timeout(10):
        await server.stop()

    assert server.died.is_set()


async def test_the_orphan_of_a_killed_hub_is_adopted(ground: Ground) -> None:
    hub, said = await ground.hub()
    await kill(hub)
    server = await ground.start()
    rows = await ask(server.dsn, "select count(*) from kept")
    await server.stop()

    assert rows == 1
    assert (server.adopted, server.pid) == (True, said["pid"])
    assert server.died.is_set()
    assert look(server.pid) is None


async def test_the_death_of_an_adopted_server_is_noticed(ground: Ground) -> None:
    hub, _ = await ground.hub()
    await kill(hub)
    server = await ground.start()
    os.kill(server.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await server.died.wait()

    assert server.adopted


async def test_an_orphan_that_nobody_recorded_is_stopped(ground: Ground) -> None:
    hub, said = await ground.hub()
    await kill(hub)
    (ground.directory / "server.json").unlink()
    server = await ground.start()

    assert not server.adopted
    assert look(said["pid"]) is None
    assert await ask(server.dsn, "select count(*) from kept") == 1


async def test_an_orphan_without_its_socket_is_replaced(ground: Ground) -> None:
    hub, said = await ground.hub()
    await kill(hub)
    (ground.directory / "socket" / ".s.PGSQL.5432").unlink()
    server = await ground.start(clock=HastyClock())

    assert look(said["pid"]) is None
    assert await ask(server.dsn, "select count(*) from kept") == 1


async def test_hub_and_server_killed_together(ground: Ground) -> None:
    hub, said = await ground.hub()
    await kill(hub)
    os.kill(said["pid"], signal.SIGKILL)
    server = await ground.start()

    assert not server.adopted
    assert await ask(server.dsn, "select count(*) from kept") == 1


@pytest.mark.parametrize("death", ["in_initdb", "after_spawn"])
async def test_a_hub_killed_while_it_starts_blocks_nothing(bare_ground: Ground, death: str) -> None:
    hub, said = await bare_ground.hub(death)

    assert said == {}
    assert await hub.wait() == -signal.SIGKILL

    server = await bare_ground.start()

    assert await ask(server.dsn, "select 1") == 1
    assert list(bare_ground.directory.glob(".new-*")) == []


async def test_half_of_a_database_is_not_taken_for_one(ground: Ground) -> None:
    half = ground.directory / ".new-0123abcd"
    (ground.directory / "data").rename(half)
    (half / "global" / "pg_control").unlink()
    server = await ground.start()

    assert await ask(server.dsn, "select 1") == 1
    assert not half.exists()


async def test_a_second_hub_is_refused(ground: Ground) -> None:
    server = await ground.start()
    fault = await ground.refused()
    _, said = await ground.hub()

    assert fault.code is FaultCode.IN_USE
    assert str(os.getpid()) in fault.text.zh
    assert said == {"fault": "in_use"}
    assert await ask(server.dsn, "select 1") == 1


async def test_a_pid_file_that_names_a_stranger_is_stale(ground: Ground) -> None:
    """A living process of the same user: PostgreSQL itself would refuse to start."""
    account = next(iter(candidates()))
    stranger = account.spawn(["/bin/sleep", "60"], output=subprocess.DEVNULL)
    zombie = account.spawn(["/bin/sh", "-c", ":"], output=subprocess.DEVNULL)
    await asyncio.to_thread(os.waitid, os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # ended, and not taken away
    data = ground.directory / "data"
    outcomes = []
    for pid in (stranger.pid, zombie.pid):
        (data / "postmaster.pid").write_text(f"{pid}\n{data}\n1700000000\n5432\n{ground.directory}/socket\n\n")
        (ground.directory / "socket" / ".s.PGSQL.5432.lock").write_text(f"{pid}\n{data}\n1700000000\n5432\n\n")
        server = await ground.start()
        outcomes.append(await ask(server.dsn, "select 1"))
        await server.stop()
    alive = stranger.poll() is None
    stranger.kill()
    stranger.wait()
    zombie.wait()

    assert outcomes == [1, 1]
    assert alive


async def test_a_cancelled_start_leaves_nothing_behind(ground: Ground) -> None:
    waiting = asyncio.Event()

    class Waiting(SystemClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await super().sleep(seconds)

    starting = asyncio.create_task(ground.attempt(clock=Waiting()))
    await waiting.wait()  # the server has been started and is not ready
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    left = postmaster(ground.directory / "data")
    server = await ground.start()

    assert left is None
    assert not server.adopted


async def test_a_server_that_cannot_be_seen_is_not_raced(ground: Ground) -> None:
    """In another container the pid means nothing, but the lock that its processes inherited is still held."""
    holder = os.open(ground.directory / "server.lock", os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    fault = await ground.attempt(clock=HastyClock())
    os.close(holder)

    assert getattr(fault, "code", None) is FaultCode.SERVER_ELSEWHERE
