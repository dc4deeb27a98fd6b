# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub dead`` on a journal that hubs work on at the same time."""

import asyncio
import getpass
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from typer.testing import CliRunner, Result

from connectors.sdk import Idempotency, InDoubt, Rejected
from hub.cli.main import app
from hub.ports.journal import State
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink, Step

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n"
CONFIG = """\
journal: DSN
systems: {portal: {}, housing: {}}
destinations: {housing: {system: housing, connector: mailbox}}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator's shell beside a hub at work."""

    rig: Rig
    config: Path

    async def run(self, *words: str, keys: str | None = None) -> Result:
        arguments = ["dead", *words, "-c", str(self.config)]
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments, input=keys))

    async def json(self, *words: str) -> Any:
        told = await self.run(*words, "--json")
        return orjson.loads(told.stdout)

    async def group(self, code: str) -> int:
        (found,) = [one for one in (await self.json("list"))["groups"] if one["code"] == code]
        return int(found["group"])


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Three dead letters, with a digit or two of somebody's, and one in doubt."""
    no = Rejected("HTTP_422", "case 990101190001011234")
    scripts: dict[str, list[Step]] = {**{f"a{n}": [no] for n in range(3)}, "b": [InDoubt("cut")]}
    housing = Destination(sink=ScriptedSink(scripts), policy=replace(POLICY, idempotency=Idempotency.NONE))
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    config = tmp_path / "govhub.yaml"
    config.write_text(CONFIG.replace("DSN", dsn), encoding="utf-8")
    async with hub_on(dsn, {"housing": housing}) as rig, at_work(rig.hub):
        for case in scripts:
            await rig.accept(event(case))
        await rig.until_state(State.DEAD, 3)
        await rig.until_state(State.IN_DOUBT, 1)
        yield Desk(rig, config)


async def test_people_see_tables_and_nothing_personal(desk: Desk) -> None:
    told = await desk.run("list")
    assert told.exit_code == 0, told.output
    assert "HTTP_422" in told.stdout
    shown = await desk.run("show", str(await desk.group("HTTP_422")))
    assert "a0" in shown.stdout
    assert "＊＊＊＊34" in shown.stdout
    assert "990101190001011234" not in shown.stdout
    as_json = await desk.json("show", str(await desk.group("HTTP_422")), "--limit", "2")
    assert len({one["case"] for one in as_json["deliveries"]} & {"a0", "a1", "a2"}) == 2


async def test_resending_asks_first_and_shows_its_end(desk: Desk) -> None:
    group = str(await desk.group("HTTP_422"))
    tried = await desk.json("resend", group, "--reason", "mended", "--dry-run")
    assert (tried["would"], tried["cannot"]) == (3, 0)
    refused = await desk.run("resend", group, "--reason", "mended", keys="n\n")
    assert refused.exit_code == 1
    unasked = await desk.run("resend", group, "--reason", "mended", "--json")
    assert (unasked.exit_code, (await desk.json("replays"))["replays"]) == (2, [])

    words = ("resend", group, "--reason", "mended", "--request", "once", "--wait", "--yes")
    finished = await desk.json(*words)
    assert (finished["state"], finished["counts"]) == ("finished", {"done": 3})
    assert (finished["actor"], finished["via"]) == (getpass.getuser(), "cli")
    told = await desk.run("replays", finished["replay"])
    assert "finished" in told.stdout


async def test_doubt_is_resolved_one_way_or_the_other(desk: Desk) -> None:
    (letter,) = (await desk.json("show", str(await desk.group("IN_DOUBT"))))["deliveries"]
    resend = await desk.json("resend", "-d", letter["delivery"], "--reason", "x", "--dry-run")
    assert [lot["code"] for lot in resend["lots"]] == ["IN_DOUBT"]
    words = ("resolve", letter["delivery"], "--delivered", "--reference", "K-7", "--reason", "they have it", "--actor")
    done = await desk.json(*words, "duty-desk")
    assert (done["applied"], done["again"]) == (1, False)
    (delivery,) = (await desk.rig.view(UUID(letter["message"]))).deliveries
    assert (delivery.state, delivery.reference) == (State.DELIVERED, "K-7")


async def test_a_group_is_discarded_with_a_reason(desk: Desk) -> None:
    group = str(await desk.group("HTTP_422"))
    done = await desk.json("discard", group, "--reason", "sent by mistake", "--yes")
    assert (done["applied"], done["acts"]) == (3, 1)
    assert [one["code"] for one in (await desk.json("list"))["groups"]] == ["IN_DOUBT"]


async def test_notes_stops_and_what_there_is_not(desk: Desk) -> None:
    group = str(await desk.group("HTTP_422"))
    await desk.json("note", group, "asked on Monday")
    assert "asked on Monday" in (await desk.run("list")).stdout
    nobody = "01960000-0000-7000-8000-000000000001"
    missing: list[tuple[str, ...]] = [
        ("show", "99999"),
        ("stop", nobody, "--reason", "x"),
        ("resume", nobody, "--reason", "x"),
        ("replays", nobody),
        ("note", "99999", "x"),
        ("resend", "99999", "--reason", "x", "--yes"),
    ]
    for words in missing:
        assert (await desk.run(*words)).exit_code == 1, words
    unclear: list[tuple[str, ...]] = [("resend", "--reason", "x"), ("discard", group, "-d", nobody, "--reason", "x")]
    for words in unclear:
        assert (await desk.run(*words)).exit_code == 2, words
