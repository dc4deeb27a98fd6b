# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub forms``: what it prints for people, what for programs, and how it ends."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from hub.cli.main import app
from tests.contracts.item_forms.desk import GOOD
from tests.house.tree import ROOT

EXAMPLES = ROOT / "examples/forms"
ITEM = "11510502000000051G4000511006000"
FILLED = b'{"age_band": "95", "bank": "b", "account": "00000000", "social_card": true}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def forms(*words: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["forms", *words], input=stdin)


def test_check_says_that_forms_can_be_used(folder: Path) -> None:
    told = forms("check", "-f", str(folder))
    assert (told.exit_code, "1 个版本" in told.stdout) == (0, True)
    assert orjson.loads(forms("check", "-f", str(folder), "--json").stdout) == {"ok": True, "faults": []}


def test_check_names_file_line_and_remedy(folder: Path) -> None:
    (folder / "shop.yaml").write_text(GOOD.replace("title: 面积", "title: area"), encoding="utf-8")

    told = forms("check", "-f", str(folder))
    assert told.exit_code == 2
    assert "shop.yaml:11:5: FORM_TITLE" in told.stderr
    as_json = orjson.loads(forms("check", "-f", str(folder), "--json").stdout)
    assert [fault["code"] for fault in as_json["faults"]] == ["FORM_TITLE"]


def test_a_deployment_names_its_folder(folder: Path) -> None:
    config = folder.parent / "govhub.yaml"
    config.write_text("systems: {portal: {}}\ndestinations: {}\n", encoding="utf-8")
    (folder.parent / "routes.yaml").write_text("version: 1\nroutes: []\n", encoding="utf-8")

    told = forms("list", "-c", str(config))
    assert (told.exit_code, "forms: {folder: forms}" in told.stderr) == (2, True)
    with config.open("a", encoding="utf-8") as file:
        file.write(f"forms: {{folder: {folder.name}}}\n")
    told = forms("list", "-c", str(config), "--json")
    assert [form["name"] for form in orjson.loads(told.stdout)["forms"]] == ["shop"]
    config.write_text("systems: {portal: {}}\ndestinations: {}\nforms: {folder: none}\n", encoding="utf-8")
    told = forms("list", "-c", str(config))
    assert (told.exit_code, "govhub.yaml:3:17: FORM_FOLDER" in told.stderr) == (2, True)


def test_list_names_items_and_versions() -> None:
    told = forms("list", "-f", str(EXAMPLES))

    assert told.exit_code == 0
    assert len(told.stdout.splitlines()) == 14
    assert "old-age-allowance  2  高龄津贴申领 Old-age allowance  11510502000000051G*000511006000" in told.stdout


def test_show_tells_fields_personal_data_and_changes() -> None:
    told = forms("show", ITEM, "-f", str(EXAMPLES))
    assert "$.account  银行账号  string  id_number" in told.stdout
    assert "band 改名为 age_band" in told.stdout
    as_json = orjson.loads(forms("show", ITEM, "--version", "1", "-f", str(EXAMPLES), "--json").stdout)
    assert as_json["schema"]["$id"] == "urn:govhub:form:old-age-allowance:1"
    assert as_json["personal"]["$.data.form.data.account"] == "id_number"
    assert as_json["changes"] == []


def test_show_says_what_there_is_instead() -> None:
    told = forms("show", ITEM, "--version", "7", "-f", str(EXAMPLES))

    assert told.exit_code == 1
    assert "1, 2" in told.stderr


def test_try_accepts_and_converts_with_losses() -> None:
    told = forms("try", ITEM, "-", "-f", str(EXAMPLES), stdin=FILLED)
    assert (told.exit_code, "合规" in told.stdout) == (0, True)
    told = forms("try", ITEM, "-", "--to", "1", "-f", str(EXAMPLES), stdin=FILLED)
    converted = orjson.loads(told.stdout)
    assert converted["form"]["data"] == {"band": "2", "bank": "b", "account": "00000000"}
    assert sorted(loss["path"] for loss in converted["losses"]) == [
        "$.data.form.data.age_band",
        "$.data.form.data.social_card",
    ]
    assert forms("try", ITEM, "-", "--to", "9", "-f", str(EXAMPLES), stdin=FILLED).exit_code == 1


def test_try_lists_every_violation_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "filled.json"
    file.write_bytes(b'{"age_band": "secret", "account": "secret"}')

    told = forms("try", ITEM, str(file), "-f", str(EXAMPLES))
    assert told.exit_code == 1
    assert "secret" not in told.stderr
    as_json = orjson.loads(forms("try", ITEM, str(file), "-f", str(EXAMPLES), "--json").stdout)
    assert sorted(one["code"] for one in as_json["violations"]) == ["E_V_CODE", "E_V_FORMAT", "E_V_MISSING"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"a": ' * 40 + b"1" + b"}" * 40])
def test_try_takes_only_an_object_of_fair_size(body: bytes) -> None:
    assert forms("try", ITEM, "-", "-f", str(EXAMPLES), stdin=body).exit_code == 1


def test_try_says_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    told = forms("try", ITEM, str(tmp_path / "none"), "-f", str(EXAMPLES))

    assert told.exit_code == 2
    assert "none" in told.stderr
