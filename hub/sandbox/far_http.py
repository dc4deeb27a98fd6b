# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's system that is called over HTTP, and answers as its folder says."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

from aiohttp import web
from yarl import URL

from hub.ports.clock import Clock
from hub.sandbox.far_side import Arrival, Book, Spoken, Temper, section_of
from hub.sandbox.script import AnswerSection, Script

_LATE = 1.5
_LARGEST = 64 * 1024 * 1024
_ELSEWHERE = ("tls", "tls_ca_file", "egress", "token")
"""Settings about the way to the real system: the simulated one is on this machine."""


class HttpFarSide:
    """Has one effect per idempotency key and answers a repeat as it answered the first."""

    tempers: Sequence[Temper] = (Temper.READY, Temper.SLOW, Temper.SILENT)

    def __init__(self, script: Script, clock: Clock) -> None:
        self.book = Book()
        self._script = script
        self._clock = clock
        self._temper = Temper.READY
        self._effects: dict[str, int] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._script.destination)["settings"]
        untried = [name for name in _ELSEWHERE if settings.pop(name, None) is not None]
        settings["url"] = self._here(settings["url"])
        if isinstance(settings.get("query"), Mapping):
            settings["query"] = {**settings["query"], "url": self._here(settings["query"]["url"])}
        return untried

    def behave(self, temper: Temper) -> None:
        self._temper = temper

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        """It is called, and calls nobody."""
        await asyncio.Event().wait()

    async def say(self, spoken: Spoken) -> bool:  # noqa: ARG002  # because the port asks for it
        return False

    def opened(self, content_type: str, key: str, body: bytes) -> Arrival:
        """What arrived, without what is around it."""
        return Arrival(key, content_type, body)

    def _here(self, address: object) -> str:
        """The same path on this machine; places of a template are kept as they are written."""
        _, _, rest = str(address).partition("://")
        _, slash, path = rest.partition("/")
        return f"http://127.0.0.1:{self._port}{slash}{path}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self._asked(request)
        body = await request.read()
        named = request.headers.get("Idempotency-Key") or str(len(self.book.arrivals))
        arrival = self.opened(request.headers.get("Content-Type", ""), named, body)
        number = self._effects.setdefault(arrival.key, len(self._effects) + 1)
        temper = self._temper
        if temper is Temper.SILENT:
            self._temper = Temper.READY
        await self.book.note(arrival)
        if temper is Temper.SILENT and request.transport is not None:
            request.transport.abort()
        elif temper is Temper.SLOW:
            await self._clock.sleep(_LATE)
        return _response(self._script.answers.taken, number)

    def _asked(self, request: web.Request) -> web.Response:
        """Either whether it is there at all, or what became of a key."""
        said = str(URL(request.raw_path, encoded=True))
        for key, number in self._effects.items():
            if key in said and self._script.answers.asked is not None:
                return _response(self._script.answers.asked, number)
        return web.Response(status=404 if self._script.answers.asked is not None else 200)


def _response(answer: AnswerSection, number: int) -> web.Response:
    body = answer.body.replace("{n}", str(number)).encode()
    return web.Response(status=answer.status, body=body, headers={"Content-Type": answer.type})
