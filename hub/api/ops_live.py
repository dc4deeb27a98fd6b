# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/live``: changes as they happen, as server-sent events (WHATWG HTML, section 9.2). 实时

First a ``snapshot``, then ``destination`` and ``alarm`` for each one that has changed, ``gone`` for what is no longer there.
Whoever comes again gets a new snapshot, so nothing is kept for anybody and nothing is missed. A stream ends with ``over`` when
its session does.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.health import Readiness
from hub.api.ops_alarms import alarms_of
from hub.api.ops_destinations import ops_destinations
from hub.api.ops_mounted import ROOT
from hub.api.route import ACCOUNT, REQUEST_ID, SERVER, TOKEN, Answer, Route, scope_of
from hub.operators import Operator, Right
from hub.running import Hub
from hub.signed_in import operator_of

MEDIA_TYPE = "text/event-stream"
EVERY = 1.0
"""Seconds between two looks; they cost the journal nothing."""
_STILL = 15.0  # seconds of silence after which a comment is sent, and whoever listens is asked for anew
_MOST = 200
_PATIENCE = 20.0  # seconds that somebody may take to read one event

_FULL = Refusal("E_BUSY", Text("实时连接过多，请稍候。", "Too many are listening; come back."), retry_after=5.0)
_VOLATILE = ("lagSeconds", "pace")
"""What changes all the time: it is told with what else changes, and every quarter of a minute."""


class Live:
    """The resource."""

    def __init__(self, hub: Hub, readiness: Readiness, stopping: asyncio.Event) -> None:
        self._hub = hub
        self._readiness = readiness
        self._stopping = stopping
        self._listening = 0

    async def listen(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Until either side ends it."""
        if self._listening >= _MOST:
            return _FULL
        self._listening += 1
        try:
            return await self._told(request)
        finally:
            self._listening -= 1

    async def _told(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": MEDIA_TYPE,
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
                "Server": SERVER,
                "Govhub-Request": request[REQUEST_ID],
            }
        )
        await response.prepare(request)
        before = self._now(request)
        await _write(response, _event("snapshot", {kind: list(some.values()) for kind, some in before.items()}))
        clock = self._hub.clock
        asked_at = clock.monotonic()
        while not await self._stops(EVERY):
            now = self._now(request)
            again = clock.monotonic() - asked_at >= _STILL
            events = [one for kind in now for one in _changes(kind, before[kind], now[kind], whole=again)]
            before = now
            if again:
                asked_at = clock.monotonic()
                if not await self._still(request):
                    await _write(response, _event("over", {}))
                    break
                events.append(b": still here\n\n")
            if events:
                await _write(response, b"".join(events))
        return response

    async def _stops(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    def _now(self, request: web.Request) -> Mapping[str, Mapping[str, Any]]:
        scope, hub = scope_of(request), self._hub
        destinations = ops_destinations(hub, hub.breakers.known, scope)
        return {
            "destination": {one["destination"]: one for one in destinations},
            "alarm": {one["id"]: one for one in alarms_of(hub, self._readiness, scope)},
        }

    async def _still(self, request: web.Request) -> bool:
        """Whether whoever listens is still let in, and as the same: sessions end, and roles change. Keys stay as they are."""
        who: Operator = request[ACCOUNT]
        if who.kind == "key":
            return True
        found = await operator_of(self._hub, request.headers.get("Authorization"))
        if isinstance(found, Refusal):
            return found.code == "E_JOURNAL_DOWN"  # that is no reason to end it: it is what they should see
        return (
            found is not None and found.operator == who and (found.token is None or found.token == request.get(TOKEN))
        )


def _changes(kind: str, before: Mapping[str, Any], now: Mapping[str, Any], *, whole: bool) -> Sequence[bytes]:
    told = [_event(kind, one) for name, one in now.items() if whole or _lasting(one) != _lasting(before.get(name))]
    return [*told, *(_event("gone", {"kind": kind, "name": name}) for name in before if name not in now)]


def _lasting(one: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if one is None else {name: value for name, value in one.items() if name not in _VOLATILE}


def _event(kind: str, data: Any) -> bytes:
    """One event. JSON of one line has no line break, which is all that the format asks."""
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


async def _write(response: web.StreamResponse, data: bytes) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await response.write(data)
    except TimeoutError as slow:
        raise ConnectionResetError("whoever listens does not read") from slow


def routes(hub: Hub, readiness: Readiness, stopping: asyncio.Event) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="GET",
            path=f"{ROOT}/live",
            name="opsLive",
            scoped=True,
            meaning=Text(
                "实时变化（SSE）：先是 snapshot，随后 destination、alarm、gone；会话结束时为 over。",
                "Changes as server-sent events: `snapshot`, then `destination`, `alarm` and `gone`; `over` when the session is.",
            ),
            handler=Live(hub, readiness, stopping).listen,
            right=Right.READ,
            answers={200: Answer(Text("事件流", "The events"), MEDIA_TYPE)},
            refusals=("E_BUSY",),
        ),
    )
