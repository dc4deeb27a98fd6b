# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rows to a hub that is busy, away, or wants nothing of them: nothing is lost, nothing is sent for ever."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from contracts.bindings import http
from contracts.cloudevent import CloudEvent
from hub.loading.checking import Fit, Unfit
from hub.loading.export import Written
from hub.loading.sending import Away, Denied, Sender
from hub.ports.clock import SystemClock

Answer = Callable[[list[Any]], web.Response]


class Hurried(SystemClock):
    """A clock whose sleepers wake at once, so much later."""

    slept = 0.0

    def monotonic(self) -> float:
        return self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds


def fits(number: int, size: int = 10) -> list[Fit]:
    found = []
    for n in range(number):
        event = CloudEvent(id=str(n), source="history", type="t", subject=f"case-{n}", data={"x": "y" * size})
        found.append(Fit(Written("a.csv", n + 2, http.STRUCTURED, {}, http.write_structured(event)[1]), event))
    return found


def taken(events: list[Any]) -> web.Response:
    return web.json_response([{"status": 202, "receipt": {}} for _ in events])


def entry(status: int, code: str) -> dict[str, Any]:
    return {"status": status, "problem": {"code": code, "details": {"zh": "不行", "en": "no"}}}


@asynccontextmanager
async def sender(*answers: Answer, **changes: Any) -> AsyncIterator[tuple[Sender, list[list[str]]]]:
    """A sender to a real server that gives these answers in turn, the last for ever; and the ids it was sent."""
    heard: list[list[str]] = []
    left = list(answers)

    async def post(request: web.Request) -> web.Response:
        events = orjson.loads(await request.read())
        heard.append([one["id"] for one in events])
        assert request.headers["Authorization"] == "Bearer key"
        return (left.pop(0) if len(left) > 1 else left[0])(events)

    application = web.Application(client_max_size=10_000_000)
    application.router.add_post("/v1/messages", post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        settings = {"session": session, "url": url, "key": "key", "clock": Hurried(), "rate": 1000.0, **changes}
        yield Sender(**settings), heard
    await runner.cleanup()


async def sent(one: Sender, rows: list[Fit]) -> list[Any]:
    return [answer async for answer in one.send(rows)]


async def test_in_parts_that_the_hub_takes_in_their_order() -> None:
    async with sender(taken, most=3) as (one, heard):
        answers = await sent(one, fits(7))
    assert [[*map(int, part)] for part in heard] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [(fit.row.line, unfit) for fit, unfit in answers] == [(n + 2, None) for n in range(7)]
    async with sender(taken, most_bytes=5000) as (one, heard):
        await sent(one, fits(4, size=2000))
    assert [len(part) for part in heard] == [1, 1, 1, 1]


async def test_a_busy_hub_is_asked_again_and_a_refused_row_is_told() -> None:
    def busy(events: list[Any]) -> web.Response:
        return web.json_response([entry(503, "E_BUSY"), *({"status": 202} for _ in events[1:])])

    def refusing(events: list[Any]) -> web.Response:
        wrong = entry(422, "E_CONTRACT_INVALID")
        return web.json_response([{"status": 202}, wrong, *({"status": 202} for _ in events[2:])])

    async with sender(lambda _: web.Response(status=429), busy, refusing) as (one, heard):
        (_, first), (_, second), (_, third) = await sent(one, fits(3))
    assert len(heard) == 3
    assert (first, third) == (None, None)
    assert isinstance(second, Unfit)
    assert (second.line, second.code, second.text.zh) == (3, "E_CONTRACT_INVALID", "不行")


@pytest.mark.parametrize(("status", "ended"), [(401, Denied(401)), (404, Denied(404)), (503, Away("HTTP 503"))])
async def test_it_ends_where_nothing_is_taken(status: int, ended: object) -> None:
    async with sender(lambda _: web.Response(status=status), most=1) as (one, _):
        assert await sent(one, fits(2)) == [ended]


async def test_a_hub_that_is_not_there_is_waited_for_and_not_for_ever() -> None:
    async with sender(taken, url="http://127.0.0.1:9") as (one, heard):
        (ended,) = await sent(one, fits(1))
    assert isinstance(ended, Away)
    assert heard == []


async def test_no_faster_than_its_rate() -> None:
    clock = Hurried()
    async with sender(taken, most=10, rate=20.0, clock=clock) as (one, _):
        began = clock.monotonic()
        await sent(one, fits(50))
    assert clock.monotonic() - began == pytest.approx(2.0)
