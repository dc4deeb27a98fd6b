# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A body on its way in: in memory while it is small, beyond that in a file without a name, mapped when it is whole.

Where no file may be made, as behind a fence, it stays in memory.
"""

import mmap
import sys
import tempfile
from typing import IO, TypeAlias

Body: TypeAlias = bytes | mmap.mmap


class UnkeptError(OSError):
    """The disk does not take what came."""


class Spool:
    """``few`` bytes stay in memory. What is mapped goes with its last reader: nothing is to be removed."""

    def __init__(self, few: int) -> None:
        self._few = few
        self._begun = bytearray()
        self._file: IO[bytes] | None = None
        self.size = 0

    def add(self, piece: bytes) -> None:
        """The next piece. Raises :class:`UnkeptError`."""
        self.size += len(piece)
        if self._file is None and self.size > self._few:
            self._file = _unnamed()
            self._few = sys.maxsize
            piece, self._begun = bytes(self._begun) + piece, bytearray()
        if self._file is None:
            self._begun += piece
            return
        try:
            self._file.write(piece)
        except OSError as error:
            raise UnkeptError(error.errno, "not kept") from error

    def whole(self) -> Body:
        """All of it, once; the spool is of no use afterwards. Raises :class:`UnkeptError`."""
        if self._file is None:
            return bytes(self._begun)
        try:
            with self._file as file:
                file.flush()
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise UnkeptError(error.errno, "not kept") from error

    def close(self) -> None:
        """Let go of what was not wanted. Idempotent."""
        if self._file is not None:
            self._file.close()


def _unnamed() -> IO[bytes] | None:
    try:
        return tempfile.TemporaryFile(prefix="govhub-")
    except OSError:
        return None
