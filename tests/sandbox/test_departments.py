# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The complete departments of the examples: each is configuration only, passes its own cases, and is certified."""

from pathlib import Path

import pytest

from contracts.catalogue import builtin
from contracts.mapping.cases import Ran, run_beside
from contracts.mapping.loading import Loaded, load
from hub.sandbox.scenarios import SCENARIOS
from tests.house.tree import ROOT
from tests.sandbox.conftest import Ground

DEPARTMENTS = sorted((ROOT / "examples").glob("department-*"))


def test_there_are_some() -> None:
    assert DEPARTMENTS


@pytest.mark.parametrize("folder", DEPARTMENTS, ids=lambda folder: folder.name)
async def test_a_department_is_certified_in_every_scenario(ground: Ground, folder: Path) -> None:
    report = await ground.report(folder)
    errors = [
        (one.name, f.code, f.text.en, f.paths) for one in report.outcomes for f in one.findings if f.severity == "error"
    ]
    assert errors == []
    assert report.passed
    assert [one.name for one in report.outcomes] == [scenario.name for scenario in SCENARIOS]


@pytest.mark.parametrize("folder", DEPARTMENTS, ids=lambda folder: folder.name)
def test_a_department_is_configuration_and_no_code(folder: Path) -> None:
    endings = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert endings <= {".yaml", ".json", ".md", ".wsdl", ".xsd", ".sql"}
    assert {"govhub.yaml", "routes.yaml", "sandbox.yaml", "README.md", "README.zh-CN.md"} <= {
        path.name for path in folder.iterdir()
    }


@pytest.mark.parametrize(
    "path",
    [path for folder in DEPARTMENTS for path in folder.glob("mapping*.yaml") if "_test" not in path.name],
    ids=str,
)
def test_a_departments_map_passes_its_cases(path: Path) -> None:
    loaded = load(path, builtin())
    assert isinstance(loaded, Loaded), loaded
    ran = run_beside(path, loaded.site_map, builtin())
    assert isinstance(ran, Ran), ran
    assert ran.results
    assert [result.name for result in ran.results if result.differences] == []
