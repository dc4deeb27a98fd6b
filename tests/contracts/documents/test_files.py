# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The generated files say what the code says today, and there are no others."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.catalogue import builtin
from contracts.codes import CaseType
from contracts.contract import Contract
from contracts.documents.files import files, orphans, write
from contracts.documents.markdown import NOTICE
from contracts.identifiers.oddity import WARNING_CODES
from contracts.lifecycle.rules import BARS, WAITS
from contracts.lifecycle.standing import Phase
from contracts.refusal_codes import CODES
from contracts.violation_codes import VIOLATION_CODES

DOCS = Path(__file__).resolve().parents[3] / "docs"
FILES = files()
CONTRACTS = builtin().all()
REMEDY = "run: python -m contracts.documents"


def page(contract: Contract, language: str = "") -> str:
    return FILES[f"contracts/{contract.type}{language}.md"]


def section(contract: Contract, language: str = "") -> str:
    """What a page says of one version."""
    return re.split(r'<a id="v\d+"></a>', page(contract, language).split(f'<a id="v{contract.version}"></a>')[1])[0]


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_stale(name: str) -> None:
    assert (DOCS / name).is_file(), REMEDY
    assert (DOCS / name).read_text(encoding="utf-8") == FILES[name], REMEDY


def test_no_file_is_left_over() -> None:
    assert orphans(DOCS, FILES) == (), REMEDY


def test_a_folder_of_another_place_in_the_tree_is_left_as_it_is(tmp_path: Path) -> None:
    write(tmp_path)
    before = written(tmp_path)
    with pytest.raises(FileExistsError):
        write(tmp_path / "contracts")
    assert written(tmp_path) == before


def written(folder: Path) -> Mapping[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_command_writes_what_is_wanted_and_removes_what_is_not(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "lifecycle.md").write_text("stale\n", encoding="utf-8")
    (tmp_path / "contracts/cn.gov.gone.md").write_text(f"{NOTICE}\n\n# Gone\n", encoding="utf-8")
    (tmp_path / "by-hand.md").write_text("# By hand\n", encoding="utf-8")

    subprocess.run([sys.executable, "-m", "contracts.documents", str(tmp_path)], check=True, cwd=DOCS.parent)

    assert written(tmp_path) == {**FILES, "by-hand.md": "# By hand\n"}


def test_both_languages_have_the_same_headings_tables_and_links() -> None:
    def shape(text: str) -> list[str]:
        return re.findall(r"^#+ |^```\w*|^\| ---.*|^<details>|\]\([^)]+\)", text, re.MULTILINE)

    for name, text in FILES.items():
        if name.endswith(".zh-CN.md"):
            english = FILES[name.replace(".zh-CN.md", ".md")]
            chinese = text.replace(".zh-CN.md", ".md")
            # Each links to the other, which is the same name by now.
            assert shape(chinese) == shape(english.replace(".zh-CN.md", ".md"))


def test_the_index_leads_to_every_contract_and_no_page_is_out_of_reach() -> None:
    for language in ("", ".zh-CN"):
        index = FILES[f"contracts/README{language}.md"]
        assert [one.type for one in CONTRACTS if f"]({one.type}{language}.md)" not in index] == []
        assert f"](coverage{language}.md)" in index
        assert f"](../problems{language}.md)" in index
        assert f"](../lifecycle{language}.md)" in index


def test_every_code_and_warning_is_listed() -> None:
    for language in ("", ".zh-CN"):
        problems = FILES[f"problems{language}.md"]
        assert [code for code in (*CODES, *VIOLATION_CODES, *WARNING_CODES) if f"| `{code}` |" not in problems] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
def test_a_version_is_described_whole(contract: Contract) -> None:
    for language in ("", ".zh-CN"):
        said = section(contract, language)
        assert f"`{contract.schema_uri}`" in page(contract, language)
        assert f"`/v1/contracts/{contract.type}/{contract.version}`" in page(contract, language)
        assert f"`/v1/contracts/{contract.type}/{contract.version}.xsd`" in page(contract, language)
        assert f"`data.{contract.subject}`" in said
        assert [name for name in contract.model.model_fields if f"\n| `{name}` |" not in said] == []
        assert said.count("<details>") == len(contract.examples)
        for example in contract.examples:
            assert [
                expected for expected in example.expect if f"| `{expected[0]}` | `{expected[1]}` |" not in said
            ] == []
        if contract.rules:
            listed = said.split("-rules")[1].split('<a id="')[0]
            assert listed.count("\n- ") == len(contract.rules)


def test_personal_and_identifying_fields_are_marked() -> None:
    first, *_ = builtin().versions("cn.gov.application.submitted")
    row = next(line for line in section(first).splitlines() if line.startswith("| `applicant.id_number` |"))

    assert row.endswith("| document number | document |")
    assert section(first).count(" | name | ") == [mark.value for mark in first.personal.values()].count("name")
    assert "| `materials[*].digest` | 附件摘要 |" in section(first)


def test_code_lists_are_spelt_out_in_the_language_of_the_page() -> None:
    first, *_ = builtin().versions("cn.gov.application.submitted")

    assert f"`2` {CaseType.PROMISED.text.zh}" in section(first, ".zh-CN")
    assert f"`2` {CaseType.PROMISED.text.en}" in section(first)


def test_a_later_version_says_how_it_differs_and_what_is_lost() -> None:
    second = builtin().versions("cn.gov.evaluation.recorded")[1]
    english, chinese = section(second), section(second, ".zh-CN")

    assert second.conversion is not None
    for step in second.conversion.steps:
        # Underscores inside a word are written as they are, so the texts stand as they are, too.
        assert f"- {step.text().zh}\n" in chinese
        assert f"- {step.text().en}\n" in english
    assert "| `rating` | A new field is required | `FIELD_ADDED_REQUIRED` | senders |" in english
    up, down = english.split("Version 1 → version 2:")[1].split("Version 2 → version 1:")
    assert "| `evaluator` | is lost |" in up
    assert "| `data_source` | is lost |" in down


def test_what_the_older_version_cannot_say_is_told_with_the_code() -> None:
    """Wherever a conversion refuses a code, the page names it."""
    for contract in CONTRACTS:
        refused = [line for line in section(contract).splitlines() if "| cannot be converted |" in line]
        assert [line for line in refused if " = " not in line] == []


def test_the_coverage_has_a_row_for_each_system() -> None:
    for language in ("", ".zh-CN"):
        rows = [line for line in FILES[f"contracts/coverage{language}.md"].splitlines() if re.match(r"\| \d", line)]
        assert len(rows) == 49
        assert all(row.count(" | ") == 3 for row in rows)
        assert f"](cn.gov.seal.requested{language}.md)" in rows[11]


def test_the_life_of_a_case_shows_every_rule_and_every_phase() -> None:
    chinese = FILES["lifecycle.zh-CN.md"]

    numbers = [*(wait.number for wait in WAITS), *(bar.number for bar in BARS)]
    assert [number for number in numbers if f"| {number} |" not in chinese] == []
    assert [phase for phase in Phase if f" {phase.value}: " not in chinese] == []
    assert "handling --> suspended: 特别程序开始" in chinese


def test_labels_of_the_picture_hold_nothing_that_ends_them() -> None:
    for name in ("lifecycle.md", "lifecycle.zh-CN.md"):
        picture = FILES[name].split("```mermaid\n")[1].split("```")[0].splitlines()[1:]
        labels = [line.split(": ", 1)[1] for line in picture if ": " in line]
        assert labels
        assert [label for label in labels if ":" in label or ";" in label] == []


def test_a_contract_says_where_it_stands_in_the_life_of_a_case() -> None:
    licence = FILES["contracts/cn.gov.licence.issued.md"]

    assert "[the life of a case](../lifecycle.md)" in licence
    assert "| R05 | licence | the completion |" in licence
    assert "lifecycle" not in FILES["contracts/cn.gov.notice.requested.md"]


def test_a_contract_says_which_dialects_carry_it() -> None:
    application, notice = (
        FILES[f"contracts/cn.gov.{name}.md"] for name in ("application.submitted", "notice.requested")
    )

    assert "| canonical JSON | JSON | `UTF-8` | version 1" in application
    assert "| canonical JSON | JSON | `UTF-8` | version 1" in notice
    assert "`gbt39046` | XML | `GB2312` | version 1 | version 1 |" in application
    assert "gbt39046" not in notice
