# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub cases`` about cases that were under way: as processes of their own, beside a journal."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.hub_process import write_deployment

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True)


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Path:
    return write_deployment(
        tmp_path,
        {
            "hub": {"data": "data"},
            "journal": dsn,
            "systems": {"portal": {}, "housing": {}},
            "destinations": {"housing": {"system": "housing", "connector": "mailbox"}},
            "legal_clock": {"statutory_working_days": 20},
        },
        [{"name": "all", "when": {}, "to": ["housing"]}],
    )


async def said(config: Path, *arguments: str, code: int = 0) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", *arguments, "-c", str(config), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == code, err.decode()
    return json.loads(out)


async def test_an_import_is_repeated_without_harm_and_tells_bad_rows_with_their_lines(
    config: Path, tmp_path: Path
) -> None:
    good = {"case_no": "A-1", "parties": ["housing"], "accepted_at": "2026-03-03T10:00:00+08:00"}
    file = tmp_path / "running.jsonl"
    file.write_text(
        "\n".join(json.dumps(row) for row in (good, {**good, "parties": ["nobody"]}, {**good, "case_no": "A-2"}))
    )
    tried = await said(config, "cases", "import", str(file), "--dry-run", code=1)
    assert (tried["dryRun"], tried["taken"], tried["refused"]) == (True, 2, 1)
    first = await said(config, "cases", "import", str(file), code=1)
    assert (first["taken"], first["known"], first["refused"]) == (2, 0, 1)
    assert [(fault["code"], fault["at"]["line"]) for fault in first["faults"]] == [("IMPORT_SYSTEM", 2)]
    again = await said(config, "cases", "import", str(file), code=1)
    assert (again["taken"], again["known"]) == (0, 2)
    shown = await said(config, "cases", "show", "A-1")
    assert (shown["phase"], shown["clock"]["acceptedOn"]) == ("handling", "2026-03-03")
    assert [(one["limit"], one["due"]) for one in shown["clock"]["deadlines"]] == [("statutory", "2026-03-31")]


async def test_nothing_waits_and_an_unknown_case_is_not_adopted(config: Path, tmp_path: Path) -> None:
    assert await said(config, "cases", "parked") == {"parked": [], "next": None}
    assert "error" in await said(config, "cases", "adopt", "never-was", "--reason", "x", code=1)
    assert "error" in await said(config, "cases", "import", str(tmp_path / "nothing.csv"), code=2)
