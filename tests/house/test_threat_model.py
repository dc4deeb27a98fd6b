# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``docs/threat-model.md``: every threat has a control, a default and tests, and the tests that it names exist."""

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.house.tree import ROOT

PAGE = ROOT / "docs/threat-model.md"
_ROW = re.compile(r"^\| (?P<id>[ST]\d+) \| (?P<rest>.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)(?:::(?P<name>test_\w+))?`")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    threat: str
    control: str
    default: str
    tests: tuple[tuple[str, str | None], ...]


def rows() -> dict[str, Row]:
    found = {}
    for match in _ROW.finditer(PAGE.read_text(encoding="utf-8")):
        threat, control, default, tests = match["rest"].split(" | ")
        named = tuple((one["file"], one["name"]) for one in _TEST.finditer(tests))
        assert match["id"] not in found, f"{match['id']} stands twice"
        found[match["id"]] = Row(match["id"], threat, control, default, named)
    return found


ROWS = rows()


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_abuse_of_the_catalogue_and_every_fault_of_time_has_its_row() -> None:
    assert set(ROWS) == {*(f"S{n}" for n in range(1, 22)), *(f"T{n}" for n in range(1, 5))}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_control_and_default_and_names_tests_that_exist(row: str) -> None:
    one = ROWS[row]
    assert all(cell.strip() for cell in (one.threat, one.control, one.default))
    assert one.tests, f"{row} names no test"
    for file, name in one.tests:
        assert (ROOT / file).is_file(), f"{row}: {file} is not there"
        found = functions(file)
        if name is None:
            assert any(each.startswith("test_") for each in found), f"{row}: {file} has no test"
        else:
            assert name in found, f"{row}: {file} has no {name}"


def test_what_is_named_after_a_row_stands_in_it() -> None:
    """Whoever writes ``test_s07_…`` finds it listed, so that the page is never behind."""
    for file in sorted((ROOT / "tests/abuse").glob("test_*.py")):
        name = f"tests/abuse/{file.name}"
        numbers = {match[1] for each in functions(name) if (match := re.match(r"test_([st]\d\d)_", each))}
        for number in numbers:
            row = ROWS[f"{number[0].upper()}{int(number[1:])}"]
            assert name in {listed for listed, _ in row.tests}, f"{name} is not in the row {row.id}"
