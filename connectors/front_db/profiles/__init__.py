# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sets of settings that ship with govhub, as data: a YAML file each, with the DDL of its tables beside it."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal, TypeAlias

from connectors.front_db.profiles.statements import Make, script
from contracts.fault import Fault
from contracts.located import read

Profile: TypeAlias = Literal["national_v3", "national_v4", "supervision"]

FILE = "profile.yaml"
"""What a profile's folder has its settings in."""
SUPERVISION = Path(__file__).parent / "supervision"
"""The folder of the profile of that name: settings, map, samples and tables. A site copies it where its platform differs."""


@cache
def _read(name: str) -> Mapping[str, Any]:
    folder = files(__name__)
    file = folder.joinpath(name, FILE) if folder.joinpath(name).is_dir() else folder.joinpath(f"{name}.yaml")
    with as_file(file) as path:
        document = read(path)
    if isinstance(document, Fault) or not isinstance(document.value, dict):
        return {}  # what a name that nobody knows says: the settings say that it is wrong
    return document.value


def defaults(name: str, role: str) -> Mapping[str, Any]:
    """The settings of a profile for a role, ``sink`` or ``source``; none for a profile that is not there."""
    return _read(name).get(role, {}) if name.isidentifier() else {}


def defaults_in(folder: str, role: str) -> Mapping[str, Any] | Fault:
    """The settings for a role in a profile's folder: a province's own specification, kept as ``profile.yaml``."""
    document = read(Path(folder) / FILE)
    if isinstance(document, Fault):
        return document
    said = document.value.get(role, {}) if isinstance(document.value, dict) else {}
    return said if isinstance(said, Mapping) else {}


def ddl(name: Profile, make: Make) -> str:
    """The statements that make a profile's tables."""
    if name == "supervision":
        tables = read(SUPERVISION / "tables.yaml")
        assert not isinstance(tables, Fault), "it ships with this module"
        return script(tables.value["tables"], "", make)
    return script(_read("national_tables")["tables"], name.removeprefix("national_"), make)
