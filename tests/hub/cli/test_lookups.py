# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub lookups``: who asked registers what for, and never what about."""

from pathlib import Path

import pytest

from hub.ports.journal import LookupOutcome, LookupRecord
from tests.hub.cli.test_acts import CONFIG, Desk
from tests.support.journals import bench

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

OUTCOMES: tuple[LookupOutcome, ...] = ("found", "rejected")


@pytest.fixture
def desk(tmp_path: Path, dsn: str) -> Desk:
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    config = tmp_path / "govhub.yaml"
    config.write_text(CONFIG.replace("DSN", dsn))
    return Desk(config)


async def test_nobody_asked_anything(desk: Desk) -> None:
    assert await desk.json("lookups", "list") == {"lookups": [], "next": None}
    assert "没有查询记录" in (await desk.run("lookups", "list")).stdout


async def test_what_was_asked_is_told_newest_first(desk: Desk, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(dsn) as journal:
        for number, outcome in enumerate(OUTCOMES):
            record = LookupRecord(
                id=journal.ids.new(), asked_at=journal.clock.now(), lookup="companies", system=f"system-{number}",
                purpose="[red]核验", criteria=("code",), outcome=outcome, code="NO_SUCH" if number else "",
                records=1 - number, manner="asked", took_ms=3,
            )  # fmt: skip
            assert await journal.journal.lookup_records.record(record) is None

    first = await desk.json("lookups", "list", "--limit", "1")
    (rejected,) = first["lookups"]
    assert (rejected["system"], rejected["outcome"], rejected["code"]) == ("system-1", "rejected", "NO_SUCH")
    rest = await desk.json("lookups", "list", "--after", first["next"])
    assert [one["system"] for one in rest["lookups"]] == ["system-0"]
    assert (await desk.json("lookups", "list", "--system", "system-0"))["lookups"] == rest["lookups"]
    assert (await desk.json("lookups", "list", "--lookup", "persons"))["lookups"] == []

    monkeypatch.setenv("COLUMNS", "200")
    table = (await desk.run("lookups", "list")).stdout
    assert table.index("被拒绝 rejected NO_SUCH") < table.index("查到 found ×1")
    assert "[red]核验" in table
