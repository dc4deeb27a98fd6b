# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register of made-up firms on loopback: asked by GET and answering in JSON, or by POST and answering in XML."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self
from xml.sax.saxutils import escape

from aiohttp import web

from connectors.sdk import Settings
from connectors.sdk.far_side import Behaviour

FIRMS = [{"mc": "虚构商行", "bh": "A-1"}, {"mc": "虚构商行", "bh": "A-2"}, {"mc": "杜撰<公司>", "bh": "B-1"}]


class HttpRegister:
    """Used as an async context manager."""

    known: Mapping[str, str] = {"name": "虚构商行", "region": "510500"}
    unknown: Mapping[str, str] = {"name": "没有这家"}

    def __init__(self, method: str) -> None:
        self.method = method
        self.asked: list[web.Request] = []
        self.answer: web.Response | None = None
        self._behaviour = Behaviour.ACCEPT
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        application = web.Application()
        application.router.add_route("*", "/firms", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    @property
    def settings(self) -> Settings:
        url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/firms"
        criteria = {"required": ["name"], "optional": ["region"], "method": self.method}
        if self.method == "GET":
            return {
                **criteria,
                "url": f"{url}?name={{c.name}}&region={{c.region}}",
                "answers": [
                    {"statuses": [200], "at": "/code", "in": ["0"], "means": "found", "records": "/data"},
                    {"at": "/code", "in": ["100"], "means": "not_found"},
                    {"at": "/code", "in": ["900"], "means": "rejected", "code": "/code"},
                ],
                "fields": {"name": "/mc", "number": "/bh"},
            }
        return {
            **criteria,
            "url": url,
            "wrap": {"xml": "<Q><NAME>{c.name}</NAME><REGION>{c.region}</REGION></Q>"},
            "answers": [
                {"at": "/R/CODE", "in": ["100"], "means": "not_found"},
                {"at": "/R/CODE", "in": ["900"], "means": "rejected", "code": "/R/CODE"},
                {"at": "/R/CODE", "in": ["0"], "means": "found", "records": "/R/FIRM"},
            ],
        }

    async def behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    async def until_asked(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.asked) >= count)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if self._behaviour is Behaviour.OUTAGE:
            return web.Response(status=503)
        if request.method == "OPTIONS":
            return web.Response(status=204)
        behaviour = self._behaviour
        async with self._changed:
            self.asked.append(request)
            self._changed.notify_all()
        match behaviour:
            case Behaviour.HANG:
                await self._released.wait()
            case Behaviour.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Behaviour.REFUSE:
                return self._told("900", [])
            case _:
                pass
        if self.answer is not None:
            return self.answer
        if self.method == "GET":
            found = [one for one in FIRMS if one["mc"] == request.query["name"]]
        else:
            found = [one for one in FIRMS if f"<NAME>{escape(one['mc'])}</NAME>" in body]
        return self._told("0" if found else "100", found)

    def _told(self, code: str, firms: list[dict[str, str]]) -> web.Response:
        if self.method == "GET":
            document: dict[str, Any] = {"code": int(code), "data": firms}
            return web.json_response(document)
        inner = "".join(f"<FIRM><MC>{escape(one['mc'])}</MC><BH>{one['bh']}</BH></FIRM>" for one in firms)
        return web.Response(text=f"<R><CODE>{code}</CODE>{inner}</R>", content_type="text/xml")
