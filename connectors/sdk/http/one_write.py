# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Small requests to one address, each in one write on a connection of the session's pool.

``ClientSession.request`` makes everything of a request anew (URL, headers, cookies, redirects, a response) and spends more than
half of a small request's time on it. Here that is settled once for many; connecting, the pool, TLS and the reading of
answers with its limits are aiohttp's as ever. What does not suit goes the usual way.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext

import aiohttp
from aiohttp import hdrs
from aiohttp.connector import Connection
from aiohttp.http import SERVER_SOFTWARE, HttpProcessingError
from yarl import URL

from connectors.sdk.http.departure import Departure

MOST_BYTES = 64 * 1024
"""The largest body that goes out with its headers in one write, so that nothing is to be waited for until the answer."""

_FRAMING = frozenset({"content-length", "transfer-encoding", "trailer", "expect", "upgrade"})


@dataclass(frozen=True, slots=True)
class Arriving:
    """An answer whose body is still to be read. ``headers`` find names in any case."""

    connection: Connection
    status: int
    headers: Mapping[str, str]
    content: aiohttp.StreamReader

    def leave(self, *, keep: bool) -> None:
        """Give the connection back, if nothing is left on it and ``keep``; else it is closed."""
        if keep and self.content.is_eof():
            self.connection.release()
        else:
            self.connection.close()


class OneWrite:
    """The way to one address. For use from one event loop."""

    def __init__(self, http: aiohttp.ClientSession, method: str, url: URL, tls: SSLContext | bool) -> None:  # noqa: FBT001  # because it is aiohttp's value for "as usual"
        self.to = (method, url, tls)
        self._http = http
        # Never sent: it tells the connector whom to connect to, and us how aiohttp would name the host.
        self._target = aiohttp.ClientRequest(method, url, session=http, loop=asyncio.get_running_loop(), ssl=tls)
        self._names: tuple[str, ...] | None = None
        self._suits = False
        self._start = ""
        self.keeps = True
        """Whether the connection may serve another request after one with the headers of the last :meth:`head`."""

    def head(self, headers: Mapping[str, str], size: int) -> bytes | None:
        """Everything before the body; None when a request with these headers must go the usual way."""
        names = tuple(headers)
        if names != self._names:
            self._look_at(names)
        if not self._suits:
            return None
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if not lines.isascii() or lines.count("\n") != len(names) or lines.count("\r") != len(names) or "\0" in lines:
            return None
        return f"{self._start}{lines}Content-Length: {size}\r\n\r\n".encode()

    def _look_at(self, names: tuple[str, ...]) -> None:
        """What the names of the headers decide; requests to one address mostly have the same."""
        given = {name.lower() for name in names}
        self._names = names
        self._suits = "content-type" in given and not given & _FRAMING and len(given) == len(names)
        self.keeps = "connection" not in given
        method, url, _ = self.to
        ours = {"Host": self._target.headers[hdrs.HOST], "Accept": "*/*", "User-Agent": SERVER_SOFTWARE}
        lines = [f"{method} {url.raw_path_qs} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in ours.items() if name.lower() not in given]
        self._start = "".join(f"{line}\r\n" for line in lines)

    async def begin(self, head: bytes, body: bytes, departure: Departure) -> Arriving:
        """Send, and return when the head of the answer is there; whoever calls must :meth:`Arriving.leave`.

        Raises what a session raises. Nothing is tried a second time, whatever was cut when.
        """
        connector = self._http.connector
        if connector is None:
            raise aiohttp.ClientConnectionError("the session is closed")
        connection = await connector.connect(self._target, traces=[], timeout=self._http.timeout)
        protocol = connection.protocol
        if protocol is None or protocol.transport is None:
            connection.close()
            raise aiohttp.ClientConnectionResetError("cut before anything was sent")
        try:
            protocol.set_response_params(read_until_eof=True, auto_decompress=False)
            departure.left = True
            protocol.transport.write(head + body)
            message, content = await protocol.read()
            while 100 <= message.code < 200 and message.code != 101:
                message, content = await protocol.read()
        except HttpProcessingError as error:
            connection.close()
            raise aiohttp.ClientPayloadError("what came is no HTTP") from error
        except BaseException:
            connection.close()
            raise
        return Arriving(connection, message.code, message.headers, content)
