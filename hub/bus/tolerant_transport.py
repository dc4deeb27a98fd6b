# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A transport for aiormq on which a stranger's malformed message properties do not end the connection.

Message properties are written by whoever published; the broker passes them on unread. aiormq drops the connection over
properties it cannot decode, gets the same message again on the next one, and so on for ever. Here such properties are
taken off, and the message arrives bare, to be set aside like any other that is not ours.
"""

from asyncio import StreamReader, StreamWriter
from typing import Any

import pamqp.frame
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from yarl import URL

_CONTENT_HEADER = 2
_PREFIX = 7
"""Frame type (1), channel (2) and payload length (4): AMQP 0-9-1, 2.3.5."""
_FLAGS = slice(12, 14)
"""Which properties follow, in a content header after class (2), weight (2) and body size (8): AMQP 0-9-1, 2.3.5.2."""


class TolerantTransport(TransportFactory):
    """The transport for that URL, plain or TLS, with tolerant reading; and a way to end it without a word."""

    def __init__(self, url: URL) -> None:
        self._inner = TLSTransportFactory() if url.scheme == "amqps" else TCPTransportFactory()
        self._writer: StreamWriter | None = None

    async def create(self, url: URL, **kwargs: Any) -> tuple[StreamReader, StreamWriter]:
        reader, self._writer = await self._inner.create(url, **kwargs)
        return _TolerantReader(reader), self._writer

    def abort(self) -> None:
        """Cut it now. A polite end of a connection that nobody hears takes seconds."""
        if self._writer is not None:
            self._writer.transport.abort()


class _TolerantReader(StreamReader):
    """Passes on the reads aiormq makes for one frame: the type, the rest of the prefix, then payload and end mark."""

    def __init__(self, inner: StreamReader) -> None:
        super().__init__()
        self._inner = inner
        self._prefix = b""

    def at_eof(self) -> bool:
        return self._inner.at_eof()

    async def read(self, n: int = -1) -> bytes:
        return await self._inner.read(n)

    async def readexactly(self, n: int) -> bytes:
        read = await self._inner.readexactly(n)
        if len(self._prefix) < _PREFIX:
            self._prefix += read
            return read
        prefix, self._prefix = self._prefix, b""
        return _decodable(prefix, read) if prefix[0] == _CONTENT_HEADER else read


def _decodable(prefix: bytes, rest: bytes) -> bytes:
    try:
        pamqp.frame.unmarshal(prefix + rest)
    except Exception:  # noqa: BLE001  # because a decoder fed by strangers may fail in any way, and all mean the same
        return rest[: _FLAGS.start] + b"\0\0" + rest[_FLAGS.stop :]
    return rest
