# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One connection: what aiohttp answers by itself, before any route is found, is a problem document too."""

import asyncio

from aiohttp import web

from contracts.text import Text
from hub.api.problems import BUG, malformed_http, problem_response
from hub.api.route import SERVER
from hub.api.tls import certificate_of
from hub.running import Hub

_NOT_HTTP = malformed_http(
    Text("请求行或头部不符合 HTTP/1.1，或超出长度限制。", "Request line or headers are not HTTP/1.1, or are too long.")
)
_EXPECTATION = malformed_http(Text("不支持的 Expect 头。", "The Expect header asks for what nobody knows."))

_LINE = 8190  # of the request line and of each header, in bytes
_HEADERS = 100
_LARGE = 32 * 1024  # what the buffers of a connection take anyhow
_LINGER_SECONDS = 2.0  # how long a refused sender's body is read away, so that it can see the answer


class Connection(web.RequestHandler):
    """aiohttp's handler of one connection, with this hub's way to refuse."""

    __slots__ = ("_hub", "_idle", "certificate")

    def __init__(self, manager: web.Server, hub: Hub, *, loop: asyncio.AbstractEventLoop, idle: float) -> None:
        super().__init__(
            manager,
            loop=loop,
            keepalive_timeout=idle,  # also the time there is for the request line and the headers
            access_log=None,  # type: ignore[arg-type]  # None is how aiohttp is told to keep no log of its own
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_HEADERS,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
        )
        self._hub = hub
        self._idle = idle
        self.certificate: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more; beyond the bound it still gets an answer."""
        super().connection_made(transport)
        self.certificate = certificate_of(transport)
        self._hub.intake.connected += 1

    def connection_lost(self, exc: BaseException | None) -> None:
        """One less."""
        super().connection_lost(exc)
        self._hub.intake.connected -= 1

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
