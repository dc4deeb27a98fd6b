# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far side's tree, as far as it was told. Nothing is taken in that contradicts what was told before.

A far side first says its root, and then opens nodes: all children of a node together, or all rows of a bucket. Each of these
is held against the sum of the node it hangs from, so whoever has said its root cannot change its mind by halves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.reconciling.tree import LATE, Sum, is_bucket, parent_of, sum_of_children, sum_of_lines


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``name`` is the node whose sum is not that of what was said to hang from it, or that hangs from nothing known."""

    name: str
    orphan: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """``sums`` by node, ``rows`` by bucket. Made by :func:`beginning` and :func:`with_more`."""

    sums: Mapping[str, Sum]
    rows: Mapping[str, Sequence[bytes]] = field(default_factory=dict)

    def root(self, name: str) -> Sum | None:
        """The sum of one of the two trees; None where the far side does not tell what is late."""
        return self.sums.get(name)

    @property
    def tells_late(self) -> bool:
        """Whether what came late is told apart."""
        return LATE in self.sums

    def children(self, name: str) -> Mapping[str, Sum] | None:
        """The children that are not empty; None: they were not told."""
        if not self.sums.get(name, Sum(0, "")).records:
            return {}
        found = {child: one for child in _below(name) if (one := self.sums.get(child)) is not None}
        return found or None

    def lines(self, name: str) -> Sequence[bytes] | None:
        """The lines of a bucket; None: they were not told."""
        if not self.sums.get(name, Sum(0, "")).records:
            return ()
        return self.rows.get(name)


def _below(name: str) -> list[str]:
    return [f"{name}{digit}" for digit in "0123456789abcdef"]


def beginning(root: Sum, late: Sum | None) -> Declared:
    """What a far side says first."""
    return Declared({"": root} if late is None else {"": root, LATE: late})


def with_more(
    known: Declared, nodes: Mapping[str, Sum], opened: Mapping[str, Iterable[bytes]]
) -> Declared | Contradiction:
    """The same with more of it told; a node may be told again if it is told alike."""
    sums = _with_nodes(known.sums, {name: told for name, told in nodes.items() if told.records})
    if isinstance(sums, Contradiction):
        return sums
    rows = {name: sorted(lines) for name, lines in opened.items()}
    for name, listed in rows.items():
        stated = sums.get(name)
        if stated is None and listed:
            return Contradiction(name, orphan=True)
        if not is_bucket(name) or (stated is not None and sum_of_lines(listed) != stated):
            return Contradiction(name)
    return Declared(sums, {**known.rows, **rows})


def _with_nodes(known: Mapping[str, Sum], nodes: Mapping[str, Sum]) -> Mapping[str, Sum] | Contradiction:
    sums = dict(known)
    for name, told in nodes.items():
        if sums.setdefault(name, told) != told:
            return Contradiction(name)
    for name in sorted({p for name in nodes if (p := parent_of(name)) is not None}, key=len):
        if name not in sums:
            return Contradiction(name, orphan=True)
        if sum_of_children({c: one for c in _below(name) if (one := sums.get(c)) is not None}) != sums[name]:
            return Contradiction(name)
    return sums
