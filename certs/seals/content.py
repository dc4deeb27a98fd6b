# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A file that is looked at: its bytes, or a file mapped into memory, which takes no memory that the system cannot have back."""

import io
from collections.abc import Iterator
from mmap import mmap
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Content: TypeAlias = bytes | mmap

_PIECE = 256 * 1024


def stream(content: Content) -> BinaryIO:
    """The content for whoever reads from a file; a mapped one is not copied."""
    return io.BytesIO(content) if isinstance(content, bytes) else cast("BinaryIO", io.BufferedReader(_Mapped(content)))


def begins_with(content: Content, beginning: Content) -> bool:
    """Whether the one is at the beginning of the other."""
    size = len(beginning)
    if size > len(content):
        return False
    return all(content[at : min(at + _PIECE, size)] == beginning[at : at + _PIECE] for at in range(0, size, _PIECE))


def pieces(opened: BinaryIO) -> Iterator[bytes]:
    """What is left to read, piece by piece."""
    while piece := opened.read(_PIECE):
        yield piece


class _Mapped(io.RawIOBase):
    """Reads from a mapped file."""

    def __init__(self, content: mmap) -> None:
        super().__init__()
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        piece = self._content[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
