# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP far side on loopback: a real server for what is answered, a raw one for what no server would do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import unquote

from aiohttp import web

from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class HttpFarSide:
    """A department's HTTP endpoint; used as an async context manager."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.requests: list[web.Request] = []
        self.answer: Callable[[web.Request], web.Response] = lambda _: web.Response(status=201)
        self._behaviour = Behaviour.ACCEPT
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._runner = web.AppRunner(self._application(), shutdown_timeout=1, max_field_size=1_000_000)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/cases"

    @property
    def settings(self) -> Settings:
        return {"url": self.url, "mode": "binary"}

    async def behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    async def until_arrived(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("OPTIONS", "/cases", self._asked)
        application.router.add_route("GET", "/tasks", self._queried)
        application.router.add_route("*", "/cases", self._pushed)
        return application

    async def _asked(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        return web.Response(status=503 if self._behaviour is Behaviour.OUTAGE else 204)

    async def _queried(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if self._behaviour is Behaviour.OUTAGE:
            return web.json_response({"code": "NO_SUCH_KEY"}, status=503)
        if any(one.idempotency_key == request.query["key"] for one in self.arrived):
            return web.json_response({"state": "done"})
        return web.json_response({"code": "NO_SUCH_KEY"}, status=404)

    async def _pushed(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        body = await request.read()
        if self._behaviour is Behaviour.OUTAGE:
            return web.Response(status=503, headers={"Retry-After": "7"})
        arrived = Arrived(
            idempotency_key=request.headers["Idempotency-Key"],
            content_type=request.headers["Content-Type"],
            body=body,
            attributes={
                name.lower().removeprefix("ce-"): unquote(value, errors="strict")
                for name, value in request.headers.items()
                if name.lower().startswith("ce-")
            },
        )
        behaviour = self._behaviour
        async with self._changed:
            self.arrived.append(arrived)
            self._changed.notify_all()
        match behaviour:
            case Behaviour.HANG:
                await self._released.wait()
            case Behaviour.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Behaviour.REFUSE:
                return web.json_response({"code": "CASE_UNKNOWN", "title": "no such case"}, status=422)
            case Behaviour.ACCEPT | Behaviour.OUTAGE:
                pass
        return self.answer(request)


class TokenFarSide(HttpFarSide):
    """The same endpoint, for callers that prove who they are by a secret."""

    @property
    def settings(self) -> Settings:
        return {**super().settings, "bearer_secret": "token"}


class QueryableFarSide(HttpFarSide):
    """The same endpoint, which knows nothing of repeats but can be asked about a key."""

    @property
    def settings(self) -> Settings:
        query = {
            "url": f"{self.url.removesuffix('/cases')}/tasks?key={{key}}",
            "answers": [
                {"status": 200, "at": "/state", "in": ["done"], "means": "delivered"},
                {"status": 404, "at": "/code", "in": ["NO_SUCH_KEY"], "means": "not_seen"},
            ],
        }
        return {"url": self.url, "mode": "binary", "idempotency": "queryable", "query": query}


@asynccontextmanager
async def raw_server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that talks bytes as it likes; gives its address. Its connections end with the block."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/cases"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Head and body of one request with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)
