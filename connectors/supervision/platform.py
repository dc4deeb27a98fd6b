# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A supervision platform by XML over HTTP: it keeps what comes up, can be asked about a key, and issues warnings and orders, each
of them again and again until it is answered.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import web

from connectors.sdk.http.place import Document
from connectors.sdk.simulator import steps
from connectors.supervision.words import WARNING, Step, Taking, document, kind_of, number_of

_MOST = 16 * 2**20
_XML = "application/xml"
_PAUSE = 0.2
_LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class Issued:
    """A warning or an order. ``answers`` are the statuses that were heard, one for each time an answer came back."""

    step: Step
    body: bytes
    sent: int = 0
    answers: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether the first word about it was yes."""
        return self.answers[:1] == ["200"]


class Platform:
    """Used as an async context manager. ``hub`` is the hub's address, without which nothing can be issued; ``warnings`` and
    ``orders`` are the names of its sources.
    """

    def __init__(
        self,
        takings: Iterable[Taking] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        hub: str | None = None,
        token: str = "",
        warnings: str = "supervision-warnings",
        orders: str = "supervision-orders",
    ) -> None:
        self._takings: Iterator[Taking] = steps(takings, Taking.OK)
        self._place = (host, port)
        self.hub = hub
        self._token = token
        self._sources = (warnings, orders)
        self.records: dict[str, list[bytes]] = {}
        """What came up, by idempotency key; a key with two was kept twice."""
        self.asked: list[str] = []
        """Keys that were asked about."""
        self.issued: dict[str, Issued] = {}
        """By number, in order."""
        self._changed = asyncio.Condition()
        application = web.Application(client_max_size=_MOST)
        application.router.add_post("/records", self._taken)
        application.router.add_get("/records", self._known)
        application.router.add_get("/counts", self._counted)
        application.router.add_route("OPTIONS", "/records", self._there)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._http is not None:
            await self._http.close()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where records go."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/records"

    def counts(self) -> dict[str, int]:
        """What happened so far."""
        told = list(self.issued.values())
        return {
            "records": len(self.records),
            "repeated": sum(len(one) - 1 for one in self.records.values()),
            "asked": len(self.asked),
            "issued": len(told),
            "sent": sum(one.sent for one in told),
            "acknowledged": sum(one.acknowledged for one in told),
            "refused": sum(bool(one.answers) and not one.acknowledged for one in told),
        }

    async def until_kept(self, count: int) -> None:
        """Wait for so many records."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.records) >= count)

    async def issue(self, step: Step, case: str) -> Issued:
        """Issue what a word says, and go on until it is answered."""
        if step in {Step.AGAIN, Step.ALTERED} and self.issued:
            one = next(reversed(self.issued.values()))
            body = one.body if step is Step.AGAIN else one.body.replace("期".encode(), "时".encode())
            await self._until_answered(one, body)
            return one
        number = number_of(step, len(self.issued) + 1)
        one = self.issued[number] = Issued(step, document(step, number, case))
        if step is Step.LOST:
            await self._push(one, one.body)
        await self._until_answered(one, one.body)
        return one

    async def _until_answered(self, one: Issued, body: bytes) -> None:
        pause = _PAUSE
        while (answer := await self._push(one, body)) is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        one.answers.append(answer)

    async def _push(self, one: Issued, body: bytes) -> str | None:
        """One call; the status in its answer, None where nobody answered or it should come again."""
        assert self._http is not None, "it is entered"
        assert self.hub is not None, "it knows its hub"
        source = self._sources[0] if kind_of(one.step) == WARNING else self._sources[1]
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": _XML}
        one.sent += 1
        try:
            async with self._http.post(f"{self.hub}/v1/in/{source}", data=body, headers=headers) as response:
                said = Document(await response.read(), "utf-8").text("/RESULT/STATUS")
                if response.status >= web.HTTPInternalServerError.status_code:
                    return None
                return said or str(response.status)
        except aiohttp.ClientError:
            return None

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _counted(self, _request: web.Request) -> web.Response:
        return web.json_response(self.counts())

    async def _known(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        self.asked.append(key)
        return _result("200" if key in self.records else "404")

    async def _taken(self, request: web.Request) -> web.Response:
        body = await request.read()
        taking = next(self._takings)
        if taking in {Taking.OK, Taking.CUT}:
            self.records.setdefault(request.headers.get("Idempotency-Key", ""), []).append(body)
            async with self._changed:
                self._changed.notify_all()
        if taking in {Taking.CUT, Taking.LOST} and request.transport is not None:
            request.transport.abort()
        if taking is Taking.BUSY:
            return web.Response(status=503, headers={"Retry-After": "1"})
        return _result("422" if taking is Taking.REFUSE else "200")


def _result(status: str) -> web.Response:
    text = f"<RESULT><STATUS>{status}</STATUS></RESULT>"
    return web.Response(body=text.encode(), headers={"Content-Type": _XML})
