# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub items`` on a journal with a catalogue in it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from hub.catalogue.editions import judge
from hub.cli.main import app
from hub.journal.postgres import open_journal
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Journal
from hub.ports.probe import Quiet
from tests.support.item_arrivals import NOON, arrival, edition
from tests.support.sealing import SEALING

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

CONFIG = """\
journal: DSN
systems: {catalogue: {sends: [cn.gov.item.directory]}}
destinations: {items: {system: catalogue, connector: mailbox}}
items: {inbox: items}
"""


@pytest.fixture
async def config(journal_dsn: str, tmp_path: Path) -> Path:
    routes = "version: 1\nroutes:\n  - {name: all, when: {}, to: [items]}\n"
    (tmp_path / "routes.yaml").write_text(routes, encoding="utf-8")
    (tmp_path / "govhub.yaml").write_text(CONFIG.replace("DSN", journal_dsn), encoding="utf-8")
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    journal = await open_journal(
        journal_dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new(), sealing=SEALING
    )
    assert isinstance(journal, Journal), journal
    came = [edition("A"), edition("A", 2, item_name="二"), edition("B", effective_on="2099-01-01")]
    await journal.item_catalogue.take_in([arrival(one) for one in came], judge, NOON)
    await journal.close()
    return tmp_path / "govhub.yaml"


async def run(config: Path, *words: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["items", *words, "-c", str(config)]))


async def json(config: Path, *words: str) -> Any:
    return orjson.loads((await run(config, *words, "--json")).stdout)


async def test_the_report_of_a_run(config: Path) -> None:
    (one,) = (await json(config, "report"))["runs"]
    assert (one["run"], one["heard"], one["counts"]) == ("delta-2026-03-02", 3, {"added": 2, "changed": 1, "coming": 1})
    found = (await json(config, "report", one["run"]))["findings"]
    assert [(line["verdict"], line["code"], line["fields"]) for line in found] == [
        ("added", "A", []),
        ("changed", "A", ["item_name", "item_version"]),
        ("added", "B", []),
    ]
    assert "delta-2026-03-02" in (await run(config, "report")).stdout
    assert "changed" in (await run(config, "report", one["run"])).stdout


async def test_an_item_and_what_changed_since(config: Path) -> None:
    assert [one["version"] for one in (await json(config, "show", "A"))["items"]] == [1, 2]
    assert [one["change"] for one in (await json(config, "pull", "--since", "1"))["items"]] == [2, 3]
    assert "cn.gov" in (await run(config, "pull")).stdout
    unknown = await run(config, "show", "Z")
    assert (unknown.exit_code, "Z" in unknown.stdout) == (1, False)


async def test_a_snapshot_into_a_file_or_to_standard_output(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.ndjson"
    told = await json(config, "snapshot", "--out", str(file))
    lines = file.read_bytes().splitlines()
    assert (told["count"], len(lines)) == (2, 4)
    assert orjson.loads(lines[-1])["digest"] == told["digest"]
    assert (await run(config, "snapshot")).stdout.splitlines()[-1].encode() == lines[-1]
    refused = await run(config, "snapshot", "--out", str(tmp_path / "no" / "file"))
    assert refused.exit_code == 1
