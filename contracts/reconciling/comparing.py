# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two trees held against each other: what agrees, what must be asked for, and how the rows of a bucket differ."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.codes import RecordDifference
from contracts.reconciling.agreed import read_back
from contracts.reconciling.declared import Declared
from contracts.reconciling.tree import LATE, Tree, is_bucket


@dataclass(frozen=True, slots=True)
class Descent:
    """Where two trees part. ``agreed``: nowhere. ``wanted``: nodes the far side has still to open; ``opened``: buckets
    whose rows can be compared.
    """

    agreed: bool
    wanted: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


def descend(own: Tree, far: Declared) -> Descent:
    """Follow the differing nodes down as far as the far side has told."""
    wanted: list[str] = []
    opened: list[str] = []
    level = [name for name in ("", LATE) if far.root(name) is not None and own.at(name) != far.root(name)]
    if not level:
        return Descent(agreed=True)
    while level:
        below: list[str] = []
        for name in level:
            if is_bucket(name):
                (opened if far.lines(name) is not None else wanted).append(name)
                continue
            children = far.children(name)
            if children is None:
                wanted.append(name)
                continue
            names = sorted({*children, *own.below(name)})
            below += [child for child in names if children.get(child) != own.sums.get(child)]
        level = below
    return Descent(agreed=False, wanted=tuple(wanted), opened=tuple(opened))


class Row(NamedTuple):
    """A line taken apart."""

    case: str
    record: str
    contract: str
    version: int
    content: str


def row_of(line: bytes) -> Row:
    """The parts of a line that :class:`contracts.reconciling.agreed.Agreed` wrote."""
    case, record, contract, version, content = line.decode().removesuffix("\n").split("\t")
    return Row(read_back(case), read_back(record), contract, int(version), content)


class Difference(NamedTuple):
    """One record that the two sides do not have alike. Versions and contents are empty where a side has none."""

    kind: RecordDifference
    case: str
    record: str
    here: tuple[int, str] | None
    there: tuple[int, str] | None


def differences(own: Iterable[bytes], far: Iterable[bytes]) -> Iterator[Difference]:
    """How two sets of lines differ, case by case. Which bucket a line stands in does not count, so lines of both trees may be
    given together: a record that one side takes for late and the other for timely is the same record.
    """
    here, there = _by_record(own), _by_record(far)
    for key in sorted({*here, *there}):
        yield from _of_record(*key, here.get(key, Counter()), there.get(key, Counter()))


_Content = tuple[int, str]


def _by_record(lines: Iterable[bytes]) -> dict[tuple[str, str], Counter[_Content]]:
    found: defaultdict[tuple[str, str], Counter[_Content]] = defaultdict(Counter)
    for row in map(row_of, lines):
        found[row.case, row.record][row.version, row.content] += 1
    return found


def _of_record(case: str, record: str, here: Counter[_Content], there: Counter[_Content]) -> Iterator[Difference]:
    surplus_here, surplus_there = here - there, there - here
    repeated = _repeated(surplus_there, here)
    for content in repeated:
        yield Difference(RecordDifference.TWICE, case, record, content, content)
    ours, theirs = _each(surplus_here), _each(surplus_there - Counter(repeated))
    for mine, other in zip(ours, theirs, strict=False):
        yield Difference(RecordDifference.DIFFERS, case, record, mine, other)
    for mine in ours[len(theirs) :]:
        yield Difference(RecordDifference.MISSING_THERE, case, record, mine, None)
    for other in theirs[len(ours) :]:
        more = RecordDifference.TWICE if here else RecordDifference.MISSING_HERE
        yield Difference(more, case, record, None, other)


def _repeated(surplus: Counter[_Content], known: Counter[_Content]) -> Sequence[_Content]:
    """What the far side has once more than we, of what we have too."""
    return [content for content in _each(surplus) if content in known]


def _each(counted: Counter[_Content]) -> list[_Content]:
    return sorted(counted.elements())
