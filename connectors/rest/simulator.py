# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's HTTP interface that behaves as a script says, one word for each request that would have an effect.

govhub simulate rest --port 9001 --script "ok,busy,fail,cut,hang,garbage"

It knows keys: ``GET /tasks?key=KEY`` says whether a request under that key had its effect, ``GET /arrived`` how many had.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Self

from aiohttp import web

from connectors.sdk.simulator import Simulator, Word, steps
from contracts.text import Text

_MOST = 64 * 1024 * 1024


class Step(Word):
    """What becomes of one request."""

    OK = "ok", "办理，并给回执", "done, with a receipt"
    FAIL = "fail", "HTTP 200，内含失败", "HTTP 200, and a failure inside"
    REFUSE = "refuse", "HTTP 422，附代码", "HTTP 422 with a code"
    BUSY = "busy", "HTTP 503，稍后再来；未办理", "HTTP 503, come back later; nothing is done"
    BROKEN = "broken", "已办理，但回 HTTP 500", "done, and then HTTP 500"
    CUT = "cut", "已办理，不作答即断开", "done, and the connection is cut without an answer"
    LOST = "lost", "未办理，断开", "not done, and the connection is cut"
    HANG = "hang", "已办理，永不作答", "done, and never answered"
    GARBAGE = "garbage", "已办理，回答无法读懂", "done, and answered with what nobody can read"
    REDIRECT = "redirect", "未办理，转往别处", "not done: elsewhere, it says"


_DONE = frozenset({Step.OK, Step.BROKEN, Step.CUT, Step.HANG, Step.GARBAGE})

_JSON = {"Content-Type": "application/json"}
_ANSWERS: dict[Step, tuple[int, dict[str, str], bytes]] = {
    Step.FAIL: (200, _JSON, b'{"code": "B100", "message": "not as agreed"}'),
    Step.REFUSE: (422, _JSON, b'{"code": "CASE_UNKNOWN", "title": "no such case"}'),
    Step.BUSY: (503, {"Retry-After": "1"}, b""),
    Step.BROKEN: (500, {}, b""),
    Step.REDIRECT: (307, {"Location": "/elsewhere"}, b""),
    Step.GARBAGE: (200, _JSON, b"\xff\xfe{"),
}


class Department:
    """Used as an async context manager. When the script is at its end, everything is ``ok``."""

    def __init__(self, script: Iterable[Step] = (), host: str = "127.0.0.1", port: int = 0) -> None:
        self._steps: Iterator[Step] = steps(script, Step.OK)
        self._place = (host, port)
        self._released = asyncio.Event()
        self.done: list[str] = []
        """The key of everything that had its effect, in order; a key that stands twice was done twice."""
        application = web.Application(client_max_size=_MOST)
        application.router.add_get("/tasks", self._known)
        application.router.add_get("/arrived", self._count)
        application.router.add_route("OPTIONS", "/cases", self._there)
        application.router.add_route("*", "/cases", self._asked)
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
        """Where cases are sent."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/cases"

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _count(self, _request: web.Request) -> web.Response:
        return web.json_response({"arrived": len(self.done)})

    async def _known(self, request: web.Request) -> web.Response:
        known = request.query.get("key", "") in self.done
        return web.json_response({"state": "done"} if known else {"code": "NO_SUCH_KEY"}, status=200 if known else 404)

    async def _asked(self, request: web.Request) -> web.Response:
        await request.read()
        key = request.headers.get("Idempotency-Key", "")
        step = next(self._steps)
        if step in _DONE:
            self.done.append(key)
        if step is Step.HANG:
            await self._released.wait()
        if step in {Step.CUT, Step.LOST} and request.transport is not None:
            request.transport.abort()
        if step is Step.OK:
            return web.json_response({"code": 0, "data": {"receiptNo": f"R-{len(self.done)}"}})
        status, headers, body = _ANSWERS.get(step, (503, {}, b""))
        return web.Response(status=status, headers=headers, body=body)


SIMULATOR = Simulator(
    name="rest",
    about=Text(
        "一个部门的 HTTP 接口，每个会产生效果的请求取剧本的一个词；GET /tasks?key= 可查一个键，GET /arrived 是已办件数。",
        "A department's HTTP interface: one word for each request that has an effect; GET /tasks?key= asks about a key.",
    ),
    words=Step,
    start=lambda script, host, port, _: Department(script, host, port),
)
