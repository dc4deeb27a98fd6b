# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register of made-up persons with an HTTP interface that behaves as a script says, one word for each question.

govhub simulate rest-query --port 9002 --script "ok,busy,fail,cut,hang,garbage"

``GET /api/person?xm=NAME&bh=NUMBER`` answers JSON: ``code`` is ``0`` with the records in ``data``, ``100`` where there is
nobody of that name and number, ``900`` for a question that will never be answered. When the script is at its end, everything
is ``ok``.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from aiohttp import web

from connectors.sdk.simulator import Simulator, Word, steps
from contracts.text import Text

PERSONS: tuple[Mapping[str, str], ...] = (
    {"xm": "张示例", "bh": "P-001", "zt": "有效"},
    {"xm": "李样本", "bh": "P-002", "zt": "注销"},
    {"xm": "𠮷虚构", "bh": "P-003", "zt": "有效"},
)
"""Everybody there is: name, number, and whether the entry is valid. Nobody of them exists."""


class Step(Word):
    """What becomes of one question."""

    OK = "ok", "按库中记录作答", "answered from the register"
    FAIL = "fail", "HTTP 200，代码 900：永不作答", "HTTP 200 with code 900: this will never be answered"
    BUSY = "busy", "HTTP 503，稍后再来", "HTTP 503, come back later"
    MISSING = (
        "missing",
        "某网关的 HTTP 404，不说明任何人的情况",
        "HTTP 404 from some gateway, which says nothing about anybody",
    )
    CUT = "cut", "不作答即断开", "the connection is cut without an answer"
    HANG = "hang", "永不作答", "never answered"
    GARBAGE = "garbage", "回答无法读懂", "answered with what nobody can read"


class PersonRegister:
    """Used as an async context manager."""

    def __init__(self, script: Iterable[Step] = (), host: str = "127.0.0.1", port: int = 0) -> None:
        self._steps: Iterator[Step] = steps(script, Step.OK)
        self._place = (host, port)
        self._released = asyncio.Event()
        application = web.Application()
        application.router.add_route("OPTIONS", "/api/person", self._there)
        application.router.add_get("/api/person", self._asked, allow_head=False)
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where it is asked."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/api/person"

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _asked(self, request: web.Request) -> web.Response:
        match next(self._steps):
            case Step.OK:
                return _answer(request.query.get("xm", ""), request.query.get("bh", ""))
            case Step.FAIL:
                return web.json_response({"code": "900", "message": "not as agreed"})
            case Step.BUSY:
                return web.Response(status=503, headers={"Retry-After": "1"})
            case Step.MISSING:
                return web.Response(status=404, text="<html>404</html>", content_type="text/html")
            case Step.CUT:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            case Step.HANG:
                await self._released.wait()
                return web.Response(status=503)
            case Step.GARBAGE:
                return web.Response(body=b"\xff\xfe{", content_type="application/json")


def _answer(name: str, number: str) -> web.Response:
    found = [dict(one) for one in PERSONS if (one["xm"], one["bh"]) == (name, number)]
    return web.json_response({"code": "0", "data": found} if found else {"code": "100", "message": "nobody"})


SIMULATOR = Simulator(
    name="rest_query",
    about=Text(
        "一个虚构人员库的 HTTP 接口，每次提问取剧本的一个词；在地址后写 ?xm=姓名&bh=编号。",
        "A register of made-up persons: one word for each question, which is the address with ?xm=NAME&bh=NUMBER.",
    ),
    words=Step,
    start=lambda script, host, port, _: PersonRegister(script, host, port),
)
