# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The municipal platform of the example, as a real server: it keeps cases, gives receipts, can be asked, and pushes."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web

CALL = "made-up-municipal-call"


@dataclass
class Pushed:
    """A case that the hub pushed."""

    number: str
    key: str
    body: dict[str, Any]
    state: str = "WAITING"
    code: str = ""


class MunicipalPlatform:
    """Used as an async context manager. ``deciding`` is what becomes of a case by the id of its event: a state and a code."""

    def __init__(self) -> None:
        self.pushed: dict[str, Pushed] = {}
        """By key."""
        self.asked: list[str] = []
        self.deciding: dict[str, tuple[str, str]] = {}
        self.away = False
        self.turned_away = 0
        self.cutting: set[str] = set()
        """Ids of events whose push is kept and not answered."""
        self.hub = ""
        self._http: aiohttp.ClientSession | None = None
        self._changed = asyncio.Condition()
        application = web.Application()
        application.router.add_post("/cases", self._taken)
        application.router.add_get("/cases", self._known)
        application.router.add_route("OPTIONS", "/cases", self._there)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._http is not None:
            await self._http.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/cases"

    async def until_pushed(self, id_: str) -> Pushed:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: any(one.body["id"] == id_ for one in self.pushed.values()))
        return next(one for one in self.pushed.values() if one.body["id"] == id_)

    async def until_turned_away(self) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: self.turned_away > 0)

    async def receipt(self, one: Pushed) -> tuple[int, Any]:
        """Send the receipt of a case that was pushed here."""
        said = {"pushNo": one.number, "state": one.state, "receiptNo": f"HZ-{one.number}", "code": one.code}
        status, answer = await self.call("municipal-receipts", {**said, "reason": "材料与事项不符"})
        return status, orjson.loads(answer)

    async def call(self, source: str, said: dict[str, Any], secret: str = CALL) -> tuple[int, bytes]:
        """Call the hub, signed."""
        assert self._http is not None, "it is entered"
        body = orjson.dumps(said)
        moment = str(int(datetime.now(UTC).timestamp() * 1000))  # noqa: TID251  # because the platform has a clock of its own
        signature = hmac.new(secret.encode(), moment.encode() + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Timestamp": moment, "X-Signature": signature}
        async with self._http.post(f"{self.hub}/v1/in/{source}", data=body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _taken(self, request: web.Request) -> web.Response:
        if self.away:
            self.turned_away += 1
            async with self._changed:
                self._changed.notify_all()
            return web.json_response({"code": "BUSY"}, status=503)
        key = request.headers["Idempotency-Key"]
        body = orjson.loads(await request.read())
        assert key not in self.pushed, "a case is pushed once"
        state, code = self.deciding.get(body["id"], ("WAITING", ""))
        one = self.pushed[key] = Pushed(f"TS-{len(self.pushed) + 1:06}", key, body, state, code)
        async with self._changed:
            self._changed.notify_all()
        if body["id"] in self.cutting and request.transport is not None:
            request.transport.abort()
        return web.json_response({"code": "0", "pushNo": one.number})

    async def _known(self, request: web.Request) -> web.Response:
        key = request.query["key"]
        self.asked.append(key)
        one = self.pushed.get(key)
        if one is None:
            return web.json_response({"code": "NO_SUCH_KEY"}, status=404)
        said = {"state": one.state, "pushNo": one.number, "receiptNo": f"HZ-{one.number}", "code": one.code}
        return web.json_response(said)
