# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Far sides that are folders of this machine, reached directly or through a server."""

# ruff: noqa: ASYNC110  # because a folder tells nobody that it has changed: it is looked at

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self

import orjson

from connectors.file_drop.config import SIDECAR
from connectors.file_drop.settling import REASON
from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying
from tests.support.sshd import Sshd

_PAUSE = 0.01  # how often a folder is looked into: it tells nobody that it has changed


class FolderFarSide:
    """A folder with its reader. ``folder`` must exist; ``reach`` are the settings that lead to it."""

    def __init__(self, folder: Path, reach: Mapping[str, Any]) -> None:
        self.folder = folder
        self.reach = reach
        self._aside = folder.with_name(folder.name + ".away")
        self._order: dict[Path, None] = {}
        self._asked_to_hang = False

    @property
    def settings(self) -> Settings:
        return {**self.reach, "mode": "sidecar", "name": "{key}.json", "idempotency": "queryable"}

    @property
    def arrived(self) -> Sequence[Arrived]:
        """In the order in which they were first seen, and those that are seen together in the order of their times."""
        found = [path for path in self._home().iterdir() if self._is_message(path)]
        for path in sorted(found, key=lambda path: path.stat().st_mtime_ns):
            self._order.setdefault(path)
        return [self._read(path) for path in self._order]

    async def behave(self, behaviour: Behaviour) -> None:
        """A folder can be away, and can have other files under the names it is to be given; it can do nothing else."""
        self._asked_to_hang = behaviour is Behaviour.HANG
        if behaviour is Behaviour.REFUSE:
            (self.folder / "key-1.json").write_bytes(b"something else")
        if behaviour is Behaviour.OUTAGE and self.folder.exists():
            self.folder.rename(self._aside)
        elif behaviour is not Behaviour.OUTAGE and self._aside.exists():
            self._aside.rename(self.folder)

    async def until_arrived(self, count: int) -> None:
        while len(self.arrived) < count:
            await asyncio.sleep(_PAUSE)
        if self._asked_to_hang:  # a folder cannot: who waits for the file is to see the send of it ended too
            await asyncio.sleep(20 * _PAUSE)

    def forget(self) -> None:
        """Lose whatever lies there."""
        self._order.clear()
        for path in self.folder.iterdir():
            path.unlink()

    def _home(self) -> Path:
        return self.folder if self.folder.exists() else self._aside

    def _is_message(self, path: Path) -> bool:
        hidden = path.name.startswith(".") or path.name.endswith(SIDECAR)
        return not hidden and path.is_file() and path.with_name(path.name + SIDECAR).exists()

    def _read(self, path: Path) -> Arrived:
        home = self._home()
        written = orjson.loads((home / (path.name + SIDECAR)).read_bytes())
        return Arrived(
            idempotency_key=written["key"],
            content_type=written["content_type"],
            body=(home / path.name).read_bytes(),
            attributes=written["attributes"],
        )


class SftpFarSide(FolderFarSide):
    """The same folder behind OpenSSH's server, which hangs and hangs up on demand."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        super().__init__(folder, by_sftp(folder, sshd))
        self._behaviour = sshd.behaviour

    async def behave(self, behaviour: Behaviour) -> None:
        self._behaviour.write_text(behaviour.value, encoding="utf-8")
        if behaviour is Behaviour.REFUSE:
            await super().behave(behaviour)


def by_sftp(folder: Path, sshd: Sshd) -> dict[str, Any]:
    """The settings that lead to a folder; the secret ``sftp-key`` is the server's ``private_key``."""
    return {
        "carrier": "sftp",
        "folder": str(folder),
        "host": "127.0.0.1",
        "port": sshd.port,
        "user": sshd.user,
        "key_secret": "sftp-key",
        "host_keys": [sshd.host_key],
    }


def by_ftp(folder: str, port: int) -> dict[str, Any]:
    """The settings that lead to a folder as the server sees it; the secret ``ftp`` is ``made-up``."""
    return {
        "carrier": "ftp",
        "folder": folder,
        "host": "127.0.0.1",
        "port": port,
        "user": "hub",
        "password_secret": "ftp",
    }


class FtpFarSide(FolderFarSide):
    """The same folder behind an FTP server and a relay of its control connections that hangs and hangs up on demand."""

    def __init__(self, folder: Path, server: int) -> None:
        super().__init__(folder, {})
        self._server = server
        self.behaviour = Behaviour.ACCEPT
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._listen()
        self.reach = by_ftp("/" + self.folder.name, self._port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._hang_up()

    async def behave(self, behaviour: Behaviour) -> None:
        was, self.behaviour = self.behaviour, behaviour
        if behaviour is Behaviour.REFUSE:
            await super().behave(behaviour)
        if behaviour is Behaviour.OUTAGE:
            await self._hang_up()
        elif was is Behaviour.OUTAGE:
            await self._listen()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server)
        self._writers |= {writer, far_writer}
        talk = _Talk(self)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(talk.outward(reader, far_writer))
                group.create_task(talk.inward(far_reader, writer))
        except* (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, far_writer):
                one.transport.abort()
                self._writers.discard(one)
            self._tasks.discard(task)


class _Talk:
    """One control connection. What the server says to a rename of a message's file is passed on as the far side behaves."""

    def __init__(self, far_side: FtpFarSide) -> None:
        self._far_side = far_side
        self._behaviour = Behaviour.ACCEPT

    async def outward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.startswith(b"RNTO ") and SIDECAR.encode() not in line:
                self._behaviour = self._far_side.behaviour
            writer.write(line)
        raise EOFError

    async def inward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if self._behaviour is Behaviour.CUT:
                raise EOFError
            if self._behaviour is not Behaviour.HANG:
                writer.write(line)
        raise EOFError


class FolderFeed:
    """The same, as a source's far side: files lie there until they are taken."""

    def __init__(self, folder: Path, reach: Mapping[str, Any]) -> None:
        self.folder = folder
        self.reach = reach
        self._aside = folder.with_name(folder.name + ".away")
        self._numbers = count()

    @property
    def settings(self) -> Settings:
        return {**self.reach, "mode": "sidecar", "prefetch": 20, "poll_seconds": 0.02, "quiet_seconds": 60}

    async def put(self, messages: Sequence[Lying]) -> None:
        for message in messages:
            path = self.folder / f"{next(self._numbers):06d}.bin"
            attributes = {name.removeprefix("cloudEvents:"): value for name, value in message.headers.items()}
            path.with_name(path.name + SIDECAR).write_bytes(
                orjson.dumps({"content_type": message.content_type, "attributes": attributes})
            )
            temporary = path.with_name("." + path.name)
            temporary.write_bytes(message.body)
            temporary.rename(path)

    async def until_left(self, count: int) -> None:
        while len(self.lying()) != count:
            await asyncio.sleep(_PAUSE)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        errors = self.folder / "error"
        while len(list(errors.glob("*.bin"))) < count:
            await asyncio.sleep(_PAUSE)
        return [
            (path.read_bytes(), orjson.loads(path.with_name(path.name + REASON.decode()).read_bytes())["code"])
            for path in sorted(errors.glob("*.bin"))
        ]

    async def outage(self, *, away: bool) -> None:
        if away:
            self.folder.rename(self._aside)
        else:
            self._aside.rename(self.folder)

    def lying(self) -> Sequence[Path]:
        """The files that lie there and are taken by nobody yet."""
        return sorted(self.folder.glob("*.bin")) if self.folder.exists() else []


class SftpFeed(FolderFeed):
    """The same behind OpenSSH's server."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        super().__init__(folder, by_sftp(folder, sshd))
        self._behaviour = sshd.behaviour

    async def outage(self, *, away: bool) -> None:
        if away:
            self._behaviour.write_text("outage", encoding="utf-8")
        else:
            self._behaviour.unlink()
