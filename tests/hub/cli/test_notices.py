# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub notices``, on the templates of the example."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from tests.house.tree import ROOT

FILE = ["--file", str(ROOT / "examples/notices/templates.yaml")]
GOOD = ["-p", "item=食品经营许可", "-p", "case_no=510500-20260302-000001"]


def test_a_preview_shows_text_length_and_parts() -> None:
    result = CliRunner().invoke(app, ["notices", "preview", "accepted", *GOOD, *FILE, "--json"])
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["segments"], shown["alphabet"]) == (0, 1, "ucs2")
    assert shown["text"].startswith("【示例区政务服务】您申请的食品经营许可已受理")
    assert shown["places"] == len(shown["text"])


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["nothing"], 1, "accepted"),
        (["accepted"], 1, "item"),
        (["accepted", "-p", "item"], 1, "item="),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], code: int, word: str) -> None:
    result = CliRunner().invoke(app, ["notices", "preview", *arguments, *FILE])
    assert result.exit_code == code
    assert word in result.output


def test_a_check_tells_how_long_each_can_become(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["notices", "check", *FILE, "--json"])
    assert {"accepted", "code"} <= json.loads(result.stdout)["templates"].keys()
    wrong = tmp_path / "templates.yaml"
    wrong.write_text("version: 1\nsignature: 示例\ntemplates:\n  a: {text: '{b}'}\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["notices", "check", "--file", str(wrong)])
    assert result.exit_code == 2
    assert f"{wrong}:4" in result.output
