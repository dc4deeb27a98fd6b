# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The section ``lifecycle``: the first rule that fits decides, and what is wrong is told with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.fault import Fault
from hub.config.load import Loaded, load_deployment
from hub.lifecycle import CasePolicy, Policies
from hub.ports.journal import Rigour

CONFIG = """\
systems: {housing: {}, counter: {}}
destinations:
  housing: {system: housing, connector: mailbox}
"""


def load(folder: Path, section: str) -> Loaded | tuple[Fault, ...]:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    (folder / "govhub.yaml").write_text(f"{CONFIG}{section}\n")
    return load_deployment(folder / "govhub.yaml")


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "lifecycle: {policy: warn, wait_hours: 8, begins: completion, rules: ["
        '{systems: [housing], items: ["1151*", "X"], policy: enforce, wait_hours: 0.5, begins: acceptance}, '
        "{systems: [housing], policy: observe}]}",
    )
    assert isinstance(loaded, Loaded), loaded
    policies = Policies.of(loaded.deployment.lifecycle)
    assert policies is not None
    strict = CasePolicy(Rigour.ENFORCE, wait=timedelta(minutes=30))
    assert policies.for_message("housing", "11510502") == strict
    assert policies.for_message("housing", "X") == strict
    assert policies.for_message("housing", "XY") == CasePolicy(
        Rigour.OBSERVE, begins_anywhere=True, wait=timedelta(hours=8)
    )
    assert policies.for_message("counter", "X") == CasePolicy(
        Rigour.WARN, begins_anywhere=True, wait=timedelta(hours=8)
    )


def test_without_the_section_nothing_is_followed(tmp_path: Path) -> None:
    loaded = load(tmp_path, "")
    assert isinstance(loaded, Loaded), loaded
    assert Policies.of(loaded.deployment.lifecycle) is None


@pytest.mark.parametrize(
    "section",
    [
        "{policy: strict}",
        "{wait_hours: 0}",
        "{begins: application}",
        "{rules: [{systems: [houssing], policy: warn}]}",
        "{rules: [{policy: warn, items: ['a*b']}]}",
        "{rules: [{systems: [housing]}]}",
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, section: str) -> None:
    told = load(tmp_path, f"lifecycle: {section}")
    assert not isinstance(told, Loaded)
    assert {one.at.line for one in told if one.severity == "error"} == {4}
