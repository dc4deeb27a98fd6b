# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub destinations`` on a journal that a hub works on at the same time."""

import asyncio
import getpass
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from connectors.sdk import Unavailable
from hub.breakers import BreakerPolicy
from hub.cli.main import app
from hub.ports.journal import State
from tests.support.hubs import Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing, civil]}\n"
CONFIG = """\
journal: DSN
systems: {portal: {}, housing: {}, civil: {}}
destinations:
  housing: {system: housing, connector: mailbox}
  civil: {system: civil, connector: mailbox}
"""
AWAY = Unavailable("HTTP_503: away")


@dataclass(frozen=True, slots=True)
class Desk:
    rig: Rig
    config: Path

    async def run(self, *words: str) -> Result:
        arguments = ["destinations", *words, "-c", str(self.config)]
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))

    async def json(self, *words: str) -> Any:
        return orjson.loads((await self.run(*words, "--json")).stdout)

    async def of(self, destination: str) -> Any:
        found = (await self.json("list"))["destinations"]
        return next(one for one in found if one["destination"] == destination)


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    config = tmp_path / "govhub.yaml"
    config.write_text(CONFIG.replace("DSN", dsn), encoding="utf-8")
    away = ScriptedSink({"a": [AWAY] * 9})
    away.health = AWAY
    places = {
        "civil": Destination(sink=away, breaker=BreakerPolicy(1, 60.0, 60.0)),
        "housing": Destination(sink=ScriptedSink()),
    }
    async with hub_on(dsn, places) as rig, at_work(rig.hub):
        yield Desk(rig, config)


async def test_a_pause_holds_what_comes_and_a_resume_lets_it_go(desk: Desk) -> None:
    assert (await desk.of("housing"))["state"] == "open"
    paused = await desk.json("pause", "housing", "--reason", "they move house")
    assert paused == {"act": "pause", "destination": "housing", "changed": True, "again": False}
    told = await desk.of("housing")
    assert (told["state"], told["breaker"]) == ("paused", "closed")
    assert (told["paused"]["actor"], told["paused"]["reason"]) == (getpass.getuser(), "they move house")
    assert (told["since"], told["reason"]) == (told["paused"]["at"], "they move house")

    message = await desk.rig.accept(event("b"))
    await desk.rig.until_state(State.DELIVERED, 1)
    assert (await desk.of("housing"))["deliveries"] == {"waiting": 1}
    resumed = await desk.run("resume", "housing", "--reason", "done", "--actor", "wang")
    assert resumed.exit_code == 0, resumed.output
    assert "已恢复 housing" in resumed.stdout
    await desk.rig.until_state(State.DELIVERED, 2)
    assert await desk.rig.state(message, 1) is State.DELIVERED


async def test_people_see_why_a_destination_is_left_alone(desk: Desk) -> None:
    await desk.rig.accept(event("a"))
    await desk.rig.until_state(State.WAITING)
    await desk.rig.hub.breakers.tell()
    told = await desk.of("civil")
    assert (told["breaker"], told["opened"], told["reason"]) == ("open", 1, "HTTP_503: away")
    assert told["nextProbe"] is not None
    table = await desk.run("list")
    assert table.exit_code == 0, table.output
    assert "对方无应答" in table.stdout
    assert "HTTP_503" in table.stdout


async def test_twice_under_one_name_is_once_and_a_name_is_of_one_act(desk: Desk) -> None:
    words = ("housing", "--reason", "x", "--request", "ticket 7")
    first, again = await desk.json("pause", *words), await desk.json("pause", *words)
    assert (first["changed"], first["again"], again["changed"], again["again"]) == (True, False, True, True)
    assert (await desk.json("pause", "housing", "--reason", "x"))["changed"] is False
    other = await desk.run("resume", *words)
    assert other.exit_code == 2
    assert "--request" in other.output


async def test_what_there_is_not_is_told_so(desk: Desk) -> None:
    told = await desk.run("pause", "hosing", "--reason", "x")
    assert told.exit_code == 2
    assert "没有目的地 hosing" in told.output
