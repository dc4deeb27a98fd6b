# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A manifest's digests: what they are over, and that a list which contradicts its sums is noticed."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.contract import Checked
from contracts.example import but
from contracts.families.oversight.manifest import Entry, ListAddsUp, NoMessageTwice, manifest_digest
from contracts.families.oversight.reconciliation_declared import CONTRACT
from tests.contracts.events import JSON_VALUES

ENTRIES = (
    Entry("portal", "b", "sha256:" + "0a" * 32),
    Entry("门户", "a", "sha256:" + "0a" * 32),
    Entry("portal", "a", "sha256:" + "0b" * 32),
)
WHOLE = CONTRACT.examples[1].data
PAGE = CONTRACT.examples[2].data


def broken(data: dict[str, Any]) -> list[str]:
    found = CONTRACT.check(data, data["manifest_no"])
    return [] if isinstance(found, Checked) else [violation.path for violation in found]


def test_the_digest_is_that_of_sorted_lines_as_the_usual_tools_make_it(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_bytes(b"".join(f"{digest}\t{source}\t{id_}\n".encode() for source, id_, digest in ENTRIES))

    told = subprocess.run(
        f"LC_ALL=C sort -u '{lines}' | sha256sum", shell=True, check=True, capture_output=True, text=True
    ).stdout

    assert manifest_digest(ENTRIES) == f"sha256:{told.split()[0]}"


def test_the_digest_of_nothing() -> None:
    assert manifest_digest(()) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.permutations([*ENTRIES, ENTRIES[0]]))
def test_neither_order_nor_repetition_counts(entries: list[Entry]) -> None:
    assert manifest_digest(entries) == manifest_digest(ENTRIES)


@pytest.mark.parametrize("name", Entry._fields)
def test_every_part_counts(name: str) -> None:
    changed = ENTRIES[0]._replace(**{name: "sha256:" + "0c" * 32})

    assert manifest_digest((changed, *ENTRIES[1:])) != manifest_digest(ENTRIES)


def test_a_list_that_is_whole_adds_up() -> None:
    assert broken(WHOLE) == []
    assert broken(but(WHOLE, count=4)) == ["$.data.count"]
    assert broken(but(WHOLE, digest="sha256:" + "00" * 32)) == ["$.data.digest"]
    assert broken(but(WHOLE, contracts=WHOLE["contracts"][:1])) == ["$.data.contracts"]
    assert broken(
        but(WHOLE, contracts=[*WHOLE["contracts"], {**WHOLE["contracts"][0], "contract_type": "cn.gov.x"}])
    ) == [
        "$.data.contracts[2].count",
        "$.data.contracts[2].digest",
    ]


def test_of_a_page_and_of_a_list_wrong_in_itself_nothing_is_said() -> None:
    assert broken(PAGE) == []
    assert list(ListAddsUp().broken(but(WHOLE, count=4, entries=[*WHOLE["entries"], {"id": 7}]))) == []


def test_one_id_of_two_sources_is_two_messages() -> None:
    entries = [{"source": "portal", "id": "1"}, {"source": "window", "id": "1"}, {"source": "portal", "id": "1"}]

    assert [found.path for found in NoMessageTwice("entries").broken({"entries": entries})] == ["$.data.entries[2].id"]


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_rule_raise(one: object, other: object) -> None:
    entry = {"contract_type": one, "source": other, "id": one, "digest": other}
    for data in (
        {"entries": [entry], "contracts": [one, {"contract_type": other}]},
        {"entries": one, "contracts": other},
    ):
        for rule in CONTRACT.rules:
            list(rule.broken({**data, "count": other, "digest": one, "page": None}))


def test_lone_surrogates_are_no_trouble() -> None:
    assert manifest_digest([Entry("\ud800", "1", "x")]).startswith("sha256:")
