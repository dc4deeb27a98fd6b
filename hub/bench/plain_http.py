# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""As much of HTTP/1.1 as the benchmark's own ends need, at a tenth of a library's cost: the hub is to be measured, not they.

Kept connections, one request at a time on each, bodies with a Content-Length. Whatever else comes ends the connection, and
whoever counts sees it missing.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import cast

_BLANK = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_WITHOUT_BODY = frozenset({b"204", b"304"})

Answered = Callable[["Caller", str, bytes], None]
"""Told status and body of an answer that came whole, or a word for why none did."""

Respond = Callable[[str, str, bytes, bytes], tuple[int, bytes]]
"""Method, path, head as it came, body; gives status and body."""


class _Ended(Exception):  # noqa: N818  # because it is how a peer leaves, not an error of ours
    """What came is no HTTP that these ends speak."""


class _Pieces:
    """What has arrived and is not yet a whole message."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data

    def next(self, *, answer: bool) -> tuple[bytes, bytes] | None:
        """Head (with its last line's end) and body of the next whole message."""
        buffer = self._buffer
        end = buffer.find(_BLANK)
        if end < 0:
            return None
        head = buffer[: end + 2]
        length = 0 if answer and head[9:12] in _WITHOUT_BODY else _length_of(head)
        whole = end + 4 + length
        if len(buffer) < whole:
            return None
        self._buffer = buffer[whole:]
        return head, buffer[end + 4 : whole]


def _length_of(head: bytes) -> int:
    if _CHUNKED.search(head):
        raise _Ended("the body comes in chunks")
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


class Caller(asyncio.Protocol):
    """A connection to the hub. ``answered`` is called once for each request; the next may be sent from within it."""

    def __init__(self, answered: Answered) -> None:
        self._answered = answered
        self._pieces = _Pieces()
        self._transport: asyncio.Transport | None = None
        self._waiting = False
        self.ended = asyncio.Event()
        """Set when the connection is gone."""

    @property
    def is_open(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes) -> None:
        """Send one request, whole; the one before must have been answered."""
        assert self._transport is not None
        self._waiting = True
        self._transport.write(request)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, but no subclass

    def data_received(self, data: bytes) -> None:
        self._pieces.feed(data)
        try:
            message = self._pieces.next(answer=True)
        except _Ended:
            self.close()
            return
        if message is not None:
            head, body = message
            if _CLOSE.search(head):
                self.close()
            self._tell(head[9:12].decode("latin-1"), body)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.ended.set()
        self._tell(type(exc).__name__ if exc else "ServerDisconnected", b"")

    def _tell(self, verdict: str, body: bytes) -> None:
        if self._waiting:
            self._waiting = False
            self._answered(self, verdict, body)


class Callee(asyncio.Protocol):
    """A connection from whoever calls. ``respond`` answers at once, so answers leave in the order of the requests."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._pieces = _Pieces()
        self._transport: asyncio.Transport | None = None
        self.ended = asyncio.Event()
        """Set when the connection is gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._pieces.feed(data)
        try:
            while (message := self._pieces.next(answer=False)) is not None:
                head, body = message
                method, path, _ = head[: head.index(b"\r\n")].decode("latin-1").split(" ", 2)
                status, answer = self._respond(method, path, head, body)
                self._transport.write(_response(status, answer))
                if _CLOSE.search(head):
                    self._transport.close()
                    return
        except (_Ended, ValueError):
            self._transport.close()


def _response(status: int, body: bytes) -> bytes:
    if status == 204:
        return b"HTTP/1.1 204 No Content\r\n\r\n"
    return b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status, len(body), body,
    )  # fmt: skip


def request(path: str, headers: Mapping[str, str]) -> Callable[[bytes], bytes]:
    """What makes POST requests to this path with these headers, given their bodies."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: ".encode("latin-1")
    return lambda body: b"%b%d\r\n\r\n%b" % (head, len(body), body)


def header(head: bytes, name: bytes) -> str:
    """The value of a header, given by its name in lower case. Raises ``ValueError`` when there is none."""
    at = head.lower().index(b"\r\n" + name + b":") + len(name) + 3
    return head[at : head.index(b"\r\n", at)].decode("latin-1").strip()
