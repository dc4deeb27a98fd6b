# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Files of the archive in and out of its store: each whole in memory, some megabytes, and checked by its digest."""

import hashlib
from collections.abc import AsyncIterator

from hub.ports.materials import Corrupt, Materials, Stored, StoreDown


def digest_of(content: bytes) -> str:
    """The name of a file with this content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


async def write(store: Materials, content: bytes) -> str | StoreDown:
    """The digest under which it is stored now. Writing it again changes nothing."""
    digest = digest_of(content)

    async def once() -> AsyncIterator[bytes]:
        yield content

    put = await store.put(digest, once(), len(content))
    return digest if isinstance(put, Stored) else put if isinstance(put, StoreDown) else StoreDown(type(put).__name__)


async def read(store: Materials, digest: str) -> bytes | Corrupt | StoreDown | None:
    """The whole file; None: it is not there."""
    async with store.open(digest) as reading:
        if reading is None or isinstance(reading, StoreDown):
            return reading
        content = bytearray()
        while piece := await reading.read():
            if not isinstance(piece, bytes):
                return piece
            content += piece
        return bytes(content)
