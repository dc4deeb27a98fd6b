# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The department's file server of a simulator: SFTP or FTP before one folder, with the trouble that is asked for.

Trouble befalls renames that publish, since everything before them can be repeated by anybody.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, Self

import aioftp
import asyncssh

from connectors.sdk.simulator import Word


class Door(Word):
    """What becomes of one publication: of the rename that makes a file whole for its reader."""

    OK = "ok", "照办", "done"
    SLOW = "slow", "照办，但迟迟才答", "done, and answered late"
    REFUSE = "refuse", "不准改名", "the rename is not permitted"
    FULL = "full", "磁盘已满", "no space is left"
    CUT = "cut", "已改名，不作答即断开", "renamed, and the connection is cut without an answer"
    LOST = "lost", "未改名，断开", "not renamed, and the connection is cut"
    HANG = (
        "hang",
        "已改名，不再作答，片刻之后断开",
        "renamed, and nothing is answered; after a while the connection is cut",
    )
    RESTART = (
        "restart",
        "未改名，服务器重启，片刻之后才回来",
        "not renamed: the server restarts, and is back after a while",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may come in, to which folder, and how long ``slow``, and ``hang`` and ``restart``, take."""

    folder: Path
    user: str
    password: str
    slow_seconds: float
    away_seconds: float


class FileServer(Protocol):
    """A server before a folder, used as an async context manager. Entering it raises ``OSError`` where it cannot listen."""

    @property
    def address(self) -> str:
        """Scheme, user, host and port."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class Doorman:
    """Does one publication as the next word says. ``next_word`` is asked with the new name; None: nothing is published by it.

    ``restarts`` is notified when a restarted server is back.
    """

    def __init__(self, account: Account, next_word: Callable[[str], Door | None], restarts: asyncio.Condition) -> None:
        self.account = account
        self._next_word = next_word
        self._released = asyncio.Event()
        self.restarts = restarts

    def release(self) -> None:
        """Whoever hangs hangs no more."""
        self._released.set()

    async def publish(
        self, name: str, rename: Callable[[], Awaitable[None]], cut: Callable[[], None], restart: Callable[[], None]
    ) -> Door:
        """Rename or not; the word, of which ``refuse`` and ``full`` are for the server to say in its protocol."""
        word = self._next_word(name) or Door.OK
        if word in {Door.OK, Door.SLOW, Door.CUT, Door.HANG}:
            await rename()
        match word:
            case Door.SLOW:
                await asyncio.sleep(self.account.slow_seconds)
            case Door.CUT | Door.LOST:
                cut()
            case Door.HANG:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._released.wait(), self.account.away_seconds)
                cut()
            case Door.RESTART:
                cut()
                restart()
            case Door.OK | Door.REFUSE | Door.FULL:
                pass
        return word


class SftpDoor:
    """SFTP as asyncssh serves it. ``host_key`` is what a client must know of the server, in OpenSSH's form."""

    def __init__(self, doorman: Doorman, host: str, port: int) -> None:
        self._doorman = doorman
        self._place = (host, port)
        key = asyncssh.generate_private_key("ssh-ed25519")
        self._key = key
        self.host_key = key.export_public_key().decode().strip()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._restarting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._doorman.release()
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.wait({self._restarting})
        await self._close()

    @property
    def address(self) -> str:
        """Scheme, user, host and port."""
        host, port = self._place
        return f"sftp://{self._doorman.account.user}@{host}:{port}"

    async def _listen(self) -> None:
        host, port = self._place
        account = self._doorman.account
        self._acceptor = await asyncssh.create_server(
            partial(_Guest, account, self._connections),
            host,
            port,
            server_host_keys=[self._key],
            sftp_factory=partial(_SftpFolder, self._doorman, self._restart),
            encoding=None,
        )
        self._place = (host, self._acceptor.get_port())

    async def _close(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.wait_closed()

    def _restart(self) -> None:
        async def restart() -> None:
            await self._close()
            await asyncio.sleep(self._doorman.account.away_seconds)
            await self._listen()
            async with self._doorman.restarts:
                self._doorman.restarts.notify_all()

        self._restarting = asyncio.create_task(restart())


class _Guest(asyncssh.SSHServer):
    """One connection: by password, and only as the one user."""

    def __init__(self, account: Account, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._account = account
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember it, so that a restart ends it."""
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # because the library asks for it
        """Forget it."""
        if self._connection is not None:
            self._connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        """By password alone."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Whether it is the one user."""
        return (username, password) == (self._account.user, self._account.password)


class _SftpFolder(asyncssh.SFTPServer):
    """The folder as one session sees it."""

    def __init__(self, doorman: Doorman, restart: Callable[[], None], chan: Any) -> None:
        super().__init__(chan, chroot=bytes(doorman.account.folder))
        self._doorman = doorman
        self._restart = restart

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """As the next word says."""

        async def rename() -> None:
            done = super(_SftpFolder, self).rename(oldpath, newpath)
            assert done is None, "the library renames at once"

        word = await self._doorman.publish(newpath.decode("latin-1"), rename, self.connection.abort, self._restart)
        match word:
            case Door.REFUSE:
                raise asyncssh.SFTPPermissionDenied("not permitted")
            case Door.FULL:
                raise asyncssh.SFTPFailure("No space left on device")
            case _:
                pass


class FtpDoor:
    """FTP as aioftp serves it."""

    def __init__(self, doorman: Doorman, host: str, port: int, encoding: str) -> None:
        self._doorman = doorman
        self._place = (host, port)
        self._encoding = encoding
        self._server: _FtpFolder | None = None
        self._restarting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._doorman.release()
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.wait({self._restarting})
        if self._server is not None:
            await self._server.close()

    @property
    def address(self) -> str:
        """Scheme, user, host and port."""
        host, port = self._place
        return f"ftp://{self._doorman.account.user}@{host}:{port}"

    async def _listen(self) -> None:
        host, port = self._place
        self._server = _FtpFolder(self._doorman, self._restart, self._encoding)
        await self._server.start(host, port)
        self._place = (host, self._server.server_port)

    def _restart(self) -> None:
        async def restart() -> None:
            if self._server is not None:
                await self._server.close()
            await asyncio.sleep(self._doorman.account.away_seconds)
            await self._listen()
            async with self._doorman.restarts:
                self._doorman.restarts.notify_all()

        self._restarting = asyncio.create_task(restart())


class _FtpFolder(aioftp.Server):
    """The folder behind FTP."""

    def __init__(self, doorman: Doorman, restart: Callable[[], None], encoding: str) -> None:
        account = doorman.account
        user = aioftp.User(account.user, account.password, base_path=account.folder)
        super().__init__([user], encoding=encoding)
        # It tells of every client that leaves without a word, which is what is rehearsed here.
        logging.getLogger("aioftp.server").setLevel(logging.CRITICAL)
        self._doorman = doorman
        self._restart = restart

    async def close(self) -> None:
        """Close every connection, rather than cancel who serves it: streams log that as a fault."""
        self.server.close()
        serving = [one._dispatcher for one in self.connections.values()]  # noqa: SLF001  # because the library keeps it there
        for one in list(self.connections.values()):
            _abort(one)
        if serving:
            await asyncio.wait(serving)

    async def rnto(self, connection: Any, rest: str | PurePosixPath) -> bool:
        """As the next word says."""
        new, _ = self.get_paths(connection, rest)
        old = connection.rename_from if connection.future.rename_from.done() else None
        if old is None or new.exists():
            return bool(await super().rnto(connection, rest))
        del connection.rename_from

        async def rename() -> None:
            await connection.path_io.rename(old, new)

        word = await self._doorman.publish(new.name, rename, lambda: _abort(connection), self._restart)
        match word:
            case Door.REFUSE:
                connection.response("550", "not permitted")
            case Door.FULL:
                connection.response("452", "no space left")
            case Door.OK | Door.SLOW:
                connection.response("250", "")
            case _:
                return False
        return True


def _abort(connection: Any) -> None:
    connection.command_connection.writer.transport.abort()
