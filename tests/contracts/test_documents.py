# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The generated pages say what the code says today."""

import subprocess
import sys
from pathlib import Path

import pytest

from contracts import documents
from contracts.catalogue import builtin
from contracts.refusal_codes import CODES, VIOLATION_CODES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", documents.pages())
def test_no_page_is_stale(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")

    assert written == documents.pages()[name], "run: python -m contracts.documents"


def test_the_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "contracts.documents", str(tmp_path)], check=True, cwd=DOCS.parent)

    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"contracts.md", "contracts/coverage.md", "problems.md"}


def test_every_code_and_every_field_is_listed() -> None:
    problems, contracts = documents.problems_page(), documents.contracts_page()

    assert [code for code in (*CODES, *VIOLATION_CODES) if f"| `{code}` |" not in problems] == []
    for contract in builtin().all():
        anchor = f"{contract.type}-{contract.version}".replace(".", "-")
        section = contracts.split(f'<a id="{anchor}"></a>')[1].split("<a id=")[0]
        assert [name for name in contract.model.model_fields if f"| `{name}` |" not in section] == []
        assert [rule for rule in contract.rules if rule.text().zh not in section] == []


def test_nested_fields_and_code_lists_are_spelt_out() -> None:
    page = documents.contracts_page()

    assert "| `materials[*].digest` | 附件摘要 |" in page
    assert "| `applicant.id_number` | 申请者证件号码 | ✓ |" in page
    assert "`2` 承诺件" in page
