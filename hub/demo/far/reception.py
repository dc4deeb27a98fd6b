# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP server that the hub pushes to: CloudEvents in structured or binary mode, an idempotency key, a token."""

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from hub.demo.far.inbox import Inbox
from hub.demo.far.temper import Busy, Mute, Slow, Temper


class Reception:
    """Answers 200 when a message has taken effect, now or before."""

    def __init__(self, inbox: Inbox, token: str, temper: Callable[[str, int], Temper]) -> None:
        self._inbox = inbox
        self._expected = f"Bearer {token}"
        self._temper = temper
        self._attempts: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None

    async def open(self) -> int:
        """Listen on a free port of this machine, and return it."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port: int = self._runner.addresses[0][1]
        return port

    def routes(self) -> list[web.RouteDef]:
        """What it answers to."""
        return [web.post("/events", self._receive)]

    async def close(self) -> None:
        """Answer what is being answered, then hang up."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), self._expected):
            return web.json_response({"code": "TOKEN", "title": "unknown caller"}, status=401)
        event = parse(request.headers.get("Content-Type", ""), request.headers, await request.read())
        key = request.headers.get("Idempotency-Key", "")
        if event is None or not key:
            return web.json_response({"code": "BAD_EVENT", "title": "not a CloudEvent with a key"}, status=400)
        self._attempts[key] += 1
        match temper := self._temper(event["id"], self._attempts[key]):
            case Busy(retry_after):
                return web.json_response(
                    {"code": "BUSY", "title": "busy"}, status=503, headers={"Retry-After": str(retry_after)}
                )
            case Slow(seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        fresh = await self._inbox.take(key, event)
        if isinstance(temper, Mute) and request.transport is not None:
            request.transport.abort()
        return web.json_response({"receipt": f"HZ-{event['id']}", "repeat": not fresh})


def parse(content_type: str, headers: Any, body: bytes) -> dict[str, Any] | None:
    """A CloudEvent 1.0 from an HTTP request; None: it is none."""
    try:
        if content_type.startswith("application/cloudevents+json"):
            event = orjson.loads(body)
        else:
            event = {name.lower()[3:]: unquote(value) for name, value in headers.items() if name.lower()[:3] == "ce-"}
            event |= {"datacontenttype": content_type, "data": orjson.loads(body)}
    except orjson.JSONDecodeError:
        return None
    whole = isinstance(event, dict) and {"specversion", "id", "source", "type", "data"} <= event.keys()
    return event if whole else None
