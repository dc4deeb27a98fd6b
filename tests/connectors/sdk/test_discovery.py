# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is installed is found; what is broken is a value."""

import sys
from pathlib import Path

import pytest

from connectors import mailbox, rest
from connectors.sdk import Connector
from connectors.sdk.discovery import Broken, load, offered


def install(folder: Path, distribution: str, entries: str) -> None:
    """A distribution as pip leaves it behind."""
    metadata = folder / f"{distribution}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[govhub.connectors]\n{entries}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return tmp_path


def found(name: str) -> Connector | Broken:
    """The installed kind of that name, loaded."""
    entry = offered()[name]
    return entry if isinstance(entry, Broken) else load(entry.value, name)


def test_ours_are_found() -> None:
    assert found("rest") is rest.CONNECTOR
    assert found("mailbox") is mailbox.CONNECTOR


def test_listing_imports_nothing(site: Path) -> None:
    install(site, "third-party", "fax = third_party_fax:CONNECTOR")

    assert "fax" in offered()
    assert "third_party_fax" not in sys.modules


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("absent", None, "cannot be loaded: ModuleNotFoundError"),
        ("raising", "raise RuntimeError('secret')", "cannot be loaded: RuntimeError"),
        ("leaving", "raise SystemExit(3)", "cannot be loaded: SystemExit"),
        ("misspelt", "CONNECTER = 1", "cannot be loaded: AttributeError"),
        ("nothing", "CONNECTOR = None", "has no manifest"),
        ("renamed", "from connectors.rest import CONNECTOR", "calls itself 'rest', but is installed as 'renamed'"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, source: str | None, reason: str, site: Path) -> None:
    module = f"broken_{name}"
    if source is not None:
        (site / f"{module}.py").write_text(source)
    install(site, f"dist-{name}", f"{name} = {module}:CONNECTOR")

    assert found(name) == Broken(name, f"{module}:CONNECTOR {reason}")
    assert found("rest") is rest.CONNECTOR


@pytest.mark.parametrize("reference", ["", ":", "rest", "a b:c", "connectors.rest:CONNECTOR.nothing"])
def test_a_reference_that_names_nothing(reference: str) -> None:
    assert isinstance(load(reference, "rest"), Broken)


def test_a_name_claimed_twice_belongs_to_nobody(site: Path) -> None:
    install(site, "rival", "rest = rival:CONNECTOR")

    assert found("rest") == Broken("rest", "more than one installed distribution offers this name")


class TestIncomplete:
    def test_each_missing_part_is_named(self, site: Path) -> None:
        (site / "half.py").write_text(
            "from connectors.mailbox import CONNECTOR as whole\n"
            "class Half:\n    manifest = whole.manifest\n"
            "class Mute(Half):\n    config = whole.config\n"
            "HALF, MUTE = Half(), Mute()\n"
        )

        assert load("half:HALF", "mailbox") == Broken("mailbox", "half:HALF has no config, promises, sink")
        assert load("half:MUTE", "mailbox") == Broken("mailbox", "half:MUTE has no promises, sink")
