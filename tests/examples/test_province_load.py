# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The initial load and what is caught up, over a running hub: by a lane apart, row by row, cut and run again."""

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from hub.cli.province_loading import KEY
from tests.connectors.far_database import PostgresServer
from tests.examples.province_front import ACCEPTANCE, COMPLETION, STEP, Front, front
from tests.house.tree import ROOT
from tests.hub.api.house import key_of
from tests.support.postgres import PrivatePostgres

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

_MAPPED: list[dict[str, Any]] = [
    one
    for file in ("contracts/dialects/maps/front_v3_test.yaml", "examples/province/profile/mapping_test.yaml")
    for one in yaml.safe_load((ROOT / file).read_text("utf-8"))["cases"]
    if "document" in one
]


def row_of(contract: str, case: str, **changes: str) -> dict[str, str]:
    """A row of the national tables, as the old system has it."""
    sample = next(one for one in _MAPPED if one["contract"].partition(":")[0] == contract)
    fields = {name: value for name, value in sample["document"]["fields"].items() if isinstance(value, str)}
    return {**fields, "project_no": case, **changes}


def case(number: int) -> str:
    return f"510500-20200302-{number:06}"


def write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
async def server(postgres: PrivatePostgres) -> AsyncIterator[PostgresServer]:
    found = PostgresServer(await postgres.fresh_database())
    yield found
    await found.close()


def paced(**pace: object) -> Any:
    """The example's load lane at another pace."""

    def change(deployment: dict[str, Any]) -> None:
        deployment["destinations"]["province-load"]["pace"] = pace

    return change


async def command(here: Front, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "province", *words, "-c", str(here.folder / "govhub.yaml"), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, KEY: key_of("history")},
    )  # fmt: skip


async def run(here: Front, *words: str) -> tuple[int, dict[str, Any]]:
    process = await command(here, *words)
    out, err = await process.communicate()
    assert out, err.decode()
    return process.returncode or 0, orjson.loads(out)


def load(here: Front, *files: Path, **options: object) -> list[str]:
    more = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return ["load", *map(str, files), "--to", "province-load", "--as", "history", "--hub", here.house.url, *more]


async def accepted_rows(here: Front) -> list[str]:
    found = await here.server.fetch("select project_no from up_pro_accept_v4 order by seq")
    return [one["project_no"] for one in found]


async def test_a_load_goes_by_its_own_lane_and_live_traffic_does_not_wait_for_it(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At two rows a second a hundred would take most of a minute. What is live passes them all."""
    file = write(tmp_path / "up_pro_accept_v4.csv", [row_of(ACCEPTANCE, case(n)) for n in range(100)])
    async with front(tmp_path / "site", dsn, server, monkeypatch, paced(per_second=2)) as here:
        code, told = await run(here, *load(here, file))
        assert (code, told["read"], told["taken"], told["refused"]) == (0, 100, 100, 0)
        for n in range(20):
            await here.told(ACCEPTANCE, f"live-{n}", case(1000 + n))
        live = {case(1000 + n) for n in range(20)}
        there = await here.until(lambda: accepted_rows(here), lambda found: live <= set(found))
        loaded = set(there) - live
        assert len(loaded) < 60, "the load is under way still"

        async def waiting() -> dict[str, int]:
            counts = await here.house.hub.journal.lookups.counts()
            assert isinstance(counts, dict)
            return dict(counts.get("province-load", {}))

        assert sum((await waiting()).values()) > 0


async def test_rows_that_are_refused_are_told_with_file_and_line_and_keep_their_case_back(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row_of(ACCEPTANCE, case(n)) for n in range(4)]
    rows[1]["project_type"] = "zz"
    rows[2]["project_no"] = ""
    accepts = write(tmp_path / "up_pro_accept_v4.csv", rows)
    ends = write(tmp_path / "up_pro_result_v4.csv", [row_of(COMPLETION, case(n), result_type="6") for n in (0, 1, 3)])
    events = tmp_path / "more.jsonl"
    events.write_bytes(b'{"no": "event"}\nnot json\n')
    out = tmp_path / "refused.jsonl"
    async with front(tmp_path / "site", dsn, server, monkeypatch, paced()) as here:
        checked = await run(here, *load(here, accepts, ends, events, refusals=out), "--dry-run")
        assert await accepted_rows(here) == [], "it was a dry run"
        code, told = await run(here, *load(here, accepts, ends, events, refusals=out))
        assert (code, told["read"], told["fit"], told["taken"]) == (1, 9, 4, 4)
        assert (checked[0], {**checked[1], "taken": 4, "dry_run": False}) == (1, told)
        places = [(Path(one["file"]).name, one["line"], one["code"]) for one in told["refusals"]]
        assert places == [
            ("up_pro_accept_v4.csv", 3, "E_DIALECT_INVALID"),
            ("up_pro_accept_v4.csv", 4, places[1][2]),
            ("up_pro_result_v4.csv", 3, "LOAD_KEPT_BACK"),
            ("more.jsonl", 1, places[3][2]),
            ("more.jsonl", 2, "E_JSON_MALFORMED"),
        ]
        assert told["refusals"][0]["violations"][0]["path"].endswith("project_type")
        assert "up_pro_accept_v4.csv:3" in told["refusals"][2]["text"]["zh"]
        assert [orjson.loads(line) for line in out.read_bytes().splitlines()] == told["refusals"]
        await here.until(lambda: accepted_rows(here), lambda found: sorted(found) == [case(0), case(3)])
        await here.take("up_pro_accept_v4")
        await here.until_there(case(0), 1, 0, 1, 0)

        mended = write(tmp_path / "up_pro_accept_v4.csv", [row_of(ACCEPTANCE, case(n)) for n in range(4)])
        code, told = await run(here, *load(here, mended, ends))
        assert (code, told["read"], told["taken"]) == (0, 7, 7), "what was taken before is taken still"
        await here.until(lambda: accepted_rows(here), lambda found: sorted(found) == [case(n) for n in range(4)])


async def test_a_load_that_was_killed_is_run_again_and_nothing_goes_twice(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "up_pro_accept_v4.csv", [row_of(ACCEPTANCE, case(n)) for n in range(600)])
    async with front(tmp_path / "site", dsn, server, monkeypatch, paced()) as here:
        process = await command(here, *load(here, file, rate=200))
        await here.until(lambda: accepted_rows(here), lambda found: len(found) >= 50)
        process.kill()
        await process.communicate()
        assert len(await accepted_rows(here)) < 600
        code, told = await run(here, *load(here, file, rate=10_000))
        assert (code, told["taken"]) == (0, 600)
        there = await here.until(lambda: accepted_rows(here), lambda found: len(found) >= 600)
        assert sorted(there) == [case(n) for n in range(600)]


async def test_a_row_that_would_go_elsewhere_is_no_load(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "up_pro_accept_v4.csv", [row_of(ACCEPTANCE, case(1))])
    async with front(tmp_path / "site", dsn, server, monkeypatch) as here:
        words = load(here, file)
        words[words.index("province-load")] = "province"
        code, told = await run(here, *words)
        assert (code, [one["code"] for one in told["refusals"]]) == (1, ["LOAD_ELSEWHERE"])
        words = load(here, file)
        words[words.index("history")] = "housing"
        code, told = await run(here, *words)
        assert code == 2
        assert "up_pro_accept_v4.csv:1" in told["error"]["zh"]
        monkeypatch.setattr("tests.examples.test_province_load.key_of", lambda _: "ghk_of-nobody")
        code, told = await run(here, *load(here, file))
        assert (code, told["taken"]) == (3, 0)
        assert "401" in told["ended"]["en"]


def closed() -> str:
    """A window that is not open now."""
    now = datetime.now(timezone(timedelta(hours=8)))  # noqa: TID251  # because the hub under test has the clock of the machine
    return f"{now + timedelta(hours=6):%H:%M}-{now + timedelta(hours=7):%H:%M}"


async def test_what_is_live_of_a_case_stays_behind_what_is_loaded_of_it(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The load waits for its window; so does the case that it is about, and no other."""
    file = write(tmp_path / "up_pro_accept_v4.csv", [row_of(ACCEPTANCE, case(1))])
    async with front(tmp_path / "site", dsn, server, monkeypatch, paced(windows=[closed()])) as here:
        assert (await run(here, *load(here, file)))[0] == 0
        live = await here.told(COMPLETION, "live-1", case(1))
        await here.told(COMPLETION, "live-2", case(2))
        await here.until_there(case(2), 0, 0, 1, 0)
        assert await here.there(case(1)) == (0, 0, 0, 0)
        waiting = await here.until(lambda: here.delivery(live, "waiting"), lambda one: one["code"] == "BEHIND_LOAD")
        assert waiting["attempts"] == []
    async with front(tmp_path / "site", dsn, server, monkeypatch, paced()) as here:
        await here.until_there(case(1), 1, 0, 0, 0)
        await here.take("up_pro_accept_v4")
        await here.until_there(case(1), 1, 0, 1, 0)


async def test_what_the_province_never_got_is_caught_up_once_and_in_order(
    dsn: str, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_province(deployment: dict[str, Any]) -> None:
        deployment["routes"] = "routes.before.yaml"

    site = tmp_path / "site"
    site.mkdir()
    routes = yaml.safe_load((ROOT / "examples/province/routes.yaml").read_text("utf-8"))
    routes["routes"] = [one for one in routes["routes"] if one["name"] != "results-to-province"]
    (site / "routes.before.yaml").write_text(yaml.safe_dump(routes, allow_unicode=True), "utf-8")
    async with front(site, dsn, server, monkeypatch, without_province) as here:
        for contract in (ACCEPTANCE, STEP, COMPLETION):
            await here.told(contract, f"1-{contract}", case(1))
        await here.told(ACCEPTANCE, "2-0", case(2))
    words = ("catch-up", "--to", "province-load", "--since", "1d", "--reason", "the province joined", "--actor", "test")
    async with front(site, dsn, server, monkeypatch, paced()) as here:
        await here.told(ACCEPTANCE, "3-0", case(3))
        code, told = await run(here, *words, "--dry-run")
        assert (code, told["seen"], told["missing"], told["added"]) == (0, 5, 4, 0)
        first, second = await asyncio.gather(run(here, *words), run(here, *words))
        assert first[1]["added"] + second[1]["added"] == 4, "two at once add nothing twice"
        assert (await run(here, *words))[1]["missing"] == 0
        await here.until_there(case(1), 1, 0, 0, 0)
        await here.until_there(case(2), 1, 0, 0, 0)
        for number, table in enumerate(("up_pro_accept_v4", "up_pro_process_v4", "up_pro_result_v4")):
            await here.until_there(case(1), *(1 if n <= number else 0 for n in range(4)))
            await here.take(table)
        acts = await here.house.hub.journal.acts.newest(None, 10)
        assert isinstance(acts, tuple)
        assert {(one.kind, one.actor, one.subject) for one in acts} == {("load", "test", "load of province-load")}
        assert sum(one.applied for one in acts) == 4
