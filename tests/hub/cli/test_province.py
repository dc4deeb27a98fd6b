# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub province check``: what is wrong with a specification, and what nobody has told yet."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from tests.house.tree import ROOT

EXAMPLE = ROOT / "examples/province/profile"
runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "profile"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def told(folder: Path) -> tuple[int, Any]:
    result = runner.invoke(app, ["province", "check", str(folder), "--json"])
    return result.exit_code, orjson.loads(result.stdout)


def test_the_example_is_whole() -> None:
    code, said = told(EXAMPLE)
    assert (code, said["ok"], said["faults"], said["open_questions"]) == (0, True, [], [])
    assert said["cases"] == {"run": 4, "failed": []}
    assert "0 个未决问题" in runner.invoke(app, ["province", "check", str(EXAMPLE)]).stdout


def test_codes_that_nobody_told_are_open_questions(folder: Path) -> None:
    """They hinder nothing: what needs them is refused, and everything else goes."""
    change(folder / "mapping.yaml", '  event_name: {passed: "1", returned: "2", other: "3"}\n', "")
    code, said = told(folder)
    assert (code, said["ok"]) == (0, True)
    (question,) = {one["path"]: one for one in said["open_questions"]}.values()
    assert "event_name" in question["path"]
    assert question["at"]["line"] > 0


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("profile.yaml", "  key: row_guid\n", "  keyy: row_guid\n", "profile.yaml"),
        ("profile.yaml", "form: rows\n  key", "form: [\n  key", "profile.yaml"),
        ("mapping.yaml", "extends: front_v3", "extends: front_v9", "mapping.yaml"),
        ("mapping.yaml", "      catalog_code: basic_code\n", "      catalog_code: basic_cod\n", "mapping.yaml"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(folder: Path, file: str, old: str, new: str, where: str) -> None:
    change(folder / file, old, new)
    code, said = told(folder)
    assert (code, said["ok"]) == (2, False)
    assert where in said["faults"][0]["at"]["file"]


def test_a_table_that_is_written_and_not_listed_is_told(folder: Path) -> None:
    change(folder / "profile.yaml", "    - up_lic_data_v4\n", "")
    code, said = told(folder)
    assert (code, said["tables_not_listed"]) == (2, ["up_lic_data_v4"])


def test_a_sample_that_is_not_kept_is_told(folder: Path) -> None:
    change(folder / "mapping_test.yaml", 'result_type: "7"', 'result_type: "6"')
    code, said = told(folder)
    assert (code, len(said["cases"]["failed"])) == (2, 1)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    code, said = told(tmp_path)
    assert code == 2
    assert {one["code"] for one in said["faults"]} == {"E_FILE_MISSING"}
