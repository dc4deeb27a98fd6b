# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The tree against the recursive definitions of RFC 9162, written here a second time."""

import hashlib
from collections.abc import Sequence

import pytest

from certs.evidence.tree import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    consistency_ranges,
    full_subtrees,
    inclusion_ranges,
    is_consistent,
    joined,
    partial_tiles,
    paths,
    root,
    root_by_inclusion,
    tile_of,
)

SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 100]


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % n).digest() for n in range(count)]


def by_definition(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(hashes[:split]) + by_definition(hashes[split:])).digest()


@pytest.mark.parametrize("size", [0, *SIZES, 255, 256, 257, 700])
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root(leaves(size)) == by_definition(leaves(size))


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_proved_and_nothing_else(size: int) -> None:
    hashes = leaves(size)
    whole = root(hashes)
    for index, path in enumerate(paths(hashes)):
        assert [by_definition(hashes[low:high]) for low, high in inclusion_ranges(index, size)] == list(path)
        assert root_by_inclusion(hashes[index], index, size, path) == whole
        for other in range(size):
            if other != index:
                assert root_by_inclusion(hashes[index], other, size, path) != whole
        assert root_by_inclusion(hashes[index], index, size, path[:-1]) != whole or not path
        assert root_by_inclusion(hashes[index], index, size, (*path, hashes[0])) is None
    assert root_by_inclusion(hashes[0], size, size, ()) is None
    assert root_by_inclusion(hashes[0], -1, size, ()) is None


@pytest.mark.parametrize("new", SIZES)
def test_every_size_before_is_proved_and_no_fork(new: int) -> None:
    hashes = leaves(new)
    for old in range(1, new + 1):
        path = [by_definition(hashes[low:high]) for low, high in consistency_ranges(old, new)]
        before, after = (old, root(hashes[:old])), (new, root(hashes))
        assert is_consistent(before, after, path)
        forked = (new, root([*hashes[:-1], bytes(32)]))
        assert not is_consistent(before, forked, path)
        assert not is_consistent((old, bytes(32)), after, path)
        assert not is_consistent(before, after, [*path, bytes(32)])
        assert not path or not is_consistent(before, after, path[:-1])
    assert not is_consistent((new + 1, root(hashes)), (new, root(hashes)), [])
    assert not is_consistent((0, EMPTY_ROOT), (new, root(hashes)), [])


def test_a_frontier_grows_like_the_definition_and_fills_tiles() -> None:
    hashes = leaves(2 * TILE + 3)
    frontier = Frontier()
    full = [one for hash_ in hashes for one in frontier.append(hash_)]
    assert frontier.root() == by_definition(hashes)
    assert full == [(1, 0, by_definition(hashes[:TILE])), (1, 0, by_definition(hashes[TILE : 2 * TILE]))]
    assert partial_tiles(len(hashes)) == [(0, 2, 3), (1, 0, 2)]


def test_a_frontier_is_made_again_of_its_tiles_beyond_two_levels() -> None:
    size = TILE * TILE + TILE + 1
    grown = Frontier()
    tiles: dict[tuple[int, int], list[bytes]] = {}
    for n, hash_ in enumerate(leaves(size)):
        tiles.setdefault((0, n // TILE), []).append(hash_)
        for level, number, above in grown.append(hash_):
            tiles.setdefault((level, number), []).append(above)
    again = Frontier(size, [tiles.get((level, n), [])[:count] for level, n, count in partial_tiles(size)])
    assert again.root() == grown.root()
    for low, high in [*inclusion_ranges(70, size), *consistency_ranges(TILE * 3 + 7, size)]:
        parts = []
        for height, number in full_subtrees(low, high):
            level, n, first, end = tile_of(height, number)
            parts.append(root(tiles[level, n][first:end]))
        assert joined(parts) == root(leaves(size)[low:high])
    assert again.append(bytes(32)) == []
    assert again.size == size + 1


def test_an_empty_log_has_the_root_of_the_standard() -> None:
    assert Frontier().root() == EMPTY_ROOT == by_definition([])
    assert partial_tiles(0) == [(0, 0, 0)]
