# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies compressed where that is worth it."""

import zstandard

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
    """The body as it was before :func:`pack`."""
    return _UNPACK.decompress(body, max_output_size=_LARGEST) if codec == ZSTD else body
