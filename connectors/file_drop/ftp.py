# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A folder behind FTP, or FTP with explicit TLS (RFC 4217): by MLSD and MLST (RFC 3659), or LIST, SIZE and MDTM.

FTP has no flush to disk, no rename that replaces nothing, and one request at a time on a connection: so there are a few
connections, sizes are looked at after writing, and a name is looked at before it is given.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import aioftp
from aioftp.common import SSLSessionBoundContext

from connectors.file_drop.file_system import AwayError, Content, Entry, Fault, Guard, Kind, Trouble, is_sound, join
from connectors.file_drop.ftp_replies import WIRE, entry_of, fault_of, is_unknown, old_entry_of, seconds_of
from connectors.file_drop.lease import LeaseGuard
from connectors.file_drop.place import PlaceConfig
from connectors.sdk import Context

_CONNECT_SECONDS = 15.0
_ANSWER_SECONDS = 30.0
_CONNECTIONS = 8
_CHUNK = 500

Answer = TypeVar("Answer")


class FtpFileSystem:
    """Connects when it is asked and no connection is free."""

    def __init__(self, place: PlaceConfig, context: Context) -> None:
        self._place = place
        self._context = context
        self._root = place.folder.encode(place.name_encoding)
        self._idle: list[aioftp.Client] = []
        self._open: set[aioftp.Client] = set()
        self._slots = asyncio.Semaphore(_CONNECTIONS)
        self._closed = False
        self._old = False
        """The server does not know MLSD and MLST."""

    async def look(self, path: bytes) -> Entry | Fault:
        """As the port says."""
        return await self._ask(lambda client: self._look(client, path))

    async def entries(self, folder: bytes, *, details: bool) -> AsyncIterator[Sequence[Entry]]:
        """As the port says. The server tells size and time in any case."""
        del details
        async with self._slots:
            client = await self._ready()
            try:
                reader, writer = await self._listing(client, folder)
                try:
                    piece: list[Entry] = []
                    while line := await _soon(reader.readline()):
                        entry = old_entry_of(client, line) if self._old else entry_of(line)
                        if entry is not None and is_sound(entry.name):
                            piece.append(entry)
                        if len(piece) >= _CHUNK:
                            yield piece
                            piece = []
                finally:
                    writer.transport.abort()
                await client.command(None, "2xx", "1xx")
                _heed_cancellation()
            except BaseException as error:
                self._drop(client)
                if isinstance(error, aioftp.AIOFTPException | OSError | EOFError | TimeoutError | ValueError):
                    raise AwayError(f"the folder cannot be listed: {type(error).__name__}", asked=True) from error
                raise
            self._idle.append(client)
        if piece:
            yield piece

    async def read(self, paths: Sequence[bytes], most: int, budget: int) -> Sequence[Content | Fault]:
        """As the port says; a few at a time."""
        answers: list[Content | Fault] = []
        while len(answers) < len(paths) and budget > 0:
            some = paths[len(answers) : len(answers) + _CONNECTIONS]
            for answer in await asyncio.gather(*(self._ask(self._reading(path, most)) for path in some)):
                answers.append(answer)
                budget -= len(answer.body) if isinstance(answer, Content) else 0
        return answers

    async def write(self, path: bytes, body: bytes) -> Fault | None:
        """As the port says. FTP does not say whether a file is on disk; what is told of is its size."""

        async def work(client: aioftp.Client) -> Fault | None:
            _, writer = await self._data(client, b"STOR " + self._at(path))
            try:
                writer.write(body)
                await _soon(writer.drain())
                writer.close()  # sends what is left, and says that this was all
                await client.command(None, "2xx", "1xx")
            finally:
                writer.transport.abort()  # not every server answers to the end of TLS
            written = await self._look(client, path)
            if isinstance(written, Fault) or written.size != len(body):
                return Fault(Trouble.BROKEN, "what was written is not there whole")
            return None

        return await self._ask(work)

    async def move(self, pairs: Sequence[tuple[bytes, bytes]], *, durable: bool) -> Sequence[Fault | None]:
        """As the port says, as far as FTP can: most servers replace a file that is there, so it is looked for before."""
        del durable
        return [await self._ask(self._moving(old, new)) for old, new in pairs]

    async def remove(self, paths: Sequence[bytes]) -> Sequence[Fault | None]:
        """As the port says."""
        return [await self._ask(self._saying(b"DELE " + self._at(path))) for path in paths]

    async def make_folder(self, path: bytes) -> Fault | None:
        """As the port says."""
        fault = await self._ask(self._saying(b"MKD " + self._at(path)))
        if fault is not None and isinstance(await self.look(path), Entry):
            return Fault(Trouble.EXISTS)
        return fault

    async def remove_folder(self, path: bytes) -> Fault | None:
        """As the port says."""
        return await self._ask(self._saying(b"RMD " + self._at(path)))

    def guard(self, name: bytes, patience: float) -> Guard:
        """As the port says."""
        return LeaseGuard(self, name, patience, self._context.monotonic)

    async def close(self) -> None:
        """As the port says."""
        self._closed = True
        for client in list(self._open):
            self._drop(client)

    # -- single requests

    async def _look(self, client: aioftp.Client, path: bytes) -> Entry | Fault:
        if not path:  # of a server's root nothing is told but that one can go there
            await client.command(self._text(b"CWD " + self._root), "2xx")
            return Entry(b"", Kind.FOLDER)
        if self._old:
            return await self._old_look(client, path)
        try:
            _, lines = await client.command(self._text(b"MLST " + self._at(path)), "2xx")
        except aioftp.StatusCodeError as error:
            if error.received_codes[-1].matches("550"):
                return Fault(Trouble.GONE)
            if is_unknown(error):
                self._old = True
                return await self._old_look(client, path)
            raise
        entry = entry_of(lines[1].strip(" ").encode(WIRE)) if len(lines) > 1 else None
        if entry is None:
            return Fault(Trouble.BROKEN, "MLST was not answered in the form of RFC 3659")
        return Entry(path.rpartition(b"/")[2], entry.kind, entry.size, entry.modified)

    async def _old_look(self, client: aioftp.Client, path: bytes) -> Entry | Fault:
        name = path.rpartition(b"/")[2]
        try:
            _, size = await client.command(self._text(b"SIZE " + self._at(path)), "213")
            _, time = await client.command(self._text(b"MDTM " + self._at(path)), "213")
        except aioftp.StatusCodeError as error:
            if not error.received_codes[-1].matches("550"):
                raise
            # No file; a folder is where one can go.
            code, _ = await client.command(self._text(b"CWD " + self._at(path)), ("2xx", "550"))
            return Entry(name, Kind.FOLDER) if code.matches("2xx") else Fault(Trouble.GONE)
        told = size[0].strip()
        return Entry(name, Kind.FILE, int(told) if told.isdecimal() else -1, seconds_of(time[0].strip()))

    async def _listing(self, client: aioftp.Client, folder: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not self._old:
            try:
                return await self._data(client, b"MLSD " + self._at(folder))
            except aioftp.StatusCodeError as error:
                if not is_unknown(error):
                    raise
                self._old = True
        # Servers take what follows LIST for options and patterns: it is gone to, not named.
        await client.command(self._text(b"CWD " + self._at(folder)), "2xx")
        return await self._data(client, b"LIST")

    def _reading(self, path: bytes, most: int) -> Callable[[aioftp.Client], Awaitable[Content | Fault]]:
        async def work(client: aioftp.Client) -> Content | Fault:
            before = await self._look(client, path)
            if isinstance(before, Fault):
                return before
            if before.kind is not Kind.FILE:
                return Fault(Trouble.NOT_A_FILE)
            if before.size > most:
                return Fault(Trouble.TOO_LARGE)
            reader, writer = await self._data(client, b"RETR " + self._at(path))
            body = bytearray()
            try:
                while piece := await _soon(reader.read(1 << 18)):
                    body += piece
                    if len(body) > before.size:
                        break
            finally:
                writer.transport.abort()
            if len(body) > before.size:
                self._drop(client)
                return Fault(Trouble.CHANGING)
            await client.command(None, "2xx", "1xx")
            return Content(bytes(body)) if len(body) == before.size else Fault(Trouble.CHANGING)

        return work

    def _moving(self, old: bytes, new: bytes) -> Callable[[aioftp.Client], Awaitable[Fault | None]]:
        async def work(client: aioftp.Client) -> Fault | None:
            there = await self._look(client, new)
            if isinstance(there, Entry):
                return Fault(Trouble.EXISTS)
            if isinstance(await self._look(client, old), Fault):
                return Fault(Trouble.GONE)
            await client.command(self._text(b"RNFR " + self._at(old)), "350")
            await client.command(self._text(b"RNTO " + self._at(new)), "2xx")
            return None

        return work

    def _saying(self, command: bytes) -> Callable[[aioftp.Client], Awaitable[Fault | None]]:
        async def work(client: aioftp.Client) -> Fault | None:
            await client.command(self._text(command), "2xx")
            return None

        return work

    async def _data(self, client: aioftp.Client, command: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection for data, once the server has agreed to the command.

        TLS begins after that: some servers begin it no earlier, and wait for the command meanwhile. It goes on with the session
        of the control connection, which some servers insist on.
        """
        host = self._place.host or ""
        reader, writer = await _soon(asyncio.open_connection(host, await self._passive(client)))
        try:
            await client.command(self._text(command), "1xx")
            control = client.stream.writer.transport.get_extra_info("ssl_object")
            if control is not None:
                bound = SSLSessionBoundContext(
                    ssl.PROTOCOL_TLS_CLIENT, context=control.context, session=control.session
                )
                await _soon(writer.start_tls(bound, server_hostname=host))
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer

    async def _passive(self, client: aioftp.Client) -> int:
        """The port to which the server wants the data connection; the address it may name is not believed."""
        await client.command("TYPE I", "200")
        try:
            _, lines = await client.command("EPSV", "229")
        except aioftp.StatusCodeError as error:
            if not is_unknown(error):
                raise
            _, lines = await client.command("PASV", "227")
            return client.parse_pasv_response(lines[-1])[1]
        return client.parse_epsv_response(lines[-1])[1]

    def _at(self, path: bytes) -> bytes:
        return join(self._root, path)

    def _text(self, command: bytes) -> str:
        if b"\r" in command or b"\n" in command or b"\0" in command:
            raise ValueError("a name that would be a command")
        return command.decode(WIRE)

    # -- connections

    async def _ask(self, work: Callable[[aioftp.Client], Awaitable[Answer]]) -> Answer | Fault:
        async with self._slots:
            client = await self._ready()
            try:
                answer = await work(client)
                _heed_cancellation()
            except aioftp.StatusCodeError as error:
                fault = fault_of(error)
                if fault is None:
                    self._drop(client)
                    raise AwayError("the server ends the session", asked=True) from error
                self._idle.append(client)
                return fault
            except ValueError:
                self._drop(client)
                return Fault(Trouble.BAD_NAME, "a name the protocol cannot carry")
            except TimeoutError:
                self._drop(client)
                raise AwayError(f"no answer within {_ANSWER_SECONDS:g} s", asked=True) from None
            except (OSError, EOFError, aioftp.AIOFTPException) as error:
                self._drop(client)
                raise AwayError(f"the connection was lost: {type(error).__name__}", asked=True) from error
            except BaseException:
                self._drop(client)  # nobody knows which answer would come next
                raise
            if client in self._open:
                self._idle.append(client)
            return answer

    def _drop(self, client: aioftp.Client) -> None:
        self._open.discard(client)
        with suppress(ValueError):
            self._idle.remove(client)
        with suppress(OSError):
            client.close()

    async def _ready(self) -> aioftp.Client:
        self._raise_if_closed()
        if self._idle:
            return self._idle.pop()
        client = aioftp.Client(socket_timeout=_ANSWER_SECONDS, connection_timeout=_CONNECT_SECONDS, encoding=WIRE)
        self._open.add(client)
        try:
            await self._dial(client)
        except BaseException:
            self._drop(client)
            raise
        return client

    async def _dial(self, client: aioftp.Client) -> None:
        place = self._place
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await client.connect(place.host or "", place.port or 21)
                if place.carrier == "ftps":
                    await client.upgrade_to_tls(ssl.create_default_context(cafile=place.tls_ca_file))
                await client.login(self._wire(place.user), self._wire(self._password()))
                await client.command(self._text(b"CWD " + self._root), "2xx")
        except aioftp.StatusCodeError as error:
            refused = error.received_codes[-1].matches("530")
            raise AwayError("the server does not let us in" if refused else "the folder is not there") from None
        except TimeoutError:
            raise AwayError(f"no connection within {_CONNECT_SECONDS:g} s") from None
        except (OSError, EOFError, ValueError, aioftp.AIOFTPException) as error:
            raise AwayError(f"no connection: {type(error).__name__}") from error
        _heed_cancellation()
        self._raise_if_closed()

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise AwayError("closed by us")

    def _wire(self, text: str) -> str:
        return text.encode(self._place.name_encoding, "replace").decode(WIRE)

    def _password(self) -> str:
        try:
            return self._context.secret(self._place.password_secret or "")
        except KeyError:
            raise AwayError("a secret is not there") from None


async def _soon(answer: Awaitable[Answer]) -> Answer:
    async with asyncio.timeout(_ANSWER_SECONDS):
        return await answer


def _heed_cancellation() -> None:
    """The library waits with ``asyncio.wait_for``, which in Python 3.11 swallows a cancellation that comes with the answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
