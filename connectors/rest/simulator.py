# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's HTTP interface that behaves as a script says, one word for each request that would have an effect.

python -m connectors.rest.simulator --port 9001 --script "ok,busy,fail,cut,hang,garbage"

It knows keys: ``GET /tasks?key=KEY`` says whether a request under that key had its effect, ``GET /arrived`` how many had.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain, repeat
from typing import Self

from aiohttp import web

_MOST = 64 * 1024 * 1024


class Step(StrEnum):
    """What becomes of one request."""

    OK = "ok"
    """Done, with a receipt."""
    FAIL = "fail"
    """HTTP 200, and a failure inside."""
    REFUSE = "refuse"
    """HTTP 422 with a code."""
    BUSY = "busy"
    """HTTP 503, come back later; nothing is done."""
    BROKEN = "broken"
    """Done, and then HTTP 500."""
    CUT = "cut"
    """Done, and the connection is cut without an answer."""
    LOST = "lost"
    """Not done, and the connection is cut."""
    HANG = "hang"
    """Done, and never answered."""
    GARBAGE = "garbage"
    """Done, and answered with what nobody can read."""
    REDIRECT = "redirect"
    """Not done: elsewhere, it says."""


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
        self._steps: Iterator[Step] = chain(script, repeat(Step.OK))
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
    def url(self) -> str:
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


async def _serve(host: str, port: int, script: list[Step]) -> None:
    async with Department(script, host, port) as department:
        sys.stdout.write(f"{department.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _script(text: str) -> list[Step]:
    return [Step(word.strip()) for word in text.split(",") if word.strip()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=_script, default=[], help=", ".join(Step))
    given = parser.parse_args()
    try:
        asyncio.run(_serve(given.host, given.port, given.script))
    except KeyboardInterrupt:
        sys.exit(0)
