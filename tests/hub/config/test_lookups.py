# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Lookups in the deployment file: where each runs, ours and those of third parties."""

import sys
from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

_FILE = """
systems: {{portal: {{}}, housing: {{}}}}
destinations: {{housing: {{system: housing, connector: mailbox}}}}
lookups:
  people: {{connector: {connector}, settings: {settings}, systems: [portal]{more}}}
"""
_ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: housing}\n"
_OURS = "{url: 'http://127.0.0.1/{c.n}', required: [n], answers: [{means: found, statuses: [200], records: /d}]}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a deployment, where another distribution offers a lookup."""
    metadata = tmp_path / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[govhub.connectors]\nbad_lookup = tests.connectors.hostile.bad_lookup:CONNECTOR\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "routes.yaml").write_text(_ROUTES, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("connector", "settings", "more", "isolation"),
    [
        ("rest_query", _OURS, "", "hub"),
        ("rest_query", _OURS, ", isolation: process", "process"),
        ("bad_lookup", "{}", "", "process"),
        ("bad_lookup", "{}", ", isolation: hub", "hub"),
    ],
)
def test_third_parties_run_apart_unless_it_is_said_otherwise(
    site: Path, connector: str, settings: str, more: str, isolation: str
) -> None:
    file = site / "govhub.yaml"
    file.write_text(_FILE.format(connector=connector, settings=settings, more=more), encoding="utf-8")
    loaded = load_deployment(file, {})

    assert isinstance(loaded, Loaded), loaded
    assert loaded.lookups["people"].isolation == isolation
