# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination behind others: what cannot be is told with its place."""

from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

CONFIG = """\
systems: {{province: {{}}, other: {{}}}}
destinations:
  live: {{system: province, connector: mailbox, after: [{after}]}}
  load: {{system: province, connector: mailbox}}
  behind: {{system: province, connector: mailbox, after: [load]}}
  others: {{system: other, connector: mailbox}}
"""


def loaded(folder: Path, after: str) -> object:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [live]}\n")
    (folder / "govhub.yaml").write_text(CONFIG.format(after=after))
    return load_deployment(folder / "govhub.yaml")


@pytest.mark.parametrize(
    ("after", "code"),
    [("nowhere", "NAME_UNKNOWN"), ("others", "AFTER_MISFIT"), ("live", "AFTER_MISFIT"), ("behind", "AFTER_MISFIT")],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, after: str, code: str) -> None:
    faults = loaded(tmp_path, after)
    assert isinstance(faults, tuple)
    assert [(one.code, one.at.line) for one in faults if one.severity == "error"] == [(code, 3)]


def test_behind_another_of_its_system(tmp_path: Path) -> None:
    found = loaded(tmp_path, "load")
    assert isinstance(found, Loaded)
    assert found.endpoints["live"].section.after == ("load",)
