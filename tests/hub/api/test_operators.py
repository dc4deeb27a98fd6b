# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators and systems have keys of one kind and doors of their own."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.gate import guarded
from hub.api.openapi import described
from hub.api.route import OPERATOR, REQUEST_ID, Answer, Route
from hub.operators import Right
from tests.hub.api.house import House, application, bearer


async def _who(request: web.Request, caller: str) -> web.StreamResponse | Refusal:
    assert request[OPERATOR] == caller
    return web.Response(text=caller)


def _route(right: Right) -> Route:
    meaning = Text("谁", "Who")
    return Route(
        method="GET", path=f"/{right}", name=right, meaning=meaning, handler=_who, answers={200: Answer(meaning)}, right=right
    )  # fmt: skip


@web.middleware
async def _numbered(request: web.Request, handler: object) -> web.StreamResponse:
    request[REQUEST_ID] = "1"
    assert callable(handler)
    response: web.StreamResponse = await handler(request)
    return response


@pytest.fixture(scope="module")
async def door(house: House) -> AsyncIterator[str]:
    """A server with one route for each right."""
    app = web.Application(middlewares=[_numbered])
    for route in map(_route, Right):
        app.router.add_route(route.method, route.path, guarded(house.hub, route))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("caller", "right", "answer"),
    [
        ("watcher", "read", "watcher"),
        ("keeper", "read", "keeper"),
        ("keeper", "act", "keeper"),
        ("watcher", "act", (403, "E_RIGHT_MISSING")),
        ("portal", "read", (403, "E_OPERATORS_ONLY")),
        ("portal", "act", (403, "E_OPERATORS_ONLY")),
        ("nobody", "read", (401, "E_KEY_UNKNOWN")),
    ],
)
async def test_a_route_for_operators(
    house: House, door: str, caller: str, right: str, answer: str | tuple[int, str]
) -> None:
    async with house.http.get(f"{door}/{right}", headers=bearer(caller)) as got:
        if isinstance(answer, str):
            assert (got.status, await got.text()) == (200, answer)
        else:
            assert (got.status, (await got.json(content_type=None))["code"]) == answer


async def test_a_route_for_operators_without_a_key(house: House, door: str) -> None:
    async with house.http.get(f"{door}/read") as got:
        assert (got.status, (await got.json(content_type=None))["code"]) == (401, "E_KEY_MISSING")


@pytest.mark.parametrize("operator", ["watcher", "keeper"])
async def test_an_operator_is_no_system(house: House, operator: str) -> None:
    status, _, problem = await house.send(application(source=operator), operator)
    assert (status, problem["code"]) == (403, "E_SYSTEMS_ONLY")


def test_the_description_says_whose_key(house: House) -> None:
    document = described([_route(Right.READ)], house.hub.rules.registry)
    operation = document["paths"]["/read"]["get"]
    assert operation["security"] == [{"operator": []}]
    assert "E_OPERATORS_ONLY" in operation["responses"]["403"]["description"]
