# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of the log (RFC 9162, 2.1) over hashes of leaves, and its linear chain.

Nodes are kept as tiles: a tile of level L holds up to 256 hashes, each the root of a full subtree of 256**L leaves. So any
proof reads a few tiles, however long the log is, and appending rewrites none but the last tile of each level.
"""

import hashlib
from collections.abc import Iterator, Sequence

HASH_BYTES = 32
TILE = 256
_TILE_HEIGHT = 8

EMPTY_ROOT = hashlib.sha256(b"").digest()
FIRST_CHAIN = bytes(HASH_BYTES)


def node(left: bytes, right: bytes) -> bytes:
    """SHA-256 of ``0x01 || left || right``."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def chained(chain: bytes, leaf: bytes) -> bytes:
    """The next value of the chain: SHA-256 of ``0x02 || chain || leaf``."""
    return hashlib.sha256(b"\x02" + chain + leaf).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes of leaves or of full subtrees of one height, of which the last may be a smaller one."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = [row.pop()] if len(row) % 2 else []
        row = [node(row[n], row[n + 1]) for n in range(0, len(row), 2)] + odd
    return row[0]


def paths(hashes: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """For each of the hashes its inclusion proof in the tree over all of them."""
    found: list[list[bytes]] = [[] for _ in hashes]
    row = [(hash_, [n]) for n, hash_ in enumerate(hashes)]
    while len(row) > 1:
        odd = [row.pop()] if len(row) % 2 else []
        above = []
        for (left, under_left), (right, under_right) in zip(row[::2], row[1::2], strict=True):
            for n in under_left:
                found[n].append(right)
            for n in under_right:
                found[n].append(left)
            above.append((node(left, right), under_left + under_right))
        row = above + odd
    return [tuple(path) for path in found]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that this proof leads to (RFC 9162, 2.1.3.2); None if it cannot be a proof for that place in that size."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for one in path:
        if last == 0 or len(one) != HASH_BYTES:
            return None
        if at % 2 or at == last:
            found = node(one, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, one)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of ``new`` (size, root) begins with that of ``old`` (RFC 9162, 2.1.4.2)."""
    (size, root_), (later_size, later_root) = old, new
    if not 0 < size <= later_size or any(len(one) != HASH_BYTES for one in path):
        return False
    if size == later_size:
        return not path and root_ == later_root
    rest = list(path) if size & (size - 1) else [root_, *path]
    if not rest:
        return False
    at, last = size - 1, later_size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    before = after = rest[0]
    for one in rest[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            before, after = node(one, before), node(one, after)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, one)
        at, last = at >> 1, last >> 1
    return last == 0 and before == root_ and after == later_root


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots are the inclusion proof, from the leaf's neighbour up."""
    found = []
    low, high = 0, size
    while high - low > 1:
        split = low + _split(high - low)
        if index < split:
            found.append((split, high))
            high = split
        else:
            found.append((low, split))
            low = split
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots prove that a tree of size ``new`` begins with one of ``old`` (RFC 9162, 2.1.4.1)."""
    if not 0 < old < new:
        return []
    return list(_subproof(old, 0, new, whole=True))


def _subproof(old: int, low: int, high: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    if old == high - low:
        if not whole:
            yield low, high
        return
    split = _split(high - low)
    if old <= split:
        yield from _subproof(old, low, low + split, whole=whole)
        yield low + split, high
    else:
        yield from _subproof(old - split, low + split, high, whole=False)
        yield low, low + split


def full_subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """A range that begins where a subtree of its size may begin, as full subtrees from left to right: (height, number)."""
    while low < high:
        height = (high - low).bit_length() - 1
        yield height, low >> height
        low += 1 << height


def tile_of(height: int, number: int) -> tuple[int, int, int, int]:
    """Where a full subtree is kept: level and number of its tile, and from where to where its hashes stand in it."""
    level, rest = divmod(height, _TILE_HEIGHT)
    first = number << rest
    return level, first // TILE, first % TILE, first % TILE + (1 << rest)


def joined(roots: Sequence[bytes]) -> bytes:
    """The root over neighbouring full subtrees, each higher than the next."""
    found = roots[-1]
    for one in reversed(roots[:-1]):
        found = node(one, found)
    return found


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


class Frontier:
    """The right edge of the tree, to append to: the last, unfinished tile of every level."""

    def __init__(self, size: int = 0, levels: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._levels = [list(level) for level in levels] or [[]]

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take one leaf in. Returned is what became full by it: level, number of the tile, the hash that it gets."""
        self.size += 1
        new: list[tuple[int, int, bytes]] = []
        level, hash_ = 0, leaf
        while True:
            self._levels[level].append(hash_)
            if len(self._levels[level]) < TILE:
                return new
            hash_ = root(self._levels[level])
            self._levels[level] = []
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            new.append((level, (self.size // TILE**level - 1) // TILE, hash_))

    def root(self) -> bytes:
        """The root over everything appended."""
        rest: list[bytes] = []
        for level in self._levels:
            row = [*level, *rest]
            rest = [root(row)] if row else []
        return rest[0] if rest else EMPTY_ROOT


def partial_tiles(size: int) -> list[tuple[int, int, int]]:
    """What a frontier of that size is made of again: level, number of the tile, and how many hashes of it, level by level."""
    found = []
    level, count = 0, size
    while count or not level:
        found.append((level, count // TILE, count % TILE))
        level, count = level + 1, count // TILE
    return found
