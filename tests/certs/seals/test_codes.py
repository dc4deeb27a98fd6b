# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every code is explained where people read, as the program explains it."""

import pytest

from certs.seals.codes import CODES
from tests.house.tree import ROOT


@pytest.mark.parametrize(("page", "language"), [("docs/seals.zh-CN.md", 0), ("docs/seals.md", 1)])
def test_the_page_says_what_the_program_says(page: str, language: int) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = [
        code
        for code, meaning in CODES.items()
        if f"| `{code}` | {meaning.says[language]} | {meaning.remedy[language]} |" not in text
    ]

    assert missing == []
