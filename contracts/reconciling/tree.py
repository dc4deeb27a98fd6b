# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Lines in buckets and buckets in a tree, so that a difference is found by exchanging little.

A line's bucket is named by the first three hexadecimal digits of SM3 of its case number (UTF-8): 4096 buckets, which hang
from 256 nodes of two digits, those from 16 of one, and those from the root, whose name is empty. What came after the day was
closed hangs from a tree of its own, whose names begin with ``~``.

The digest of a bucket is SM3 over its lines in the order of their bytes, one that is there twice twice. The digest of a node is
SM3 over ``name TAB count TAB digest LF`` of its children that are not empty, in the order of their names. What is empty has
the SM3 of nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.reconciling.sm3 import EMPTY, sm3, sm3_hex

DIGITS: Final = "0123456789abcdef"
DEPTH: Final = 3
BUCKETS: Final = 16**DEPTH
LATE: Final = "~"
NAME: Final = r"^~?[0-9a-f]{0,3}$"


class Sum(NamedTuple):
    """What hangs from one node."""

    records: int
    digest: str


NOTHING: Final = Sum(0, EMPTY.hexdigest())


def bucket_of(case: str) -> int:
    """The number of a case's bucket, 0 to 4095."""
    first = sm3(case.encode(errors="surrogatepass"))
    return first[0] << 4 | first[1] >> 4


def bucket_name(place: int) -> str:
    """The name of the bucket with this number; from 4096 on they are those of what came late."""
    late, number = divmod(place, BUCKETS)
    return f"{LATE if late else ''}{number:03x}"


def place_of(name: str) -> int:
    """The number of a bucket by its name."""
    return int(name.removeprefix(LATE), 16) + (BUCKETS if name.startswith(LATE) else 0)


def is_bucket(name: str) -> bool:
    """Whether lines hang from it, and no further nodes."""
    return len(name.removeprefix(LATE)) == DEPTH


def parent_of(name: str) -> str | None:
    """The node it hangs from; None for the two roots."""
    return None if name in {"", LATE} else name[:-1]


def children_of(name: str) -> list[str]:
    """The names below a node that is no bucket."""
    return [name + digit for digit in DIGITS]


def sum_of_lines(lines: Iterable[bytes]) -> Sum:
    """The sum of a bucket; the lines in any order."""
    ordered = sorted(lines)
    return Sum(len(ordered), sm3_hex(b"".join(ordered)))


def sum_of_children(children: Mapping[str, Sum]) -> Sum:
    """The sum of a node."""
    present = sorted((name, one) for name, one in children.items() if one.records)
    told = "".join(f"{name}\t{one.records}\t{one.digest}\n" for name, one in present)
    return Sum(sum(one.records for _, one in present), sm3_hex(told.encode()))


@dataclass(frozen=True, slots=True)
class Tree:
    """One side's sums, whole: every node that is not empty, by name."""

    sums: Mapping[str, Sum]

    def at(self, name: str) -> Sum:
        """The sum of a node."""
        return self.sums.get(name, NOTHING)

    def below(self, name: str) -> dict[str, Sum]:
        """The children that are not empty."""
        return {child: self.sums[child] for child in children_of(name) if child in self.sums}


def grown(buckets: Mapping[str, Sum]) -> Tree:
    """The tree over these buckets."""
    sums = {name: one for name, one in buckets.items() if one.records}
    level = dict(sums)
    for _ in range(DEPTH):
        families: dict[str, dict[str, Sum]] = {}
        for name, one in level.items():
            families.setdefault(name[:-1], {})[name] = one
        level = {name: sum_of_children(children) for name, children in families.items()}
        sums |= level
    return Tree(sums)
