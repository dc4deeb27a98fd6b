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


async def test_numbers_are_imported_disputed_and_decided(config: Path, tmp_path: Path) -> None:
    cases = tmp_path / "running.jsonl"
    cases.write_text("\n".join(json.dumps({"case_no": f"A-{n}", "parties": ["housing"]}) for n in (1, 2)))
    await said(config, "cases", "import", str(cases))
    file = tmp_path / "numbers.csv"
    file.write_text("system,number,case_no\nhousing,BJ-1,A-1\nhousing,BJ-2,A-2\nnobody,BJ-3,A-1\nhousing,BJ-1,A-2\n")
    told = await said(config, "aliases", "import", str(file), code=1)
    assert (told["taken"], told["refused"]) == (3, 1)
    assert [fault["at"]["line"] for fault in told["faults"]] == [4]
    listed = await said(config, "aliases", "list", "--disputed")
    assert [(one["number"], one["claims"]) for one in listed["aliases"]] == [("BJ-1", ["A-1", "A-2"])]
    assert "error" in await said(config, "aliases", "decide", "housing", "BJ-1", "A-9", "--reason", "x", code=1)
    done = await said(config, "aliases", "decide", "housing", "BJ-1", "A-2", "--reason", "查证", "--request", "d-1")
    assert (done["applied"], done["again"]) == (1, False)
    (one, other) = (await said(config, "aliases", "list"))["aliases"]
    assert (one["case"], one["disputed"], one["decided"], other["case"]) == ("A-2", False, True, "A-2")
    assert await said(config, "aliases", "waiting") == {"waiting": []}
    assert "error" in await said(config, "aliases", "import", str(tmp_path / "nothing.csv"), code=2)


async def test_deadlines_of_nothing(config: Path) -> None:
    assert await said(config, "deadlines") == {"destinations": []}
    told = await said(config, "deadlines", "--destination", "housing", "--by", "17:00")
    assert [(one["destination"], one["coming"], one["looked"]) for one in told["destinations"]] == [("housing", 0, 0)]
    assert "error" in await said(config, "deadlines", "--destination", "nowhere", code=2)
    assert "error" in await said(config, "deadlines", "--by", "tomorrow", code=2)
