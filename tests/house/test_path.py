# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A stranger finds the way of a message from hub/path.py alone."""

from pathlib import Path

import pytest

from tests.house.tree import ROOT

STAGES = sorted(path for path in (ROOT / "hub/stages").glob("*.py") if path.name != "__init__.py")


def test_there_is_a_path() -> None:
    assert len(STAGES) >= 3


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("page", ["hub/path.py", "docs/path.md"])
def test_every_stage_stands_in_the_path(stage: Path, page: str) -> None:
    assert stage.stem in (ROOT / page).read_text(encoding="utf-8")
