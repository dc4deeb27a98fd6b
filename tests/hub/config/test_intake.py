# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sources in the deployment file: what can be opened, and what is told about the others."""

import sys
from pathlib import Path

import pytest

from connectors.amqp.config import SourceConfig
from hub.config.answering import answers_for
from hub.config.load import Loaded, load_deployment
from hub.openings import policy_of

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


def offered_by_acme(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, reference: str) -> None:
    """Another distribution is installed, which offers this kind."""
    metadata = folder / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[govhub.connectors]\n{kind} = {reference}\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])


def test_a_source_is_ready_to_open(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert isinstance(loaded, Loaded), loaded
    assert isinstance(loaded.intakes["queue"].settings, SourceConfig)


def test_ours_run_in_the_hub_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    here, apart = load(tmp_path), load(tmp_path, connector="amqp\n    isolation: process")
    assert isinstance(here, Loaded)
    assert isinstance(apart, Loaded), apart
    assert [getattr(one.intakes["queue"], "isolation", "") for one in (here, apart)] == ["hub", "process"]


def test_a_third_partys_source_runs_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered_by_acme(tmp_path, monkeypatch, "bad", "tests.connectors.hostile.bad_source:CONNECTOR")
    loaded = load(tmp_path, connector="bad", settings="{}")
    assert isinstance(loaded, Loaded), loaded
    assert getattr(loaded.intakes["queue"], "isolation", "") == "process"


@pytest.mark.parametrize(("said", "isolation"), [("", "process"), ("\n    isolation: hub", "hub")])
def test_a_third_partys_receiver_does_too_unless_it_is_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, isolation: str
) -> None:
    offered_by_acme(tmp_path, monkeypatch, "bad_receiver", "tests.connectors.hostile.bad_receiver:CONNECTOR")
    loaded = load(tmp_path, connector=f"bad_receiver{said}", settings="{}")
    assert isinstance(loaded, Loaded), loaded
    assert loaded.intakes["queue"].isolation == isolation


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


def hook(folder: Path, *, system: str = "housing", answers_for: str = "seals") -> object:
    """A webhook that answers for a destination."""
    (folder / "routes.yaml").write_text(_ROUTES.replace("housing", "seals"), encoding="utf-8")
    file = folder / "govhub.yaml"
    file.write_text(
        f"""
systems: {{portal: {{}}, housing: {{}}}}
destinations:
  seals: {{system: housing, connector: rest, settings: {{url: "https://seals.example/", answer_within: 60}}}}
sources:
  reports:
    system: {system}
    connector: rest
    settings:
      anybody: true
      answers_for: {answers_for}
      answer: {{reference: "{{/id}}", outcome: "{{/status}}", delivered: [OK]}}
""",
        encoding="utf-8",
    )
    return load_deployment(file, {})


def test_a_source_may_answer_for_a_destination_of_its_own_system(tmp_path: Path) -> None:
    loaded = hook(tmp_path)
    assert isinstance(loaded, Loaded), loaded
    assert answers_for(loaded.intakes["reports"].settings, {}) == "seals"
    assert policy_of(loaded.endpoints["seals"]).answer_within == 60.0


@pytest.mark.parametrize(
    ("wrong", "code"), [({"system": "portal"}, "ANSWERS_FOREIGN"), ({"answers_for": "seal"}, "NAME_UNKNOWN")]
)
def test_it_answers_for_nobody_else(tmp_path: Path, wrong: dict[str, str], code: str) -> None:
    faults = hook(tmp_path, **wrong)
    assert isinstance(faults, tuple)
    (fault,) = faults
    assert (fault.code, fault.path) == (code, "sources.reports.settings.answers_for")
    assert fault.at.line == 11
