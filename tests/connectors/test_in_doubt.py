# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""In doubt is real: between a running hub and a far side that acted, the reply is eaten, for every kind that sends.

Where the far side keeps the key the hub repeats under it; where it can be asked the hub asks and settles, or sends once more
what never came; else a person is shown it. Nothing is repeated blindly. The table is :mod:`tests.connectors.lost_replies`.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from connectors.sdk import Connector, Context, Role, Sink
from connectors.sdk.discovery import Broken, load
from connectors.sdk.guard import GuardedSink
from connectors.sdk.manifest import Manifest
from connectors.sdk.session import open_session
from hub.ports.journal import State
from tests.connectors.eaten_replies import Line, Way
from tests.connectors.lost_replies import LINES, NO_NETWORK, Ends, Lost
from tests.connectors.test_every_kind import KINDS, OURS
from tests.support.hubs import POLICY, Destination, Rig, at_work, hub_on

on_postgres = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

DOCS = Path(__file__).parents[2] / "docs"
SECONDS = 2.0
"""How long one send may take: what is silent ends here."""
TAKEN = {State.DELIVERED, State.ACCEPTED}
SENDING = [kind for kind, role in KINDS if role is Role.SINK]
LOOKED_FOR = [one for one in LINES if one.ends is not Ends.PERSON and one.reached == 1]
"""Where somebody looks, or is asked, before it is sent again: the hub, the connector or the database."""
ENDINGS = [
    pytest.param(lost, way, id=f"{lost.name}-{way}")
    for way, lines in {Way.CUT: LINES, Way.SILENCE: {(one.kind, one.at): one for one in LINES}.values()}.items()
    for lost in lines
]
"""Every line; silence, which lasts, once before each far side."""


@pytest.fixture
def server(lost: Lost, request: pytest.FixtureRequest) -> Any:
    """What the line is opened with."""
    return request.getfixturevalue(lost.needs) if lost.needs else None


def connector_of(kind: str) -> Connector:
    found = load(OURS[kind], kind)
    assert not isinstance(found, Broken), found
    return found


@asynccontextmanager
async def sink_of(kind: str, line: Line) -> AsyncIterator[tuple[Sink, Manifest]]:
    """The line's destination, and what it promises as configured."""
    connector = connector_of(kind)
    config = connector.config.model_validate(line.settings)
    async with open_session() as http:
        context = Context(
            destination="housing",
            http=http,
            log=structlog.get_logger(),
            secret=line.secrets.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )
        async with connector.sink(config, context) as sink:
            yield GuardedSink(sink), connector.promises(config)


@asynccontextmanager
async def hub_at(dsn: str, lost: Lost, line: Line) -> AsyncIterator[Rig]:
    """A running hub with this destination, under the policy that its promise comes to; one message is through already."""
    async with sink_of(lost.kind, line) as (sink, promised):
        assert promised.idempotency is lost.promised
        policy = replace(POLICY, idempotency=promised.idempotency, ask_first=5.0, ask_longest=60.0)
        housing = Destination(sink=sink, rendering=promised.rendering, timeout=SECONDS, policy=policy)
        async with hub_on(dsn, {"housing": housing}) as rig, at_work(rig.hub):
            await rig.accept(line.message(0))
            await until_taken(rig, 1)
            yield rig


async def until_taken(rig: Rig, count: int) -> None:
    """Wait until so many messages are through. Time goes on with everything that is written, so that what waits is tried."""
    seen = 0
    while sum(one.state in TAKEN for one in rig.watched.settled) < count:
        seen = len(await rig.until_settled(seen + 1))
        rig.clock.step(seconds=60)


async def doubted(rig: Rig, line: Line, way: Way) -> tuple[Any, str]:
    """Have the reply to the next message eaten: the message, and its key at the far side."""
    before = line.keys
    await line.eat(way)
    message = await rig.accept(line.message(1))
    await rig.until(lambda settled: any(one.code == "IN_DOUBT" for one in settled))
    new = line.keys[len(before) :]
    assert len(set(new)) == 1, "the far side has acted"
    return message, new[0]


@on_postgres
@pytest.mark.parametrize(("lost", "way"), ENDINGS)
async def test_a_lost_reply_ends_as_it_is_promised(dsn: str, tmp_path: Path, lost: Lost, server: Any, way: Way) -> None:
    async with lost.opened(tmp_path, server) as line, hub_at(dsn, lost, line) as rig:
        message, key = await doubted(rig, line, way)
        (doubt,) = [one for one in rig.watched.settled if one.code == "IN_DOUBT"]
        await line.digest()
        if lost.ends is Ends.PERSON:
            assert (doubt.state, doubt.due_at, doubt.ask_at) == (State.IN_DOUBT, None, None)
            for hour in range(3):
                rig.clock.step(seconds=3600)
                await rig.accept(line.message(2 + hour))  # others go on
                await until_taken(rig, 2 + hour)
            assert await rig.state(message) is State.IN_DOUBT
        else:
            assert doubt.state is (State.WAITING if lost.ends is Ends.REPEATED else State.IN_DOUBT)
            rig.clock.step(seconds=5)
            await until_taken(rig, 2)
            assert await rig.state(message) in TAKEN
    assert line.keys.count(key) == lost.reached


@on_postgres
@pytest.mark.parametrize("lost", LOOKED_FOR, ids=lambda one: one.name)
async def test_what_never_came_is_sent_once_more_under_its_key(
    dsn: str, tmp_path: Path, lost: Lost, server: Any
) -> None:
    """The far side was told to forget what it got, as one that failed before it wrote anything down."""
    async with lost.opened(tmp_path, server) as line, hub_at(dsn, lost, line) as rig:
        _, key = await doubted(rig, line, Way.CUT)
        await line.forget()
        await line.digest()
        rig.clock.step(seconds=5)
        await until_taken(rig, 2)
    assert line.keys == [key]


def test_every_kind_that_sends_stands_in_the_table() -> None:
    assert {one.kind for one in LINES}.isdisjoint(NO_NETWORK)
    assert sorted({one.kind for one in LINES} | NO_NETWORK.keys()) == sorted(SENDING)


@pytest.mark.parametrize("page", ["connectors.md", "connectors.zh-CN.md"])
def test_the_documents_have_the_table(page: str) -> None:
    """One row for each kind; a cell for each way it may end, which is empty where no settings lead there."""
    text = (DOCS / page).read_text(encoding="utf-8").partition("<!-- lost replies -->")[2]
    section, _, _ = text.partition("<!-- /lost replies -->")
    told = set()
    for row in re.findall(r"^\| (`.*) \|$", section, re.MULTILINE):
        names, *cells = row.split(" | ")
        ways = [ends for ends, cell in zip(Ends, cells, strict=True) if cell != "–"]
        told |= {(kind, ends) for kind in re.findall(r"`(\w+)`", names) for ends in ways}
    assert told == {(one.kind, one.ends) for one in LINES}
    assert all(f"`{kind}`" in section for kind in NO_NETWORK)
