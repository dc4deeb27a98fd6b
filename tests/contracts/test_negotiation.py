# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a system is given, decided from what it declared: its dialects first, then the version nearest to what was sent."""

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.conversion import Conversion
from contracts.dialects.canonical import Canonical
from contracts.dialects.dialect import CANONICAL, Dialect
from contracts.dialects.loading import Dialects, load_dialects
from contracts.mapping.loading import shipped
from contracts.negotiation import EVERY, Spoken, Terms, negotiate
from contracts.registry import Registry
from contracts.text import Text

VISIT, OTHER = "cn.example.visit", "cn.example.other"
VERSIONS = range(1, 6)


class Visit(BaseModel):
    case_no: str


def contract(version: int, type_: str = VISIT, *, apart: bool = False) -> Contract:
    """A version of a made-up type; ``apart``: nothing leads to it from the version before."""
    text = Text("测试", "for tests")
    leads = None if version == 1 or apart else Conversion(())
    return Contract(type=type_, version=version, title=text, meaning=text, model=Visit, conversion=leads)


REGISTRY = Registry([*map(contract, VERSIONS), contract(1, OTHER), contract(2, OTHER)])
PLAIN = Canonical(REGISTRY)


def uri(version: int, type_: str = VISIT) -> str:
    return contract(version, type_).schema_uri


def site(name: str, *versions: int) -> Dialect:
    """A dialect that can write only these versions."""
    return Canonical(Registry(map(contract, versions)), name)


def ways(terms: Terms, sent: int, type_: str = VISIT) -> list[tuple[str, int]]:
    """Dialect and version of each way, the best first."""
    return [(way.dialect.name, way.contract.version) for way in terms.of(uri(sent, type_))]


def versions(terms: Terms, sent: int, type_: str = VISIT) -> list[int]:
    return [version for _, version in ways(terms, sent, type_)]


def agreed(*known: int, dialects: tuple[Dialect, ...] = (PLAIN,), registry: Registry = REGISTRY) -> Terms:
    """The terms with a system that says it understands these versions of the visit; none: it says nothing."""
    return negotiate(registry, Spoken({VISIT: frozenset(known)} if known else {}, dialects))


def test_what_was_sent_comes_first_then_the_nearest_and_of_two_the_newer() -> None:
    terms = agreed(*VERSIONS)

    assert {sent: versions(terms, sent) for sent in VERSIONS} == {
        1: [1, 2, 3, 4, 5],
        2: [2, 3, 1, 4, 5],
        3: [3, 4, 2, 5, 1],
        4: [4, 5, 3, 2, 1],
        5: [5, 4, 3, 2, 1],
    }


def test_only_what_is_understood_is_given() -> None:
    assert versions(agreed(1, 2, 5), 3) == [2, 5, 1]
    assert versions(agreed(1, 5), 3) == [5, 1]
    assert versions(agreed(1), 5) == [1]


def test_what_nobody_can_say_is_not_served() -> None:
    terms = agreed(9)

    assert [terms.of(uri(sent)) for sent in VERSIONS] == [()] * len(VERSIONS)
    assert terms.of("urn:govhub:contract:cn.example.nobody:1") == ()


def test_a_better_liked_dialect_comes_before_a_nearer_version() -> None:
    terms = agreed(*VERSIONS, dialects=(site("rows", 1), PLAIN, site("xml", 3, 4)))

    assert ways(terms, 4) == [
        ("rows", 1),
        (CANONICAL, 4), (CANONICAL, 5), (CANONICAL, 3), (CANONICAL, 2), (CANONICAL, 1),
        ("xml", 4), ("xml", 3),
    ]  # fmt: skip


def test_a_dialect_is_given_only_what_both_can() -> None:
    assert ways(agreed(2, 3, dialects=(site("rows", 1, 2),)), 1) == [("rows", 2)]
    assert ways(agreed(3, dialects=(site("rows", 1, 2),)), 1) == []


class TestSilence:
    def test_canonical_json_comes_as_it_was_sent(self) -> None:
        terms = agreed()

        assert [versions(terms, sent) for sent in VERSIONS] == [[sent] for sent in VERSIONS]

    def test_a_map_stands_for_what_its_site_understands(self) -> None:
        terms = agreed(dialects=(site("rows", 1, 4),))

        assert {sent: versions(terms, sent) for sent in VERSIONS} == {
            1: [1, 4],
            2: [1, 4],
            3: [4, 1],
            4: [4, 1],
            5: [4, 1],
        }

    def test_a_map_without_the_type_serves_nothing_of_it(self) -> None:
        assert ways(agreed(dialects=(site("rows", 1),)), 1, OTHER) == []

    def test_behind_a_map_canonical_json_still_comes_as_sent(self) -> None:
        assert ways(agreed(dialects=(site("rows", 1), PLAIN)), 3) == [("rows", 1), (CANONICAL, 3)]


class TestEvery:
    def test_it_stands_for_the_types_that_are_not_named(self) -> None:
        terms = negotiate(REGISTRY, Spoken({EVERY: frozenset({1}), VISIT: frozenset({3})}, (PLAIN,)))

        assert versions(terms, 2) == [3]
        assert versions(terms, 2, OTHER) == [1]

    def test_without_it_the_others_come_as_sent(self) -> None:
        terms = agreed(3)

        assert versions(terms, 2, OTHER) == [2]

    def test_it_may_name_a_version_that_a_type_does_not_have(self) -> None:
        terms = negotiate(REGISTRY, Spoken({EVERY: frozenset({2, 5})}, (PLAIN,)))

        assert versions(terms, 1, OTHER) == [2]
        assert versions(terms, 1) == [2, 5]


class TestGaps:
    """Where no conversion leads from one version to the next, nothing does."""

    REGISTRY = Registry([contract(1), contract(2), contract(3, apart=True), contract(4), contract(5)])

    def test_nothing_is_given_from_beyond_one(self) -> None:
        terms = agreed(*VERSIONS, dialects=(Canonical(self.REGISTRY),), registry=self.REGISTRY)

        assert {sent: versions(terms, sent) for sent in VERSIONS} == {
            1: [1, 2],
            2: [2, 1],
            3: [3, 4, 5],
            4: [4, 5, 3],
            5: [5, 4, 3],
        }

    @pytest.mark.parametrize(("known", "sent"), [(2, 4), (4, 1)])
    def test_who_knows_only_that_is_not_served(self, known: int, sent: int) -> None:
        terms = agreed(known, dialects=(Canonical(self.REGISTRY),), registry=self.REGISTRY)

        assert ways(terms, sent) == []


@settings(max_examples=80, deadline=None)
@given(known=st.sets(st.sampled_from(VERSIONS), min_size=1), written=st.sets(st.sampled_from(VERSIONS), min_size=1))
def test_everything_common_is_offered_once_and_never_a_farther_one_before_a_nearer(
    known: Collection[int], written: Collection[int]
) -> None:
    terms = agreed(*known, dialects=(site("rows", *written),))
    for sent in VERSIONS:
        found = versions(terms, sent)
        assert sorted(found) == sorted(set(known) & set(written))
        assert [abs(one - sent) for one in found] == sorted(abs(one - sent) for one in found)


def test_the_shipped_maps_give_every_department_something_of_what_they_have() -> None:
    loaded = load_dialects(shipped(), builtin())
    assert isinstance(loaded, Dialects)
    for name, dialect in loaded.by_name.items():
        terms = negotiate(builtin(), Spoken({}, (dialect,)))
        types = {one.type for one in dialect.writes()}
        served = {one.type for one in builtin().all() if terms.of(one.schema_uri)}
        assert served == types, name
