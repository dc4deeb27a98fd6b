# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes activate | shadow | status | show | diff`` beside a running hub, on a real journal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from hub.cli.main import app
from hub.config.load import Loaded, load_deployment
from hub.workers.rerouting import look
from tests.support.hubs import Destination, Rig, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

DEPLOYMENT = """\
journal: DSN
systems:
  portal: {sends: [cn.gov.application.submitted]}
  housing: {speaks: {contracts: {"*": [1]}}}
destinations:
  housing: {system: housing, connector: mailbox}
  civil: {system: housing, connector: mailbox}
"""
OLD = "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n"
NEW = "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing, civil]}\n"
CASES = """\
cases:
  - {name: 申请, contract: "cn.gov.application.submitted:1", from: portal, example: 个人网上申请, to: [%s]}
"""


@dataclass(frozen=True)
class Desk:
    rig: Rig
    folder: Path

    async def run(self, *words: str) -> Result:
        arguments = ["routes", *words, "-c", str(self.folder / "govhub.yaml")]
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))

    async def json(self, *words: str, code: int = 0) -> Any:
        told = await self.run(*words, "--json")
        assert told.exit_code == code, told.output
        return orjson.loads(told.stdout)

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "routes.yaml").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(NEW, encoding="utf-8")
    (tmp_path / "new_test.yaml").write_text(CASES % "housing, civil", encoding="utf-8")
    (tmp_path / "govhub.yaml").write_text(DEPLOYMENT.replace("DSN", dsn), encoding="utf-8")
    loaded = load_deployment(tmp_path / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    places = {name: Destination(sink=ScriptedSink()) for name in ("housing", "civil")}
    async with hub_on(dsn, places, routes=OLD, tables=loaded.tables) as rig:
        version = rig.hub.routes.active.table.version_id
        await rig.hub.journal.route_tables.begin(version, OLD, "hub-1", rig.clock.now())
        await look(rig.hub)
        yield Desk(rig, tmp_path)


async def test_a_table_is_tried_in_the_shadow_activated_and_taken_back(desk: Desk) -> None:
    old = (await desk.json("status"))["active"]
    cast = await desk.json("shadow", desk.path("new.yaml"), "--reason", "to see")
    assert cast == {"act": "shadow", "changed": True, "again": False}
    await look(desk.rig.hub)
    await desk.rig.accept(event("a"))
    await look(desk.rig.hub)
    status = await desk.json("status")
    assert [(one["kind"], one["destination"], one["count"]) for one in status["shadow"]["differences"]] == [
        ("appears", "civil", 1)
    ]
    assert "appears" in (await desk.run("status")).stdout

    done = await desk.json("activate", desk.path("new.yaml"), "--reason", "it is right", "--expect", old)
    assert done["changed"] is True
    await look(desk.rig.hub)
    message = await desk.rig.view(await desk.rig.accept(event("b")))
    assert sorted(one.destination for one in message.deliveries) == ["civil", "housing"]
    assert (await desk.json("show", message.table_version))["table"] == NEW

    again = await desk.json("activate", desk.path("new.yaml"), "--reason", "late", "--expect", old, code=2)
    assert "in force" in again["error"]["en"]
    await desk.json("activate", old, "--reason", "it was not")
    history = (await desk.json("status"))["history"]
    assert [one["version"] for one in history] == [old, message.table_version, old]
    assert [one["reason"] for one in history] == ["it was not", "it is right", ""]


async def test_a_table_that_fails_its_cases_or_has_faults_is_not_activated(desk: Desk) -> None:
    before = await desk.json("status")
    (desk.folder / "new_test.yaml").write_text(CASES % "housing", encoding="utf-8")
    failed = await desk.json("activate", desk.path("new.yaml"), "--reason", "a slip", code=2)
    assert "申请" in failed["error"]["zh"]
    (desk.folder / "new.yaml").write_text(NEW.replace("civil", "cvil"), encoding="utf-8")
    told = await desk.run("activate", desk.path("new.yaml"), "--reason", "a slip")
    assert told.exit_code == 2
    assert "new.yaml:3:" in told.stderr
    assert "civil" in told.stderr
    assert (await desk.json("activate", "nothing", "--reason", "?", code=2))["error"]["en"].startswith("There is no")
    assert (await desk.json("show", "nothing", code=2))["error"]["en"].startswith("There is no")
    assert (await desk.json("status"))["seq"] == before["seq"]


async def test_diff_tells_what_would_change_and_ends_with_one(desk: Desk) -> None:
    await desk.rig.accept(event("a"))
    same = await desk.json("diff", desk.path("routes.yaml"), desk.path("routes.yaml"), "--against-journal", "3650d")
    assert (same["messages"], same["differing"]) == (1, 0)
    told = await desk.json(
        "diff", desk.path("routes.yaml"), desk.path("new.yaml"), "--against-journal", "3650d", code=1
    )
    assert [(one["kind"], one["destination"], one["count"]) for one in told["changes"]] == [("appears", "civil", 1)]
    shown = await desk.run("diff", desk.path("routes.yaml"), desk.path("new.yaml"), "--against-journal", "3650d")
    assert "新增投递" in shown.stdout


async def test_each_command_says_which_table_it_goes_by(desk: Desk) -> None:
    message = desk.folder / "message.json"
    one = event("a")
    message.write_bytes(
        orjson.dumps(
            {"specversion": "1.0", "id": one.id, "source": one.source, "type": one.type, "subject": one.subject}
            | {"dataschema": one.dataschema, "data": one.data}
        )
    )
    old = (await desk.json("status"))["active"]
    await desk.json("activate", desk.path("new.yaml"), "--reason", "it is right")
    new = (await desk.json("status"))["active"]

    status = await desk.json("status")
    assert (status["here"], status["differs"]) == (old, True)
    assert "routes diff active" in (await desk.run("status")).stdout
    by_file = await desk.json("explain", str(message))
    assert (by_file["table"]["origin"], by_file["table"]["version"]) == ("file", old)
    assert by_file["destinations"] == ["housing"]
    by_active = await desk.json("explain", str(message), "--active")
    assert (by_active["table"]["origin"], by_active["table"]["version"]) == ("active", new)
    assert by_active["destinations"] == ["housing", "civil"]
    assert (await desk.json("explain", str(message), "--table", old))["table"]["origin"] == "kept"
    assert (await desk.json("explain", str(message), "--table", desk.path("new.yaml")))["table"]["version"] == new
    assert "现用" in (await desk.run("explain", str(message), "--active")).stdout
    both = await desk.json("explain", str(message), "--active", "--table", old, code=2)
    assert "exclude" in both["error"]["en"]
    assert "no such" in (await desk.json("explain", str(message), "--table", "nothing", code=2))["error"]["en"]

    checked = await desk.json("check", "--active")
    assert checked["active"] == {"version": new, "file": old, "differs": True, "usable": True, "faults": []}
    assert "Another table is in force" in (await desk.run("check", "--active")).stderr
    (desk.folder / "routes_test.yaml").write_text(CASES % "housing, civil", encoding="utf-8")
    await desk.json("test", code=1)
    await desk.json("test", "--active")
    differing = await desk.json("diff", "active", desk.path("routes.yaml"), "--against-journal", "3650d")
    assert (differing["old"], differing["new"]) == (new, old)
    await desk.json("shadow", old, "--reason", "what it would do now")
    assert (await desk.json("status"))["shadow"]["version"] == old

    (desk.folder / "govhub.yaml").write_text(
        (desk.folder / "govhub.yaml")
        .read_text("utf-8")
        .replace("  civil: {system: housing, connector: mailbox}\n", ""),
        encoding="utf-8",
    )
    unusable = await desk.json("check", "--active", code=2)
    assert (unusable["active"]["usable"], unusable["active"]["faults"][0]["code"]) == (
        False,
        "E_ROUTE_DESTINATION_UNKNOWN",
    )
