# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A MariaDB of the tests' own: on loopback and a Unix socket, in its own directory, to be killed at will."""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import asyncmy

from hub.journal.embedded.account import Account, candidates
from tests.support.postgres import free_port

REMEDY = "install MariaDB 10.6 or newer (apt-get install mariadb-server) or MySQL 8"
USER, PASSWORD = "govhub", "made-up"
_START_SECONDS = 60
_STOP_SECONDS = 30


def find_mariadb() -> Path | None:
    """The server's program, or None."""
    found = shutil.which("mariadbd", path=f"/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}")
    return Path(found) if found and shutil.which("mariadb-install-db") else None


class PrivateMariadb:
    """One server. Methods are for one task at a time. As root it runs as an existing unprivileged user."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._account: Account = next(iter(candidates()))
        self._base = Path(mkdtemp(prefix="govhub-maria-"))
        self._base.chmod(0o755)
        self._own = self._base / "own"
        self._own.mkdir(mode=0o700)
        if self._account.other:
            os.chown(self._own, self._account.uid, self._account.gid)
        self._log = self._base / "log"
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Make the database if there is none, start the server, return when it takes connections."""
        if not (self._own / "data").exists():
            self._install()
        flags = [
            "--no-defaults",
            f"--datadir={self._own / 'data'}",
            f"--socket={self._own / 'socket'}",
            f"--pid-file={self._own / 'pid'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--character-set-server=utf8mb4",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=32M",
            "--max-connections=200",
            "--skip-name-resolve",
            f"--init-file={self._own / 'init.sql'}",
        ]
        with self._log.open("ab") as log:
            self._server = self._account.spawn([self._program, *flags], output=log.fileno())
        async with asyncio.timeout(_START_SECONDS):
            while True:
                try:
                    connection = await self.connect()
                except (OSError, asyncmy.errors.Error):
                    if self._server.poll() is not None:
                        raise RuntimeError(
                            f"MariaDB did not start:\n{self._log.read_text(errors='replace')[-2000:]}"
                        ) from None
                    await asyncio.sleep(0.05)
                else:
                    connection.close()
                    return

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop. Idempotent."""
        if self._server is not None:
            server, self._server = self._server, None
            server.send_signal(how)
            await asyncio.to_thread(server.wait, _STOP_SECONDS)

    async def ensure_running(self) -> None:
        """Start it if a test left it dead."""
        if self._server is None or self._server.poll() is not None:
            await self.start()

    async def connect(self, database: str | None = None) -> Any:
        """A connection of asyncmy's, as the user of everything; it commits by itself."""
        return await asyncmy.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            db=database,
            autocommit=True,
            connect_timeout=5,
        )

    async def execute(self, statement: str, database: str | None = None) -> None:
        """Run one statement."""
        connection = await self.connect(database)
        async with connection.cursor() as cursor:
            await cursor.execute(statement)
        await connection.ensure_closed()

    async def fresh_database(self, charset: str = "utf8mb4") -> str:
        """The name of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        await self.execute(f"create database {name} character set {charset}")
        return name

    async def close(self) -> None:
        """Stop at once and remove everything."""
        await self.stop(signal.SIGKILL)
        shutil.rmtree(self._base, ignore_errors=True)

    def _install(self) -> None:
        init = self._own / "init.sql"
        init.write_text(
            f"create user if not exists '{USER}'@'127.0.0.1' identified by '{PASSWORD}';\n"
            f"grant all on *.* to '{USER}'@'127.0.0.1' with grant option;\n"
        )
        init.chmod(0o644)
        command: list[str | Path] = [
            str(shutil.which("mariadb-install-db")),
            "--no-defaults",
            f"--datadir={self._own / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        process = self._account.spawn(command, output=subprocess.PIPE)
        output, _ = process.communicate(timeout=_START_SECONDS)
        assert process.returncode == 0, output.decode()
