# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin that keeps only the suites of one connector and writes down how it fared with each rule.

Given as ``-p connectors.sdk.reporting``; told by the environment which reference and where to write. Not loaded otherwise.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

REFERENCE = "GOVHUB_SUITE_REFERENCE"
"""The reference whose suites are run."""
REPORT = "GOVHUB_SUITE_REPORT"
"""The file the results go to: a JSON object per line."""

_RULE = pytest.StashKey[dict[str, str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the rules of this reference's suites."""
    wanted = os.environ[REFERENCE]
    kept = [item for item in items if _suite(item) == wanted and _about(item) is not None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:  # noqa: ARG001  # because pytest calls it so
    """Write one line when a rule was run, or could not be."""
    report: Any = yield
    about = _about(item)
    if about is not None and (report.when == "call" or report.failed):
        result = "exempt" if hasattr(report, "wasxfail") else report.outcome
        line = {**about, "suite": _name(item), "result": result, "said": _said(report)}
        with Path(os.environ[REPORT]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return report


def _suite(item: pytest.Item) -> str:
    return str(getattr(getattr(item, "cls", None), "reference", ""))


def _name(item: pytest.Item) -> str:
    return str(getattr(getattr(item, "cls", None), "__name__", ""))


def _about(item: pytest.Item) -> dict[str, str] | None:
    """The rule an item tries; None for one that tries none."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    rule = parameters.get("rule")
    if rule is None or not hasattr(rule, "check"):
        return None
    meaning = (rule.check.__doc__ or "").strip().partition("\n")[0]
    return {"rule": rule.name, "isolation": str(parameters.get("isolation", "none")), "meaning": meaning}


def _said(report: Any) -> str:
    """Why it is exempt, or how the rule was broken."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(getattr(crash, "message", report.longrepr or ""))
    return text.removeprefix("AssertionError: ").partition("\nassert ")[0][:500]
