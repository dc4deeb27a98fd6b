# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub supervision``: which rules a case breaks on a day, and what is wrong with a file."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from tests.house.tree import ROOT

RULES = ROOT / "examples/supervision/rules.yaml"
runner = CliRunner()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    file = tmp_path / "case.yaml"
    file.write_text(
        'statutory_on: "2026-03-13"\npauses: [{begin: "2026-03-12", end: "2026-03-12"}]\norders: 1\n', "utf-8"
    )
    return file


def told(*words: str | Path) -> tuple[int, Any]:
    result = runner.invoke(app, ["supervision", *map(str, words), "--json"])
    return result.exit_code, orjson.loads(result.stdout)


def test_the_example_is_sound() -> None:
    assert told("check", RULES) == (0, {"ok": True, "rules": 9, "years": [2026]})
    assert "9 条规则" in runner.invoke(app, ["supervision", "check", str(RULES)]).stdout


def test_a_case_is_judged_as_of_a_day(case: Path) -> None:
    code, said = told("judge", RULES, case, "--on", "2026-03-17")
    assert (code, said["score"]) == (0, "98.5")
    assert [(one["rule"], one["severity"], one["days"]) for one in said["breaches"]] == [
        ("GZ-003", "yellow", 1),
        ("GZ-008", "yellow", None),
    ]
    assert told("judge", RULES, case, "--on", "2026-03-16")[1]["score"] == "99.5", "the pause is taken off"
    spoken = runner.invoke(app, ["supervision", "judge", str(RULES), str(case), "--on", "2026-03-17"]).stdout
    assert "GZ-003" in spoken
    assert "98.5" in spoken


def test_a_year_without_a_calendar_is_not_guessed(case: Path) -> None:
    code, said = told("judge", RULES, case, "--on", "2027-01-04")
    assert code == 2
    assert "2027" in said["error"]["en"]


@pytest.mark.parametrize("text", ["ordrs: 1\n", "orders: -1\n", "statutory_on: soon\n", "[", "pauses: [{begin: 1}]\n"])
def test_what_is_wrong_with_a_case_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.yaml").write_text(text, "utf-8")
    code, said = told("judge", RULES, tmp_path / "case.yaml", "--on", "2026-03-17")
    assert code == 2
    assert said["faults"][0]["at"]["line"] >= 1


def test_a_file_of_rules_that_is_none_is_told(tmp_path: Path) -> None:
    code, said = told("check", tmp_path / "nothing.yaml")
    assert (code, said["faults"][0]["code"]) == (2, "E_FILE_MISSING")
