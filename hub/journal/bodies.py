# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies in and out of the journal: compression, and a memory of the most recent ones.

A message is usually delivered by the hub that accepted it, moments later; remembering it saves reading it back.
"""

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import zstandard

from hub.journal.queries import query

PLAIN, ZSTD = 0, 1
_WORTHWHILE = 256  # below this, compression costs more than it saves
_LARGEST = 64 * 1024 * 1024
_PACK = zstandard.ZstdCompressor(level=1)
_UNPACK = zstandard.ZstdDecompressor()


def pack(*bodies: bytes) -> tuple[int, tuple[bytes, ...]]:
    """(codec, packed bodies); one codec for all bodies of a row."""
    if sum(map(len, bodies)) < _WORTHWHILE:
        return PLAIN, bodies
    packed: list[bytes] = []
    for n, body in enumerate(bodies):  # whoever sends canonical JSON has sent what is kept beside it
        packed.append(packed[-1] if n and body == bodies[n - 1] else _PACK.compress(body))
    return ZSTD, tuple(packed)


def unpack(codec: int, body: bytes) -> bytes:
    """The body as it was."""
    return _UNPACK.decompress(body, max_output_size=_LARGEST) if codec == ZSTD else body


@dataclass(frozen=True, slots=True)
class Body:
    """What a delivery needs of its message."""

    contract: str
    version: int
    attributes: bytes
    canonical: bytes


class RecentBodies:
    """The last bodies by message id, bounded in bytes; the journal has them all.

    Room for some seconds at full rate: what is not delivered by then waits in a backlog, which no memory of this size covers.
    """

    def __init__(self, capacity_bytes: int = 8 * 1024 * 1024) -> None:
        self._room = capacity_bytes
        self._bodies: OrderedDict[UUID, Body] = OrderedDict()

    def remember(self, message: UUID, body: Body) -> None:
        """Keep a body; the oldest make room.

        Copies are kept: what orjson has written stays in a buffer of up to five times its length.
        """
        body = Body(body.contract, body.version, _compact(body.attributes), _compact(body.canonical))
        if (before := self._bodies.pop(message, None)) is not None:
            self._room += _weight(before)
        self._room -= _weight(body)
        self._bodies[message] = body
        while self._room < 0 and self._bodies:
            _, oldest = self._bodies.popitem(last=False)
            self._room += _weight(oldest)

    async def of(self, connection: asyncpg.Connection, messages: set[UUID]) -> dict[UUID, Body]:
        """Bodies by message id, from memory or the journal."""
        found = {m: body for m in messages if (body := self._bodies.get(m)) is not None}
        missing = [m for m in messages if m not in found]
        if missing:
            for row in await connection.fetch(query("bodies"), missing):
                found[row["id"]] = Body(
                    row["contract"], row["version"], row["attributes"], unpack(row["codec"], row["canonical"])
                )
        return found


def _compact(written: bytes) -> bytes:
    return bytes(memoryview(written))


def _weight(body: Body) -> int:
    return len(body.canonical) + len(body.attributes) + 300
