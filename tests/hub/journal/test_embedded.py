# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The embedded database starts, keeps what it was given, and stays private."""

import os
import pwd
import stat
from pathlib import Path

import asyncpg
import pytest

from hub.journal.embedded import EmbeddedPostgres, FaultCode, erase
from hub.ports.clock import SystemClock
from tests.hub.journal.conftest import ROOT, Ground, ask

AS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def proc(pid: int, what: str = "") -> Path:
    return Path("/proc") / str(pid) / what


async def test_a_fresh_start_gives_a_durable_database_of_the_hubs_own(running: EmbeddedPostgres) -> None:
    durable = [await ask(running.dsn, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]

    assert durable == ["on", "on", "on"]
    assert await ask(running.dsn, "select current_database() || ' ' || current_user") == "govhub govhub"
    assert await ask(running.dsn, "select usesuper from pg_user where usename = current_user") is False
    assert await ask(running.dsn, "show server_encoding") == "UTF8"
    assert await ask(running.dsn, "show data_checksums") == "on"
    assert not running.adopted
    assert not running.died.is_set()


async def test_a_restart_keeps_the_data(ground: Ground) -> None:
    first = await ground.start()
    await ask(first.dsn, "create table kept as select 1 as number")
    await first.stop()
    second = await ground.start()

    assert first.died.is_set()
    assert not second.adopted
    assert await ask(second.dsn, "select count(*) from kept") == 1


async def test_stopping_twice_is_harmless(ground: Ground) -> None:
    server = await ground.start()
    await server.stop()
    await server.stop()

    assert server.died.is_set()


async def test_no_user_is_made(bare_ground: Ground) -> None:
    before = pwd.getpwall()
    await bare_ground.start()

    assert pwd.getpwall() == before


@pytest.mark.parametrize("password", [None, "wrong"])
@pytest.mark.parametrize("user", ["govhub", "postgres"])
async def test_nobody_enters_without_the_password(
    running: EmbeddedPostgres, user: str, password: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    monkeypatch.delenv("PGPASSWORD", raising=False)

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=str(running.socket), user=user, password=password, database="postgres")


async def test_the_password_is_kept_as_a_scram_verifier(running: EmbeddedPostgres) -> None:
    password = (running.directory / "password").read_text()
    connection = await asyncpg.connect(
        host=str(running.socket), user="postgres", password=password, database="postgres"
    )
    verifiers = await connection.fetch("select left(rolpassword, 14) from pg_authid where rolcanlogin")
    methods = await connection.fetch("select distinct auth_method from pg_hba_file_rules")
    await connection.close()

    assert {row[0] for row in verifiers} == {"SCRAM-SHA-256$"}
    assert [row[0] for row in methods] == ["scram-sha-256"]


def listening() -> set[str]:
    """The inodes of all listening TCP sockets (state 0A in proc_net_tcp)."""
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return {f"socket:[{fields[9]}]" for fields in lines if fields[3] == "0A"}


async def test_no_tcp_port_listens(running: EmbeddedPostgres) -> None:
    sockets = {str(descriptor.readlink()) for descriptor in proc(running.pid, "fd").iterdir()}

    assert await ask(running.dsn, "show listen_addresses") == ""
    assert any(name.startswith("socket:") for name in sockets)
    assert not sockets & listening()


async def test_only_the_owner_can_look_in(running: EmbeddedPostgres) -> None:
    private = [running.directory / name for name in ("password", "hub.lock", "server.lock", "server.json", "start.log")]

    assert {mode(path) for path in private} == {0o600}
    assert mode(running.directory / "data") == mode(running.socket) == 0o700
    assert mode(running.directory) == (0o711 if AS_ROOT else 0o700)
    assert mode(running.socket / ".s.PGSQL.5432") == 0o700


async def test_the_server_holds_nothing_of_the_hubs(running: EmbeddedPostgres) -> None:
    """No environment, no lock of the hub: what it inherits by accident it would keep when the hub is gone."""
    environment = proc(running.pid, "environ").read_bytes().split(b"\0")
    files = {str(descriptor.readlink()) for descriptor in proc(running.pid, "fd").iterdir()}

    assert {variable.partition(b"=")[0] for variable in environment if variable} <= {
        b"PATH",
        b"LC_ALL",
        b"TZ",
        b"PG_GRANDPARENT_PID",
    }
    assert str(running.directory / "hub.lock") not in files
    assert str(running.directory / "server.lock") in files


@pytest.mark.parametrize("name", ["x" * 120, '市民 中心,"一" %61'])
async def test_any_path_will_do(bare_ground: Ground, name: str) -> None:
    directory = bare_ground.folder / name / "database"
    server = await bare_ground.start(directory)
    socket = server.socket
    outside = directory not in socket.parents

    assert await ask(server.dsn, "select 1") == 1
    assert mode(socket) == 0o700
    assert (directory / "data").exists()

    await server.stop()

    assert socket.exists() is not outside


async def test_a_folder_that_was_swapped_for_a_link_is_not_trusted(bare_ground: Ground) -> None:
    directory = bare_ground.folder / ("x" * 120) / "database"
    first = await bare_ground.start(directory)
    before = first.socket
    await first.stop()
    trap = bare_ground.folder / "trap"
    trap.mkdir(mode=0o700)
    before.symlink_to(trap)
    second = await bare_ground.start(directory)
    after = second.socket
    before.unlink()

    assert after != before
    assert list(trap.iterdir()) == []


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user can reach its own directories")
async def test_root_keeps_data_where_the_servers_user_can_reach_them(bare_ground: Ground) -> None:
    parent = bare_ground.folder / "private"
    parent.mkdir(mode=0o700)
    first = await bare_ground.start(parent / "database")
    place = first.socket.parent
    await ask(first.dsn, "create table kept as select 1 as number")
    await first.stop()
    second = await bare_ground.start(parent / "database")
    rows = await ask(second.dsn, "select count(*) from kept")
    await second.stop()

    assert rows == 1
    assert place.parent == bare_ground.elsewhere
    assert (place / "directory").read_text() == str(parent / "database")
    assert not (parent / "database" / "data").exists()
    assert mode(parent) == mode(parent / "database") == mode(place / "data") == 0o700
    assert (place / "data").stat().st_uid != 0

    assert await erase(parent / "database", clock=SystemClock(), elsewhere=bare_ground.elsewhere) is None
    assert not place.exists()
    assert list(parent.iterdir()) == []


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user can reach its own directories")
async def test_data_that_vanished_are_not_replaced_by_nothing(bare_ground: Ground) -> None:
    parent = bare_ground.folder / "private"
    parent.mkdir(mode=0o700)
    server = await bare_ground.start(parent / "database")
    place = server.socket.parent
    await server.stop()
    place.rename(bare_ground.folder / "gone")

    fault = await bare_ground.refused(parent / "database")

    assert fault.code is FaultCode.DATA_MISSING


async def test_an_ordinary_user_is_its_own_servers_user(bare_ground: Ground) -> None:
    user = pwd.getpwnam("nobody").pw_uid if AS_ROOT else os.geteuid()
    bare_ground.directory.mkdir(mode=0o700)
    os.chown(bare_ground.directory, user, -1)
    _, said = await bare_ground.hub(user=user if AS_ROOT else None)

    if "fault" in said:  # an ordinary user whom this checkout shuts out has no binaries to run, and is told so
        assert AS_ROOT
        assert said["fault"] == FaultCode.NO_BINARIES
        assert not reachable(ROOT)
        return
    assert (bare_ground.directory / "data").stat().st_uid == user
    assert proc(said["pid"]).stat().st_uid == user
    assert not bare_ground.elsewhere.exists()


def reachable(path: Path) -> bool:
    """Whether everybody may pass through every folder on the way."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


async def test_erasing_stops_what_still_runs(ground: Ground) -> None:
    hub, said = await ground.hub()
    hub.kill()
    await hub.wait()

    assert await erase(ground.directory, clock=SystemClock(), elsewhere=ground.elsewhere) is None
    assert not proc(said["pid"], "cwd").exists()
    assert not ground.directory.exists()


async def test_erasing_is_refused_while_a_hub_lives(ground: Ground) -> None:
    server = await ground.start()
    fault = await erase(ground.directory, clock=SystemClock(), elsewhere=ground.elsewhere)

    assert fault is not None
    assert fault.code is FaultCode.IN_USE
    assert isinstance(server, EmbeddedPostgres)
    assert await ask(server.dsn, "select 1") == 1
