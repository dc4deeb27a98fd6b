# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sources in the deployment file: what can be opened, and what is told about the others."""

from pathlib import Path

import pytest

from connectors.amqp.config import SourceConfig
from hub.config.load import Loaded, load_deployment

_FILE = """
systems: {{portal: {{}}, housing: {{}}}}
destinations: {{housing: {{system: housing, connector: mailbox}}}}
sources:
  queue:
    system: {system}
    connector: {connector}
    settings: {settings}
"""
_ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: housing}\n"
SOUND = "{url: 'amqp://host/', queue: q, refused_queue: r}"


def load(folder: Path, system: str = "portal", connector: str = "amqp", settings: str = SOUND) -> object:
    (folder / "routes.yaml").write_text(_ROUTES, encoding="utf-8")
    file = folder / "govhub.yaml"
    file.write_text(_FILE.format(system=system, connector=connector, settings=settings), encoding="utf-8")
    return load_deployment(file, {})


def test_a_source_is_ready_to_open(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert isinstance(loaded, Loaded), loaded
    assert isinstance(loaded.intakes["queue"].settings, SourceConfig)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"system": "nobody"}, "sources.queue.system"),
        ({"connector": "mailbox"}, "sources.queue.connector"),
        ({"connector": "fax"}, "sources.queue.connector"),
        ({"settings": "{url: 'amqp://host/', queue: q}"}, "sources.queue.settings"),
        ({"settings": "{url: 'http://host/', queue: q, refused_queue: r}"}, "sources.queue.settings.url"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, wrong: dict[str, str], path: str) -> None:
    faults = load(tmp_path, **wrong)
    assert isinstance(faults, tuple)
    assert [(fault.path, fault.at.line > 0) for fault in faults] == [(path, True)]
