# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One running server: started by us or adopted, watched, stopped."""

import asyncio
import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from hub.journal.embedded import sockets
from hub.journal.embedded.binaries import Binaries
from hub.journal.embedded.home import Home, write_private
from hub.journal.embedded.locks import Claim
from hub.journal.embedded.processes import Running, look
from hub.ports.clock import Clock

DATABASE: Final = "govhub"
ROLE: Final = "govhub"
_RECORD: Final = "server.json"
_FAST_SECONDS: Final = 8.0  # within the ten that a container is given to stop
_IMMEDIATE_SECONDS: Final = 6.0  # it gives its children five, then kills them itself
_POLL_SECONDS: Final = 0.1
_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "128MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "jit": "off",
    "timezone": "UTC",
    # The sessions of a hub that was killed end within a second, and with them their locks.
    "client_connection_check_interval": "1s",
    # A file for each day of the week, emptied a week later. No statements, details and errors of clients: they may
    # quote personal data.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A PostgreSQL that takes connections on a Unix socket. Use it from the event loop that started it.

    ``dsn`` is for asyncpg and contains the password: the owner of the database ``govhub``, not a superuser. ``died`` is
    set when the server has ended, whoever ended it. ``adopted`` tells that an earlier hub had started it.
    """

    def __init__(
        self,
        home: Home,
        claim: Claim,
        clock: Clock,
        *,
        process: Running,
        socket: Path,
        child: subprocess.Popen[bytes] | None,
    ) -> None:
        self._home = home
        self._claim = claim
        self._clock = clock
        self._process = process
        self._child = child
        self._password = home.password() or ""
        self._descriptor = -1
        self._poll: asyncio.Task[None] | None = None
        self.socket = socket
        self.adopted = child is None
        self.died = asyncio.Event()
        self._watch()

    @classmethod
    def spawn(cls, home: Home, claim: Claim, clock: Clock, binaries: Binaries, lock: int) -> Self:
        """Start PostgreSQL on the home's data. It inherits the lock, which the caller then closes. Raises OSError."""
        previous = recorded(home)
        socket = sockets.socket_folder(home, previous[1] if previous else None)
        settings = _SETTINGS | {"unix_socket_directories": str(socket)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = os.open(home.start_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            child = home.account.spawn(
                [binaries.bindir / "postgres", "-D", home.data, *flags], output=log, inherit=(lock,)
            )
        finally:
            os.close(log)
        process = look(child.pid) or Running(child.pid, 0)  # 0: it has ended already
        server = cls(home, claim, clock, process=process, socket=socket, child=child)
        record = {"pid": process.pid, "started": process.started, "socket": str(socket)}
        try:
            write_private(home.directory / _RECORD, json.dumps(record))
        except OSError:
            child.kill()
            child.wait()
            server.detach()
            raise
        return server

    @property
    def directory(self) -> Path:
        """The directory it was started on."""
        return self._home.directory

    @property
    def pid(self) -> int:
        """The postmaster's pid."""
        return self._process.pid

    @property
    def dsn(self) -> str:
        """A DSN for asyncpg; a secret."""
        return address(self._password, self.socket)

    async def stop(self) -> None:
        """Shut down and give the directory back: sessions end, all is written to its place. Idempotent.

        Takes about ten seconds at most: a slower server is ended at once, and the next start recovers. Needed also after
        ``died``, before the next start on the same directory.
        """
        self._send(signal.SIGINT)
        if not await self.died_within(_FAST_SECONDS):
            await self.halt()
        sockets.remove(self.socket, self._home)
        self._claim.release()

    async def halt(self) -> None:
        """End the server at once, and keep the directory. What was committed is in its log; the next start reads it.

        Also for one that is not ready: PostgreSQL 18 may wait for ever when asked nicely while it recovers.
        """
        self._send(signal.SIGQUIT)
        if not await self.died_within(_IMMEDIATE_SECONDS):
            self._send(signal.SIGKILL)
            await self.died.wait()

    async def died_within(self, seconds: float) -> bool:
        """Wait for the end, so long at most."""
        tasks = [asyncio.ensure_future(self.died.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return self.died.is_set()

    def _send(self, how: signal.Signals) -> None:
        """Signal this very process, never one that has taken its number."""
        if self._descriptor >= 0:
            try:
                signal.pidfd_send_signal(self._descriptor, how)
            except ProcessLookupError:
                return
        elif look(self.pid) == self._process:
            os.kill(self.pid, how)

    def _watch(self) -> None:
        try:
            self._descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self._ended()
        except OSError:  # Linux before 5.3 has no pidfd
            self._poll = asyncio.get_running_loop().create_task(self._watch_by_polling())
        else:
            asyncio.get_running_loop().add_reader(self._descriptor, self._ended)
            if self.adopted and look(self.pid) != self._process:  # it ended before we held it
                self._ended()

    async def _watch_by_polling(self) -> None:
        while look(self.pid) == self._process:
            await self._clock.sleep(_POLL_SECONDS)
        self._ended()

    def detach(self) -> None:
        """Stop watching. The server may live on."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None

    def _ended(self) -> None:
        if self._child is not None:
            self._child.wait()  # it has ended: this only takes the zombie away
        self.died.set()
        self.detach()


def address(password: str, socket: Path) -> str:
    """The DSN of the server with this password and socket folder; a secret."""
    password, folder = quote(password, safe=""), quote(str(socket), safe="")
    return f"postgresql://{ROLE}:{password}@/{DATABASE}?host={folder}&port=5432&sslmode=disable"


def recorded(home: Home) -> tuple[Running, Path] | None:
    """The server that was last started on this directory, and its socket's folder."""
    try:
        record = json.loads((home.directory / _RECORD).read_text(encoding="utf-8"))
        return Running(int(record["pid"]), int(record["started"])), Path(record["socket"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def last_words(home: Home) -> tuple[str, ...]:
    """The last lines PostgreSQL wrote about its start."""
    lines = _tail(home.start_log, os.geteuid())
    folder = home.data / "log"
    try:
        newest = max(folder.iterdir(), key=lambda path: path.lstat().st_mtime)
    except (OSError, ValueError):  # no log yet
        return tuple(lines)
    return (*lines, *_tail(newest, home.account.uid))


def _tail(path: Path, owner: int) -> Iterator[str]:
    """The last lines of a regular file of that owner: the folder may be writable by another user than ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid == owner:
            file.seek(max(0, status.st_size - 4096))
            yield from file.read(4096).decode("utf-8", "replace").splitlines()[-10:]
