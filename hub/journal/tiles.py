# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the log's tree from its tiles: roots of ranges of leaves, a few rows for each."""

from collections.abc import Sequence

import asyncpg

from certs.evidence.tree import HASH_BYTES, TILE, Frontier, full_subtrees, joined, partial_tiles, root, tile_of
from hub.journal.queries import query


class TilesDamagedError(Exception):
    """A hash that must stand there does not."""


async def hashes_of(connection: asyncpg.Connection, level: int, n: int, first: int, end: int) -> list[bytes]:
    """Hashes of one tile, from one place up to another. Raises ``TilesDamagedError``."""
    if level == 0:
        rows = await connection.fetch(query("leaf_hashes"), n * TILE + first, n * TILE + end)
        found = [row["hash"] for row in rows]
    else:
        kept = await connection.fetchval(query("tile"), level, n) or b""
        found = cut(kept)[first:end]
    if len(found) != end - first or any(len(one) != HASH_BYTES for one in found):
        raise TilesDamagedError(f"tile {n} of level {level} has no hashes {first} to {end}")
    return found


def cut(hashes: bytes) -> list[bytes]:
    """The hashes of a kept tile."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


async def root_of(connection: asyncpg.Connection, low: int, high: int) -> bytes:
    """The root over a range of leaves. Raises ``TilesDamagedError``."""
    parts = []
    for height, number in full_subtrees(low, high):
        parts.append(root(await hashes_of(connection, *tile_of(height, number))))
    return joined(parts) if parts else root(())


async def proof_of(connection: asyncpg.Connection, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """The roots over these ranges."""
    return [await root_of(connection, low, high) for low, high in ranges]


async def frontier_of(connection: asyncpg.Connection, size: int) -> Frontier:
    """The right edge of a log of that size. Raises ``TilesDamagedError``."""
    levels = [
        await hashes_of(connection, level, n, 0, count) if count else [] for level, n, count in partial_tiles(size)
    ]
    return Frontier(size, levels)
