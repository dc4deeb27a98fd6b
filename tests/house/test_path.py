# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A stranger finds the way of a message from hub/path.py alone."""

from pathlib import Path
from typing import get_args

import pytest

from connectors.sdk import Outcome
from hub.ports.probe import Point
from tests.house.tree import ROOT

STAGES = sorted(path for path in (ROOT / "hub/stages").glob("*.py") if path.name != "__init__.py")


def test_there_is_a_path() -> None:
    assert len(STAGES) >= 3


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("page", ["hub/path.py", "docs/path.md"])
def test_every_stage_stands_in_the_path(stage: Path, page: str) -> None:
    assert stage.stem in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("point", Point)
def test_every_crash_point_is_explained(point: Point) -> None:
    assert f"| `{point.value}` |" in (ROOT / "docs/path.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_outcome_is_explained(outcome: type) -> None:
    assert f"| `{outcome.__name__}` |" in (ROOT / "docs/path.md").read_text(encoding="utf-8")
