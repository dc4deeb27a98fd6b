# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every module is one idea, named after it, and says under which licence it may be used."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, modules, name

LONGEST = 400
MEANINGLESS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
NOTICE = ["# SPDX-FileCopyrightText: The govhub authors", "# SPDX-License-Identifier: Apache-2.0"]
MAKE_AND_SHELL = [ROOT / "Makefile", ROOT / "docker/Dockerfile", *sorted((ROOT / ".ci").iterdir())]


def test_no_module_outgrows_one_idea() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*ROOMS)}

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_module_begins_with_its_licence() -> None:
    texts = {name(path): path.read_text(encoding="utf-8") for path in modules(*ROOMS, "tests")}

    # An empty __init__.py says nothing that could be licensed.
    assert [path for path, text in texts.items() if text and text.splitlines()[:2] != NOTICE] == []


@pytest.mark.parametrize("path", MAKE_AND_SHELL, ids=name)
def test_every_script_names_its_licence(path: Path) -> None:
    assert set(NOTICE) <= set(path.read_text(encoding="utf-8").splitlines()[:4])


def test_no_room_without_a_meaning() -> None:
    words = {name(path): set(re.split(r"[/_.]", name(path))) & MEANINGLESS for path in modules(*ROOMS, "tests")}

    assert {path: found for path, found in words.items() if found} == {}


def test_no_class_is_a_manager() -> None:
    """A name that fits every class tells nothing about one."""
    named = re.compile(r"^\s*class \w*(Manager|Helper|Utils?|Base)\b", re.MULTILINE)

    assert [name(path) for path in modules(*ROOMS) if named.search(path.read_text(encoding="utf-8"))] == []


def test_every_folder_with_modules_is_a_package() -> None:
    """Without its __init__.py a folder is left out of the import rules without a word."""
    folders = {path.parent for path in modules(*ROOMS)}

    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
