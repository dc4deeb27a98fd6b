# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One connection: what aiohttp answers by itself, before any route is found, is a problem document too."""

import asyncio
import math

import orjson
from aiohttp import web

from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.text import Text
from hub.api.problems import BUG, instance, malformed_http, problem_response
from hub.api.route import SERVER
from hub.api.tls import certificate_of
from hub.running import Hub

_NOT_HTTP = malformed_http(
    Text("请求行或头部不符合 HTTP/1.1，或超出长度限制。", "Request line or headers are not HTTP/1.1, or are too long.")
)
_EXPECTATION = malformed_http(Text("不支持的 Expect 头。", "The Expect header asks for what nobody knows."))

_MANY = Refusal(
    "E_BUSY",
    Text(
        "来自此地址的连接数已达上限（limits.peer_connections）。",
        "Your address has as many connections as one may have (limits.peer_connections).",
    ),
    retry_after=30.0,
)

_LINE = 8190  # of the request line and of each header, in bytes
_HEADERS = 100
_LARGE = 32 * 1024  # what the buffers of a connection take anyhow
_LINGER_SECONDS = 2.0  # how long a refused sender's body is read away, so that it can see the answer


class Connection(web.RequestHandler):
    """aiohttp's handler of one connection, with this hub's way to refuse."""

    __slots__ = ("_head", "_head_seconds", "_hub", "_idle", "_peer", "certificate")

    def __init__(
        self, manager: web.Server, hub: Hub, *, loop: asyncio.AbstractEventLoop, idle: float, head: float
    ) -> None:
        super().__init__(
            manager,
            loop=loop,
            keepalive_timeout=idle,
            access_log=None,  # type: ignore[arg-type]  # None is how aiohttp is told to keep no log of its own
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_HEADERS,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
        )
        self._hub = hub
        self._idle = idle
        self._head_seconds = head
        self._head: asyncio.TimerHandle | None = None
        self._peer: str | None = None
        self.certificate: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more; beyond the bound of all it still gets an answer, beyond that of its address it gets nothing else."""
        super().connection_made(transport)
        self.certificate = certificate_of(transport)
        intake = self._hub.intake
        intake.connected += 1
        peer = _address(transport)
        if peer is None or (self._hub.proxy is not None and self._hub.proxy.believes(peer)):
            return
        self._peer = peer
        if not intake.enters(peer):
            self._turn_away(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """One less."""
        super().connection_lost(exc)
        self._hub.intake.connected -= 1
        if self._peer is not None:
            self._hub.intake.leaves(self._peer)
        self._head_ends()

    def data_received(self, data: bytes) -> None:
        """A head that has begun must end in its time, however its bytes trickle in; a body's time is its reader's."""
        known = self._request_count
        super().data_received(data)
        if self._request_count != known:
            self._head_ends()
        elif self._head is None and self._between_requests():
            self._head = self._loop.call_later(self._head_seconds, self._cut)

    def _between_requests(self) -> bool:
        return self._current_request is None and not self._messages

    def _head_ends(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _cut(self) -> None:
        self._head = None
        if self.transport is not None and self._between_requests():
            self._hub.log.info("connection cut", reason="the head of a request came too slowly")
            self.transport.abort()

    def _turn_away(self, transport: asyncio.BaseTransport) -> None:
        """Say so, and close. Whatever comes is not read."""
        assert isinstance(transport, asyncio.WriteTransport), "a connection is written to"
        request_id = str(self._hub.ids.new())
        self._hub.log.info("connection cut", request=request_id, reason="too many of one address")
        self._hub.observer.turned_away(_MANY.code)
        body = orjson.dumps(problem(_MANY, instance(request_id)))
        assert _MANY.retry_after is not None, "it is one to come back from"
        transport.write(
            f"HTTP/1.1 {CODES[_MANY.code].status} Service Unavailable\r\nServer: {SERVER}\r\nConnection: close\r\n"
            f"Retry-After: {math.ceil(_MANY.retry_after)}\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # because aiohttp passes it; it repeats what was sent
    ) -> web.StreamResponse:
        """The bytes were no request, or aiohttp itself failed."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        request_id = str(self._hub.ids.new())
        if status == 500:
            self._hub.log.error("bug below the API", request=request_id, exc_info=exc)
        else:
            self._hub.log.info("request", request=request_id, route="(not http)", status=400, reason=type(exc).__name__)
        response = problem_response(BUG if status == 500 else _NOT_HTTP, request_id)
        response.headers["Server"] = SERVER
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer; a client that does not take a large one may not hold it for ever."""
        if isinstance(resp, web.HTTPException):  # raised before any middleware runs, so about the Expect header
            resp = problem_response(_EXPECTATION, str(self._hub.ids.new()))
            resp.headers["Server"] = SERVER
            resp.force_close()
        if not isinstance(resp, web.Response) or (resp.content_length or 0) <= _LARGE:
            return await super().finish_response(request, resp, start_time)
        try:
            async with asyncio.timeout(self._idle):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()  # closing would wait for the client to take what is buffered
            self.force_close()
            return resp, True


def _address(transport: asyncio.BaseTransport) -> str | None:
    """The network address at the other end; None: there is none any more."""
    found = transport.get_extra_info("peername")
    return found[0] if found else None
