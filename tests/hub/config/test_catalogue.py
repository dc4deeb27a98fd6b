# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The section ``items`` of a deployment: what is wrong with it is told with its place."""

from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

CONFIG = """\
systems: {catalogue: {}, portal: {}}
destinations:
  items: {system: catalogue, connector: mailbox}
  portal: {system: portal, connector: rest, settings: {url: "http://127.0.0.1:9/"}}
"""


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ("{inbox: itens}", "NAME_UNKNOWN"),
        ("{inbox: portal}", "INBOX_UNFIT"),
        ('{inbox: items, full: {begins: "24:00", ends: "05:00"}}', None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, items: str, code: str | None) -> None:
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [items]}\n")
    (tmp_path / "govhub.yaml").write_text(f"{CONFIG}items: {items}\n")
    faults = load_deployment(tmp_path / "govhub.yaml")
    assert not isinstance(faults, Loaded)
    told = [fault for fault in faults if fault.severity == "error"]
    assert [fault.at.line for fault in told] == [5]
    assert code is None or told[0].code == code
