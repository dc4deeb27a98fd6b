# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Far sides nobody should trust: one that sends callers on to an address inside, one that nobody vouches for."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from yarl import URL

from connectors.sdk.sink import Settings

_REDIRECTS = ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")
REDIRECTS = len(_REDIRECTS)
"""How many ways there are to send a caller on."""

_WITH_TLS = {"http": "https", "https": "https", "amqp": "amqps", "amqps": "amqps", "ftps": "ftps", "ldap": "ldaps"}
_PLAIN = {"http": "http", "https": "http"}


@dataclass(slots=True)
class Trap:
    """Where it listens, and what fell into it."""

    port: int = 0
    fallen: list[bytes] = field(default_factory=list)


def aimed(settings: Settings, port: int, *, tls: bool) -> Settings | None:
    """The same settings with every address in them led to that port of this machine; None when there is no address.

    Without TLS only HTTP addresses count; with it, also those of other protocols that begin with a handshake.
    """
    schemes = _WITH_TLS if tls else _PLAIN
    changed = _aimed(settings, port, schemes)
    return changed if isinstance(changed, Mapping) and changed != settings else None


def _aimed(value: object, port: int, schemes: Mapping[str, str]) -> object:
    match value:
        case str():
            scheme, separator, _ = value.partition("://")
            if not separator or scheme not in schemes:
                return value
            with suppress(ValueError):
                url = URL(value, encoded=True)
                rest = value.removeprefix(f"{scheme}://{url.raw_authority}")
                return f"{schemes[scheme]}://127.0.0.1:{port}{rest}"
            return value
        case Mapping():
            return {key: _aimed(one, port, schemes) for key, one in value.items()}
        case list() | tuple():
            return [_aimed(one, port, schemes) for one in value]
        case _:
            return value


@asynccontextmanager
async def redirecting() -> AsyncIterator[tuple[Trap, Trap]]:
    """One that answers every HTTP request with another redirect, and the place inside to which they lead."""
    inside, outside = Trap(), Trap()
    answers = cycle(_REDIRECTS)

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
        await reader.readexactly(int(length or b"0"))
        outside.fallen.append(head)
        answer = f"HTTP/1.1 {next(answers)}\r\nLocation: http://127.0.0.1:{inside.port}/inside\r\nContent-Length: 0\r\n"
        writer.write(f"{answer}Connection: close\r\n\r\n".encode())
        await writer.drain()

    async with _listening(inside, _note(inside), None), _listening(outside, lead, None):
        yield outside, inside


@asynccontextmanager
async def unvouched() -> AsyncIterator[Trap]:
    """One whose certificate names this machine and is its own voucher. Raises ``OSError`` where there is no ``openssl``."""
    trap = Trap()
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        await asyncio.to_thread(_make, certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    async with _listening(trap, _note(trap), context):
        yield trap


def _make(certificate: Path, key: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext"
    subprocess.run(  # noqa: S603  # because every part of it is written here
        [*command.split(), "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)],
        check=True,
        capture_output=True,
        timeout=20,
    )


def _note(trap: Trap):  # type: ignore[no-untyped-def]  # noqa: ANN202  # because asyncio has no name for it
    async def note(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        if said := await reader.read(4096):
            trap.fallen.append(said)

    return note


@asynccontextmanager
async def _listening(trap: Trap, talk, context: ssl.SSLContext | None) -> AsyncIterator[None]:  # type: ignore[no-untyped-def]  # noqa: ANN001  # because asyncio has no name for it
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    trap.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
