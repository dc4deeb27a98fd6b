# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""In doubt is real: between a running hub and a far side that acted, the network eats the reply.

Where the far side can be asked the hub asks and settles, or sends once more what never came; where it cannot, a person is shown
it. Nothing is repeated blindly.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from yarl import URL

from connectors.rest import CONNECTOR as REST
from connectors.sdk import Context, Idempotency, Sink
from connectors.sdk.guard import GuardedSink
from connectors.sdk.session import open_session
from connectors.soap import CONNECTOR as SOAP
from hub.ports.journal import State
from tests.connectors.far_http import HttpFarSide, QueryableFarSide
from tests.connectors.far_soap import QueryableSoapFarSide, SoapFarSide
from tests.faults.proxy import CLEAR, Proxy, Weather
from tests.support.hubs import POLICY, Destination, at_work, event, hub_on

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

_NO_SECRETS: dict[str, str] = {}
MUTE = Weather(mute=True)
QUERYABLE = replace(POLICY, idempotency=Idempotency.QUERYABLE, ask_first=5.0, ask_longest=60.0)
MUTE_POLICY = replace(POLICY, idempotency=Idempotency.NONE)


@dataclass
class Line:
    """A far side, the proxy before it, and how a connector is told to reach it."""

    far: HttpFarSide
    proxy: Proxy
    settings: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        """The key of everything that reached the far side whole."""
        return [one.idempotency_key for one in self.far.arrived]


def _through(settings: Mapping[str, Any], proxy: Proxy) -> dict[str, Any]:
    """The settings, with every address led through the proxy."""
    led = {**settings, "url": str(URL(settings["url"]).with_port(proxy.port))}
    if "query" in led and "url" in led["query"]:
        port = URL(settings["url"]).port
        led["query"] = {**led["query"], "url": led["query"]["url"].replace(f":{port}/", f":{proxy.port}/")}
    return {**led, "timeout_seconds": 0.5}


@asynccontextmanager
async def line_to(far: HttpFarSide, **changes: Any) -> AsyncIterator[Line]:
    async with far:
        target = URL(far.url).port
        assert target is not None
        async with Proxy(target) as proxy:
            settings = _through(far.settings, proxy)
            yield Line(far, proxy, {name: one for name, one in {**settings, **changes}.items() if one is not None})


@asynccontextmanager
async def sink_of(connector: Any, settings: Mapping[str, Any]) -> AsyncIterator[Sink]:
    async with open_session() as http:
        context = Context(
            destination="housing",
            http=http,
            log=structlog.get_logger(),
            secret=_NO_SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )
        async with connector.sink(connector.config.model_validate(settings), context) as sink:
            yield GuardedSink(sink)


Opening = Callable[[Path], Any]
ASKED: dict[str, tuple[Any, Opening]] = {
    "rest": (REST, lambda _: line_to(QueryableFarSide())),
    "soap 1.1": (SOAP, lambda folder: line_to(QueryableSoapFarSide(folder))),
    "soap 1.2": (SOAP, lambda folder: line_to(QueryableSoapFarSide(folder, "1.2"))),
}
MUTED: dict[str, tuple[Any, Opening]] = {
    "rest": (REST, lambda _: line_to(HttpFarSide(), idempotency="none")),
    "soap 1.1": (SOAP, lambda folder: line_to(SoapFarSide(folder), idempotency="none")),
    "soap 1.2": (SOAP, lambda folder: line_to(SoapFarSide(folder, "1.2"), idempotency="none")),
}


@pytest.mark.parametrize("kind", ASKED)
async def test_who_can_be_asked_settles_the_doubt(dsn: str, tmp_path: Path, kind: str) -> None:
    connector, opening = ASKED[kind]
    async with opening(tmp_path) as line, sink_of(connector, line.settings) as sink:
        line.proxy.change(MUTE)
        async with hub_on(dsn, {"housing": Destination(sink=sink, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            message = await rig.accept(event("a"))
            await rig.until_state(State.IN_DOUBT)
            assert len(line.keys) == 1, "the far side has acted"
            line.proxy.change(CLEAR)
            rig.clock.step(seconds=5)
            await rig.until_state(State.DELIVERED)
            assert await rig.state(message) is State.DELIVERED
    assert len(line.keys) == 1


@pytest.mark.parametrize("kind", ASKED)
async def test_what_never_came_is_sent_once_more_under_its_key(dsn: str, tmp_path: Path, kind: str) -> None:
    """The far side was told to forget what it got, as one that failed before it wrote anything down."""
    connector, opening = ASKED[kind]
    async with opening(tmp_path) as line, sink_of(connector, line.settings) as sink:
        line.proxy.change(MUTE)
        async with hub_on(dsn, {"housing": Destination(sink=sink, policy=QUERYABLE)}) as rig, at_work(rig.hub):
            await rig.accept(event("a"))
            await rig.until_state(State.IN_DOUBT)
            (key,) = line.keys
            line.far.arrived.clear()
            line.proxy.change(CLEAR)
            rig.clock.step(seconds=5)
            await rig.until_state(State.DELIVERED)
    assert line.keys == [key]


@pytest.mark.parametrize("kind", MUTED)
async def test_who_cannot_be_asked_is_shown_to_a_person(dsn: str, tmp_path: Path, kind: str) -> None:
    connector, opening = MUTED[kind]
    async with opening(tmp_path) as line, sink_of(connector, line.settings) as sink:
        line.proxy.change(MUTE)
        async with hub_on(dsn, {"housing": Destination(sink=sink, policy=MUTE_POLICY)}) as rig, at_work(rig.hub):
            message = await rig.accept(event("a"))
            (doubt,) = await rig.until_state(State.IN_DOUBT)
            assert doubt.due_at is None, "it waits for a person, not for a time"
            line.proxy.change(CLEAR)
            for hour in range(3):
                rig.clock.step(seconds=3600)
                await rig.accept(event(f"b{hour}"))  # others go on
                await rig.until_state(State.DELIVERED, hour + 1)
            assert await rig.state(message) is State.IN_DOUBT
    assert line.keys.count(line.keys[0]) == 1
