# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of the tests' own: on loopback and a Unix socket, in its own directory, to be killed at will."""

import asyncio
import itertools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self

import asyncpg

from hub.journal.embedded.account import Account, candidates
from hub.journal.embedded.binaries import Binaries, runnable

REMEDY = "install PostgreSQL 15 (apt-get install postgresql) or give a URL in GOVHUB_TEST_POSTGRES"
_START_SECONDS = 30
_STOP_SECONDS = 30
_PASSWORD = "made-up"
_AWAY = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
)


def find_postgres(major: int) -> Path | None:
    """The folder with the programs of a system-wide PostgreSQL of that major version, or None."""
    places = [Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")]
    if (config := shutil.which("pg_config")) is not None:
        told = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True)
        places.append(Path(told.stdout.strip()))
    if (server := shutil.which("postgres")) is not None:
        places.append(Path(server).resolve().parent)
    return next((place for place in places if (place / "initdb").is_file() and _major(place) == major), None)


def _major(bindir: Path) -> int | None:
    told = subprocess.run([bindir / "postgres", "--version"], check=False, capture_output=True, text=True)
    words = told.stdout.split()
    return int(words[2].split(".")[0]) if told.returncode == 0 and len(words) > 2 else None


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class PrivatePostgres:
    """One server, durable as in production (fsync on). Methods are for one task at a time.

    ``bindir`` None means the wheel's PostgreSQL 18. As root it runs as an existing unprivileged user. ``base`` is where
    its directory is made, ``wal`` where its log is, if that shall be apart; ``settings`` are added to those of all.
    """

    def __init__(
        self, bindir: Path | None = None, *, base: Path | None = None, wal: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._account: Account = next(iter(candidates()))
        self._settings = dict(settings or {})
        self._wal = wal / "wal" if wal else None
        self._base = Path(mkdtemp(prefix="govhub-pg-", dir=base))
        self._base.chmod(0o755)
        binaries = runnable(bindir, self._account, self._base / "programs")
        assert isinstance(binaries, Binaries), binaries
        self._bindir = binaries.bindir
        self._own = self._base / "own"
        self._own.mkdir(mode=0o700)
        if self._account.other:
            os.chown(self._own, self._account.uid, self._account.gid)
        self._log = self._base / "log"
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self.major = binaries.major
        self.port = free_port()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def ended(self) -> bool:
        """Whether it ended without having been stopped."""
        return self._server is not None and self._server.poll() is not None

    @property
    def socket_directory(self) -> Path:
        return self._own

    def dsn(self, database: str = "postgres", *, port: int | None = None) -> str:
        """A DSN for asyncpg over TCP; another ``port`` leads through a proxy."""
        return f"postgresql://govhub:{_PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    async def start(self) -> None:
        """Make the database if there is none, start the server, return when it takes connections."""
        if not (self._own / "data").exists():
            self._initdb()
        async with asyncio.timeout(_START_SECONDS):
            while self._server is None:
                self._server = await self._try()

    async def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop; SIGINT is PostgreSQL's fast shutdown. Idempotent."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.send_signal(how)
        await asyncio.to_thread(server.wait, _STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL the postmaster. Its backends notice and end by themselves."""
        await self.stop(signal.SIGKILL)

    async def restart(self) -> None:
        """Stop cleanly if it runs, and start on the same data."""
        await self.stop()
        await self.start()

    async def ensure_running(self) -> None:
        """Start it if a test left it dead."""
        if self._server is not None and self._server.poll() is not None:
            self._server = None
        if self._server is None:
            await self.start()

    async def fresh_database(self, template: str = "template0") -> str:
        """The DSN of a new database, empty unless a template is named."""
        name = f"test_{next(self._numbers)}"
        await self.execute(f"create database {name} template {template}")
        return self.dsn(name)

    async def drop_database(self, dsn: str) -> None:
        """Drop a database of :meth:`fresh_database`, whoever is connected to it."""
        await self.execute(f"drop database if exists {dsn.rpartition('/')[2]} with (force)")

    async def execute(self, statement: str) -> None:
        """Run a statement as superuser, outside any transaction."""
        connection = await asyncpg.connect(self.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def close(self) -> None:
        """Stop at once and remove everything."""
        await self.stop(signal.SIGQUIT)
        shutil.rmtree(self._base, ignore_errors=True)

    def _initdb(self) -> None:
        password = self._own / "password"
        password.write_text(_PASSWORD)
        if self._account.other:
            os.chown(password, self._account.uid, self._account.gid)
        command: list[str | Path] = [
            self._bindir / "initdb",
            "-D",
            self._own / "data",
            "-U",
            "govhub",
            "-A",
            "scram-sha-256",
        ]
        options: list[str | Path] = [f"--pwfile={password}", "--encoding=UTF8", "--locale=C", "--no-sync"]
        if self._wal is not None:
            self._wal.mkdir(mode=0o700)
            os.chown(self._wal, self._account.uid, self._account.gid)
            options.append(f"--waldir={self._wal}")
        process = self._account.spawn([*command, *options], output=subprocess.PIPE)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output.decode()

    async def _try(self) -> subprocess.Popen[bytes] | None:
        """The server once it takes connections; None if it ended (killed backends may still hold its memory)."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._own,
            "max_connections": 200,
            "shared_buffers": "64MB",
            "fsync": "on",
            "synchronous_commit": "on",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            **self._settings,
        }
        flags = [f"--{name}={value}" for name, value in settings.items()]
        with self._log.open("ab") as log:
            server = self._account.spawn(
                [self._bindir / "postgres", "-D", self._own / "data", *flags], output=log.fileno()
            )
        while server.poll() is None:
            try:
                connection = await asyncpg.connect(self.dsn(), timeout=5)
            except _AWAY:
                await asyncio.sleep(0.02)
            else:
                await connection.close()
                return server
        if "still in use" not in self._log.read_text(errors="replace")[-2000:]:
            raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')[-2000:]}")
        await asyncio.sleep(0.05)
        return None
