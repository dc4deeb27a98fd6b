# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Divisions: what lies inside what, and what became of the retired ones."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.identifiers import region
from contracts.identifiers.region import Region
from contracts.identifiers.successions import Retirement, Successions, load
from tests.contracts.identifiers.numbers import DIGITS, texts

BEFORE, AFTER = date(2013, 10, 17), date(2013, 10, 18)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("510000", "510500"),
        ("510500", "510502"),
        ("510000", "510502001"),
        ("510502", "510502001001"),
        ("510502000000", "510502"),
        ("510502", "510502000"),
        ("510502001", "510502001000"),
    ],
)
def test_what_lies_inside(outer: str, inner: str) -> None:
    assert Region(outer).contains(Region(inner))


@pytest.mark.parametrize(
    ("outer", "other"),
    [("510502", "510500"), ("510500", "511502"), ("510502001", "510502"), ("510502", "510503000000")],
)
def test_what_does_not(outer: str, other: str) -> None:
    assert not Region(outer).contains(Region(other))


@settings(max_examples=60, deadline=None)
@given(st.one_of(texts(DIGITS, 6), texts(DIGITS, 9), texts(DIGITS, 12)), st.sampled_from([2, 4, 6, 9, 12]))
def test_a_place_lies_inside_each_of_its_beginnings(code: str, end: int) -> None:
    place = Region(code)
    outer = Region(code[:end].ljust(len(code), "0")[: len(code)])

    assert place.contains(place)
    assert outer.contains(place)


def test_a_retired_division_has_a_successor_from_its_day_on() -> None:
    assert region.successor(Region("370882"), BEFORE) is None
    assert region.successor(Region("370882"), AFTER) == Region("370812")
    assert region.successor(Region("370882000000"), AFTER) == Region("370812000000")
    assert region.successor(Region("370812"), AFTER) is None


def test_of_a_place_inside_the_table_says_nothing() -> None:
    assert region.successor(Region("370882001"), AFTER) is None


def retired(code: str, successor: str, on: date) -> Retirement:
    return Retirement(code=code, successor=successor, on=on, source="test")


def test_successors_are_followed_as_far_as_the_day_allows() -> None:
    first, second = retired("990001", "990002", date(2020, 1, 1)), retired("990002", "990003", date(2022, 1, 1))
    table = Successions({one.code: one for one in (first, second)})

    assert [table.successor("990001", date(year, 6, 1)) for year in (2019, 2021, 2022)] == [None, "990002", "990003"]


def test_a_site_adds_its_own() -> None:
    own = Successions({"990001": retired("990001", "990002", date(2020, 1, 1))})

    both = region.known().and_also(own)

    assert isinstance(both, Successions)
    assert region.successor(Region("990001"), date(2021, 1, 1), both) == Region("990002")
    assert region.successor(Region("370882"), AFTER, both) == Region("370812")


def test_a_site_cannot_close_a_circle() -> None:
    back = Successions({"370812": retired("370812", "370882", date(2020, 1, 1))})

    assert region.known().and_also(back) in {"370812", "370882"}


LINE = '  - {code: "990001", successor: "990002", on: 2020-01-01, source: test}\n'


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (LINE + LINE, ("E_REGION_TWICE", 4)),
        (LINE + LINE.replace("990002", "990001").replace("990001", "990002", 1), ("E_REGION_CIRCLE", 3)),
        (LINE.replace('"990001"', '"9901"'), ("E_VALUE", 3)),
        (LINE.replace('"990001"', "990001"), ("E_TYPE", 3)),
        (LINE.replace("2020-01-01", "soon"), ("E_TYPE", 3)),
        (LINE.replace("successor", "successer"), ("E_KEY_UNKNOWN", 3)),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_line(tmp_path: Path, lines: str, fault: tuple[str, int]) -> None:
    file = tmp_path / "regions.yaml"
    file.write_text(f"version: 1\nretired:\n{lines}", encoding="utf-8")

    found = load(file)

    assert isinstance(found, tuple)
    assert fault in [(one.code, one.at.line) for one in found]


def test_a_missing_table_is_a_fault(tmp_path: Path) -> None:
    found = load(tmp_path / "none.yaml")

    assert isinstance(found, tuple)
    assert [one.code for one in found] == ["E_FILE_MISSING"]
