# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The section ``performance``: what would keep reports from being sent is told before."""

from datetime import date
from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

CONFIG = """\
systems: {portal: {}, reporter: {sends: [cn.gov.performance.reported]}}
destinations: {portal: {system: portal, connector: mailbox}}
"""


@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("performance: {system: reporter}", []),
        ("performance: {system: nobody}", ["NAME_UNKNOWN"]),
        ("performance: {system: portal}", ["PERFORMANCE_MUTE"]),
        ("performance: {system: reporter, every: year}", ["E_VALUE"]),
        ("retention: {online_months: 2}\nperformance: {system: reporter, every: quarter}", []),
    ],
)
def test_what_would_keep_reports_from_being_sent_is_told(tmp_path: Path, section: str, codes: list[str]) -> None:
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [portal]}\n")
    (tmp_path / "govhub.yaml").write_text(f"{CONFIG}{section}\n")
    told = load_deployment(tmp_path / "govhub.yaml", today=date(2026, 3, 3))
    faults = told.warnings if isinstance(told, Loaded) else told
    assert [one.code for one in faults] == codes
    assert all(one.at.line >= 3 for one in faults)
