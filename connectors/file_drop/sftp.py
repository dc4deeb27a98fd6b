# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A folder behind SFTP (the protocol's version 3, as OpenSSH speaks it). Only a server whose key is known is spoken to."""

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar, cast

import asyncssh

from connectors.file_drop.file_system import AwayError, Content, Entry, Fault, Guard, Kind, Trouble, is_sound, join
from connectors.file_drop.lease import LeaseGuard
from connectors.file_drop.place import PlaceConfig
from connectors.sdk import Context

_CONNECT_SECONDS = 15.0
_ALIVE_SECONDS = 15.0
_AT_A_TIME = 16
_CHUNK = 500
_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, asyncssh.ChannelOpenError)
_TROUBLES: tuple[tuple[type[asyncssh.SFTPError], Trouble], ...] = (
    (asyncssh.SFTPNoSuchFile, Trouble.GONE),
    (asyncssh.SFTPNoSuchPath, Trouble.GONE),
    (asyncssh.SFTPFileAlreadyExists, Trouble.EXISTS),
    (asyncssh.SFTPDirNotEmpty, Trouble.EXISTS),
    (asyncssh.SFTPPermissionDenied, Trouble.DENIED),
    (asyncssh.SFTPWriteProtect, Trouble.DENIED),
    (asyncssh.SFTPNoSpaceOnFilesystem, Trouble.FULL),
    (asyncssh.SFTPQuotaExceeded, Trouble.FULL),
    (asyncssh.SFTPInvalidFilename, Trouble.BAD_NAME),
    (asyncssh.SFTPFileIsADirectory, Trouble.NOT_A_FILE),
)

Answer = TypeVar("Answer")


class SftpFileSystem:
    """Connects when it is first asked, and again when the connection was lost. Requests share one connection."""

    def __init__(self, place: PlaceConfig, context: Context) -> None:
        self._place = place
        self._context = context
        self._root = place.folder.encode(place.name_encoding)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._dialling = asyncio.Lock()
        self._closed = False

    async def look(self, path: bytes) -> Entry | Fault:
        """As the port says."""
        return await self._ask(lambda client: self._look(client, path))

    async def entries(self, folder: bytes, *, details: bool) -> AsyncIterator[Sequence[Entry]]:
        """As the port says. The server tells size and time in any case."""
        del details
        client = await self._ready()
        listing = client.scandir(self._at(folder))
        piece: list[Entry] = []
        while True:
            try:
                found = await anext(listing)
            except StopAsyncIteration:
                break
            except (asyncssh.Error, OSError) as error:
                raise self._away(error, "the folder cannot be listed") from error
            entry = _entry(found.filename, found.attrs)
            if is_sound(entry.name):
                piece.append(entry)
            if len(piece) >= _CHUNK:
                yield piece
                piece = []
        if piece:
            yield piece

    async def read(self, paths: Sequence[bytes], most: int, budget: int) -> Sequence[Content | Fault]:
        """As the port says; a few at a time."""
        answers: list[Content | Fault] = []
        while len(answers) < len(paths) and budget > 0:
            some = paths[len(answers) : len(answers) + _AT_A_TIME]
            for answer in await asyncio.gather(*(self._read(path, most) for path in some)):
                answers.append(answer)
                budget -= len(answer.body) if isinstance(answer, Content) else 0
        return answers

    async def write(self, path: bytes, body: bytes) -> Fault | None:
        """As the port says. Safe on disk where the server knows ``fsync@openssh.com``."""

        async def work(client: asyncssh.SFTPClient) -> None:
            at = self._at(path)
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(at)
            opened = await client.open(at, asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_EXCL, encoding=None)
            try:
                await opened.write(body)
                with suppress(asyncssh.SFTPOpUnsupported):
                    await opened.fsync()
            except asyncssh.SFTPError:
                with suppress(asyncssh.SFTPError):
                    await client.remove(at)
                raise
            finally:
                with suppress(asyncssh.SFTPError):
                    await opened.close()

        return _fault_or_none(await self._ask(_done(work)))

    async def move(self, pairs: Sequence[tuple[bytes, bytes]], *, durable: bool) -> Sequence[Fault | None]:
        """As the port says. A rename of SFTP 3 replaces nothing; that a name was taken is seen by looking afterwards."""
        del durable
        answers: list[Fault | None] = []
        for start in range(0, len(pairs), _AT_A_TIME):
            some = pairs[start : start + _AT_A_TIME]
            answers += await asyncio.gather(*(self._move(old, new) for old, new in some))
        return answers

    async def remove(self, paths: Sequence[bytes]) -> Sequence[Fault | None]:
        """As the port says."""
        answers: list[Fault | None] = []
        for start in range(0, len(paths), _AT_A_TIME):
            some = paths[start : start + _AT_A_TIME]
            found = await asyncio.gather(*(self._ask(_removal(self._at(path))) for path in some))
            answers += map(_fault_or_none, found)
        return answers

    async def make_folder(self, path: bytes) -> Fault | None:
        """As the port says. Version 3 has no word for "exists": it is looked for."""
        fault = _fault_or_none(await self._ask(_done(lambda client: client.mkdir(self._at(path)))))
        if fault is not None and fault.trouble is Trouble.BROKEN and isinstance(await self.look(path), Entry):
            return Fault(Trouble.EXISTS)
        return fault

    async def remove_folder(self, path: bytes) -> Fault | None:
        """As the port says."""
        return _fault_or_none(await self._ask(_done(lambda client: client.rmdir(self._at(path)))))

    def guard(self, name: bytes, patience: float) -> Guard:
        """As the port says."""
        return LeaseGuard(self, name, patience, self._context.monotonic)

    async def close(self) -> None:
        """As the port says."""
        self._closed = True
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    async def _look(self, client: asyncssh.SFTPClient, path: bytes) -> Entry:
        return _entry(path.rpartition(b"/")[2], await client.lstat(self._at(path)))

    async def _read(self, path: bytes, most: int) -> Content | Fault:
        async def work(client: asyncssh.SFTPClient) -> Content | Fault:
            # A pipe must not be opened: the server would wait in it for ever.
            before = _entry(path, await client.lstat(self._at(path)))
            if before.kind is not Kind.FILE:
                return Fault(Trouble.NOT_A_FILE)
            if before.size > most:
                return Fault(Trouble.TOO_LARGE)
            opened = await client.open(self._at(path), asyncssh.FXF_READ, encoding=None)
            try:
                body = cast("bytes", await opened.read(before.size + 1))
            finally:
                with suppress(asyncssh.SFTPError):
                    await opened.close()
            return Content(body) if len(body) == before.size else Fault(Trouble.CHANGING)

        return await self._ask(work)

    async def _move(self, old: bytes, new: bytes) -> Fault | None:
        fault = _fault_or_none(await self._ask(_done(lambda client: client.rename(self._at(old), self._at(new)))))
        if fault is not None and fault.trouble is Trouble.BROKEN and isinstance(await self.look(new), Entry):
            return Fault(Trouble.EXISTS)
        return fault

    def _at(self, path: bytes) -> bytes:
        return join(self._root, path)

    async def _ask(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Answer]]) -> Answer | Fault:
        client = await self._ready()
        try:
            return await work(client)
        except _LOST as error:
            raise self._away(error, "the connection was lost") from error
        except asyncssh.SFTPError as error:
            return _fault(error)
        except (OSError, asyncssh.Error) as error:
            raise self._away(error, "the connection was lost") from error
        except ValueError:
            return Fault(Trouble.BAD_NAME, "a name the protocol cannot carry")

    def _away(self, error: Exception, what: str) -> AwayError:
        if not isinstance(error, asyncssh.SFTPError) or isinstance(error, _LOST):
            self._client = None
        return AwayError(f"{what}: {type(error).__name__}", asked=True)

    async def _ready(self) -> asyncssh.SFTPClient:
        """A live session; concurrent callers share one attempt."""
        async with self._dialling:
            if self._closed:
                raise AwayError("closed by us")
            if self._client is None or self._connection is None or self._connection.is_closed():
                await self._dial()
            assert self._client is not None
            return self._client

    async def _dial(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None
        place = self._place
        assert place.host is not None
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                connection = await asyncssh.connect(
                    place.host,
                    place.port or 22,
                    username=place.user,
                    password=self._secret(place.password_secret),
                    client_keys=self._keys(),
                    known_hosts=(self._known(), [], []),
                    agent_path=None,
                    config=None,
                    keepalive_interval=_ALIVE_SECONDS,
                    keepalive_count_max=3,
                )
                if self._closed:
                    connection.abort()
                    raise AwayError("closed by us")
                self._connection = connection
                client = await connection.start_sftp_client(path_encoding=None)
                # What the folder is called is seen once, so that one that is missing is an outage and not a riddle.
                if not stat.S_ISDIR((await client.stat(self._root)).permissions or 0):
                    raise AwayError("the folder is not a folder")
                self._client = client
        except TimeoutError:
            raise AwayError(f"no connection within {_CONNECT_SECONDS:g} s") from None
        except asyncssh.HostKeyNotVerifiable:
            raise AwayError("the server does not have the key it should have") from None
        except asyncssh.PermissionDenied:
            raise AwayError("the server does not let us in") from None
        except asyncssh.SFTPNoSuchFile:
            raise AwayError("the folder is not there") from None
        except (OSError, asyncssh.Error, UnicodeError) as error:
            raise AwayError(f"no connection: {type(error).__name__}") from error

    def _secret(self, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            return self._context.secret(name)
        except KeyError:
            raise AwayError("a secret is not there") from None

    def _keys(self) -> list[asyncssh.SSHKey] | None:
        key = self._secret(self._place.key_secret)
        if key is None:
            return None
        try:
            return [asyncssh.import_private_key(key)]
        except asyncssh.KeyImportError:
            raise AwayError("the secret holds no private key without a passphrase") from None

    def _known(self) -> list[asyncssh.SSHKey]:
        try:
            return [asyncssh.import_public_key(key) for key in self._place.host_keys]
        except asyncssh.KeyImportError:
            raise AwayError("host_keys holds what is no public key") from None


def _entry(name: object, attrs: asyncssh.SFTPAttrs) -> Entry:
    mode = attrs.permissions or 0
    kind = Kind.FILE if stat.S_ISREG(mode) else Kind.FOLDER if stat.S_ISDIR(mode) else Kind.OTHER
    raw = name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogateescape")
    return Entry(
        raw, kind, -1 if attrs.size is None else attrs.size, -1.0 if attrs.mtime is None else float(attrs.mtime)
    )


def _removal(at: bytes) -> Callable[[asyncssh.SFTPClient], Awaitable[bool]]:
    return _done(lambda client: client.remove(at))


def _done(
    work: Callable[[asyncssh.SFTPClient], Awaitable[object]],
) -> Callable[[asyncssh.SFTPClient], Awaitable[bool]]:
    async def do(client: asyncssh.SFTPClient) -> bool:
        await work(client)
        return True

    return do


def _fault_or_none(answer: bool | Fault) -> Fault | None:  # noqa: FBT001  # because that is what a request comes to
    return answer if isinstance(answer, Fault) else None


def _fault(error: asyncssh.SFTPError) -> Fault:
    for kind, trouble in _TROUBLES:
        if isinstance(error, kind):
            return Fault(trouble, kind.__name__)
    return Fault(Trouble.BROKEN, type(error).__name__)
