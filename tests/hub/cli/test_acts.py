# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub acts`` on a journal, with no hub at work."""

import asyncio
import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from hub.cli.main import app

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

CONFIG = """\
journal: DSN
systems: {portal: {}, housing: {}}
destinations: {housing: {system: housing, connector: mailbox}}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    config: Path

    async def run(self, *words: str) -> Result:
        arguments = [*words, "-c", str(self.config)]
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))

    async def json(self, *words: str) -> Any:
        return orjson.loads((await self.run(*words, "--json")).stdout)


@pytest.fixture
def desk(dsn: str, tmp_path: Path) -> Desk:
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    config = tmp_path / "govhub.yaml"
    config.write_text(CONFIG.replace("DSN", dsn))
    return Desk(config)


async def test_nobody_did_anything(desk: Desk) -> None:
    assert await desk.json("acts", "list") == {"acts": [], "next": None}
    assert "没有操作记录" in (await desk.run("acts", "list")).stdout


async def test_what_was_done_is_told_newest_first(desk: Desk) -> None:
    await desk.json("destinations", "pause", "housing", "--reason", "they move house", "--request", "ticket 7")
    await desk.json("destinations", "resume", "housing", "--reason", "they have moved", "--actor", "wang")

    first = await desk.json("acts", "list", "--limit", "1")
    (resumed,) = first["acts"]
    assert first["next"] == resumed["act"]
    assert (resumed["kind"], resumed["actor"], resumed["reason"]) == ("resume_destination", "wang", "they have moved")
    rest = await desk.json("acts", "list", "--after", first["next"])
    (paused,) = rest["acts"]
    assert rest["next"] is None
    told = {key: paused[key] for key in paused.keys() - {"act", "actedAt"}}
    assert told == {
        "request": "ticket 7", "kind": "pause_destination", "actor": getpass.getuser(), "via": "cli",
        "subject": "housing", "reason": "they move house", "applied": 1,
    }  # fmt: skip

    table = (await desk.run("acts", "list")).stdout
    assert table.index("恢复目的地") < table.index("暂停目的地")
    assert "they move house" in table


async def test_an_id_of_nothing_is_told(desk: Desk) -> None:
    assert (await desk.run("acts", "list", "--after", "x")).exit_code == 2
