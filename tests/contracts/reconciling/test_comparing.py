# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two sides compared: exactly what differs is found, by little that is exchanged, and no far side is believed by halves."""

from collections import defaultdict
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import RecordDifference
from contracts.reconciling.agreed import Agreed
from contracts.reconciling.comparing import Descent, Difference, descend, differences
from contracts.reconciling.declared import Contradiction, Declared, beginning, with_more
from contracts.reconciling.tree import (
    LATE,
    NOTHING,
    Sum,
    Tree,
    bucket_name,
    bucket_of,
    children_of,
    grown,
    is_bucket,
    place_of,
    sum_of_children,
    sum_of_lines,
)

AGREED = Agreed("cn.gov.x", 1)
TWICE, DIFFERS = RecordDifference.TWICE, RecordDifference.DIFFERS
THERE, HERE = RecordDifference.MISSING_THERE, RecordDifference.MISSING_HERE


def line(case: str, content: str = "0") -> bytes:
    return AGREED.key(case, {}) + AGREED.rest(1, content * 64)


class Side:
    """One side's lines, and what it tells of them when it is asked."""

    def __init__(self, lines: Iterable[bytes], late: Iterable[bytes] = ()) -> None:
        self.buckets: defaultdict[str, list[bytes]] = defaultdict(list)
        for each, prefix in ((lines, ""), (late, LATE)):
            for one in each:
                self.buckets[prefix + bucket_name(bucket_of(one.decode().partition("\t")[0]))].append(one)
        self.tree = grown({name: sum_of_lines(found) for name, found in self.buckets.items()})
        self.told = 0

    def begin(self, *, late: bool = False) -> Declared:
        return beginning(self.tree.at(""), self.tree.at(LATE) if late else None)

    def open(self, known: Declared, wanted: Iterable[str]) -> Declared:
        nodes: dict[str, Sum] = {}
        rows: dict[str, list[bytes]] = {}
        for name in wanted:
            if is_bucket(name):
                rows[name] = self.buckets[name]
            else:
                nodes |= self.tree.below(name)
        self.told += len(nodes) + sum(map(len, rows.values()))
        more = with_more(known, nodes, rows)
        assert isinstance(more, Declared)
        return more


def reconciled(own: Side, far: Side, *, late: bool = False) -> list[Difference]:
    known = far.begin(late=late)
    descent = descend(own.tree, known)
    while descent.wanted:
        known = far.open(known, descent.wanted)
        descent = descend(own.tree, known)
    ours = [one for name in descent.opened for one in own.buckets.get(name, [])]
    theirs = [one for name in descent.opened for one in known.lines(name) or ()]
    return list(differences(ours, theirs))


def test_sides_that_agree_exchange_a_root() -> None:
    lines = [line(f"case-{n}") for n in range(500)]
    own, far = Side(lines), Side(reversed(lines))

    assert descend(own.tree, far.begin()) == Descent(agreed=True)
    assert far.told == 0


def test_just_what_was_dropped_altered_doubled_and_added_is_found_by_exchanging_little() -> None:
    lines = {f"case-{n}": line(f"case-{n}") for n in range(20_000)}
    far = dict(lines)
    del far["case-17"]
    far["case-18"] = line("case-18", "1")
    far["stranger"] = line("stranger")
    own_side, far_side = Side(lines.values()), Side([*far.values(), lines["case-19"]])

    assert [(one.kind, one.case) for one in reconciled(own_side, far_side)] == [
        (THERE, "case-17"),
        (DIFFERS, "case-18"),
        (TWICE, "case-19"),
        (HERE, "stranger"),
    ]
    assert far_side.told < 16 + 4 * (16 + 16 + 20)


def test_what_one_side_takes_for_late_and_the_other_for_timely_is_the_same() -> None:
    lines = [line(f"case-{n}") for n in range(50)]

    assert reconciled(Side(lines[1:], lines[:1]), Side(lines), late=True) == []
    assert [one.kind for one in reconciled(Side(lines[1:], lines[:1]), Side(lines[1:]), late=True)] == [THERE]


@pytest.mark.parametrize(
    ("own", "far", "found"),
    [
        ("", "0", [HERE]),
        ("0", "", [THERE]),
        ("0", "1", [DIFFERS]),
        ("0", "00", [TWICE]),
        ("0", "000", [TWICE, TWICE]),
        ("0", "01", [TWICE]),
        ("00", "0", [THERE]),
        ("01", "0", [THERE]),
        ("01", "02", [DIFFERS]),
        ("01", "10", []),
    ],
)
def test_one_record(own: str, far: str, found: list[RecordDifference]) -> None:
    told = differences([line("c", content) for content in own], [line("c", content) for content in far])

    assert [one.kind for one in told] == found


@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("01"))),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("01"))),
)
@settings(deadline=None)
def test_sums_are_equal_exactly_where_nothing_differs(one: list[tuple[int, str]], other: list[tuple[int, str]]) -> None:
    sides = [Side(line(f"c{n}", content) for n, content in each) for each in (one, other)]
    found = reconciled(*sides)

    assert (sides[0].tree.at("") == sides[1].tree.at("")) == (not found) == (sorted(one) == sorted(other))


def test_names_and_places_of_buckets() -> None:
    assert [bucket_name(n) for n in (0, 4095, 4096, 8191)] == ["000", "fff", "~000", "~fff"]
    assert [place_of(bucket_name(n)) for n in (0, 4095, 4096, 8191)] == [0, 4095, 4096, 8191]
    assert bucket_of("abc") == int(sum_of_lines([b"abc"]).digest[:3], 16)
    assert grown({}).at("") == NOTHING == sum_of_children({}) == sum_of_lines([])


def opening(side: Side, name: str) -> dict[str, Sum]:
    return dict(side.tree.below(name))


def test_nothing_is_believed_that_contradicts_the_root() -> None:
    far = Side(line(f"case-{n}") for n in range(300))
    begun, nodes = far.begin(), opening(far, "")
    name, one = next(iter(nodes.items()))

    for wrong in (Sum(one.records + 1, one.digest), Sum(one.records, "f" * 64)):
        assert with_more(begun, {**nodes, name: wrong}, {}) == Contradiction("")
    del nodes[name]
    assert with_more(begun, nodes, {}) == Contradiction("")
    assert with_more(begun, {"abc": one}, {}) == Contradiction("ab", orphan=True)
    assert with_more(begun, {}, {"abc": [line("x")]}) == Contradiction("abc", orphan=True)


def test_nobody_changes_his_mind_by_halves() -> None:
    far = Side(line(f"case-{n}") for n in range(300))
    known = far.open(far.begin(), [""])
    name = next(iter(known.children("") or {}))

    assert with_more(known, {name: Sum(1, "0" * 64)}, {}) == Contradiction(name)
    bucket = next(iter(far.buckets))
    for depth in (1, 2):
        known = far.open(known, [bucket[:depth]])
    assert with_more(known, {}, {bucket: [*far.buckets[bucket], line("x")]}) == Contradiction(bucket)
    assert with_more(known, {}, {bucket[:2]: far.buckets[bucket]}) == Contradiction(bucket[:2])
    assert with_more(known, {}, {bucket: far.buckets[bucket]}) == far.open(known, [bucket])


def test_an_empty_far_side_has_nothing_to_open() -> None:
    own = Side([line("a")])

    assert [one.kind for one in reconciled(own, Side([]))] == [THERE]
    assert descend(Tree({}), beginning(own.tree.at(""), None)).wanted == ("",)
    assert children_of("a")[0] == "a0"
