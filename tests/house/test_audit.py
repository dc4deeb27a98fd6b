# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``make audit`` and ``make sbom``: a hole is an error, a database that is away is said, and both are made from the locks."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.house.test_environment import pins
from tests.house.tree import ROOT, run

_HOLE = {"id": "PYSEC-0000-1", "fix_versions": ["2.0"], "aliases": []}
CLEAN = {"name": "sound", "version": "1.0", "vulns": []}
BAD = {"name": "leaky", "version": "1.0", "vulns": [_HOLE]}
UNKNOWN = {"name": "unheard-of", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def audit(said: str, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci/audit.py", *words], input=said, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def found(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize("others", [(), (CLEAN,), (UNKNOWN,), (CLEAN, UNKNOWN)])
def test_a_known_hole_is_an_error_and_named_with_its_remedy(others: tuple[dict[str, Any], ...]) -> None:
    code, text = audit(found(BAD, *others))
    assert code == 1
    assert "leaky 1.0: PYSEC-0000-1" in text
    assert "2.0" in text


@pytest.mark.parametrize("said", ["", "no JSON", "{}", found(), found(UNKNOWN), found(UNKNOWN, UNKNOWN)])
def test_a_database_that_is_away_is_said_and_never_a_clean_bill(said: str) -> None:
    code, text = audit(said)
    assert code == 0
    assert "NOT AUDITED" in text
    assert "without known holes" not in text
    assert audit(said, "--strict")[0] == 3


def test_what_could_not_be_looked_up_is_named_beside_what_could() -> None:
    code, text = audit(found(CLEAN, UNKNOWN))
    assert (code, "1 个包无已知漏洞" in text, "not audited: unheard-of" in text) == (0, True, True)
    assert audit(found(CLEAN, UNKNOWN), "--strict")[0] == 3
    assert audit(found(CLEAN), "--strict")[0] == 0


def test_both_are_made_by_make_from_the_locks() -> None:
    said = run("make", "--dry-run", "--what-if=requirements/audit.lock", "audit", "sbom").stdout
    assert "pip-audit" in said
    assert "--require-hashes --only-binary :all: -r requirements/audit.lock" in said
    assert "cyclonedx-py requirements" in said
    assert "requirements/run.lock" in said
    assert pins("audit").keys() >= {"pip-audit", "cyclonedx-bom"}
