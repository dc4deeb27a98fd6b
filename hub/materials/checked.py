# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading against the digest: nobody comes to the end of bytes that are not what was stored."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

from hub.ports.materials import Corrupt, Piece, StoreDown

PIECE = 256 * 1024
"""Bytes read at once."""

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


def hex_of(digest: str) -> str:
    """The 64 hexadecimal digits of a digest; anything else is a bug of the caller."""
    named = _DIGEST.fullmatch(digest)
    assert named, "a digest is sha256: and 64 hexadecimal digits"
    return named[1]


class CheckedReading:
    """The port :class:`hub.ports.materials.Reading` over any source of pieces; one piece is always held back."""

    def __init__(self, digest: str, size: int, pieces: Callable[[], Awaitable[bytes | StoreDown]]) -> None:
        self.size = size
        self._digest = hex_of(digest)
        self._pieces = pieces
        self._hash = hashlib.sha256()
        self._read = 0
        self._held: bytes | None = None
        self._end: Piece | None = None

    async def read(self) -> Piece:
        if self._end is not None:
            return self._end
        if self._held is None:
            if not isinstance(first := await self._next(), bytes):
                return self._ended(first)
            self._held = first
        following = await self._next()
        if not isinstance(following, bytes):
            return self._ended(following)
        if not following and not self._fits():
            return self._ended(Corrupt())
        given, self._held = self._held, following
        return given or self._ended(b"")

    async def _next(self) -> bytes | StoreDown:
        piece = await self._pieces()
        if isinstance(piece, bytes):
            self._read += len(piece)
            await asyncio.to_thread(self._hash.update, piece)
        return piece

    def _fits(self) -> bool:
        return self._read == self.size and self._hash.hexdigest() == self._digest

    def _ended(self, end: Piece) -> Piece:
        """Nothing follows an end, whatever it was."""
        self._end = end
        return end
