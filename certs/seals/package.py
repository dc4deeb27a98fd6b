# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The package of an OFD file (GB/T 33190, a ZIP), read within bounds. Nothing is ever unpacked to disk.

Two readers must see the same files: a name that stands twice, in whatever case, a path that leaves the package, entries that
overlap or are encrypted make the whole package unreadable.
"""

import hashlib
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from certs.seals.content import Content, pieces, stream

MAX_ENTRIES = 10_000
MAX_ENTRY_BYTES = 128 * 2**20
MAX_TOTAL_BYTES = 512 * 2**20
MAX_RATIO = 200
_SMALL = 64 * 1024
"""An entry up to this size is no bomb, however well it packs."""

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30
_BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OSError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    IndexError,
    OverflowError,
)


class UnfitError(ValueError):
    """The package is not read; ``code`` is FORM or TOO_LARGE."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.place = place


class Package:
    """An OFD package. Raises :class:`UnfitError` from every call when what it finds is not to be read."""

    def __init__(self, data: Content) -> None:
        try:
            self._zip = zipfile.ZipFile(stream(data))
            self._entries = self._looked_over()
        except _BAD_ZIP as error:
            raise error if isinstance(error, UnfitError) else UnfitError("FORM") from error

    @property
    def names(self) -> frozenset[str]:
        """The paths of all files, without a slash in front."""
        return frozenset(self._entries)

    def read(self, path: str) -> bytes | None:
        """One file's contents; None: there is none."""
        found = self._pieces(path)
        return None if found is None else b"".join(found)

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of one file's contents, which are never held whole; None: there is none."""
        found = self._pieces(path)
        if found is None:
            return None
        digest = hashlib.new(algorithm)
        for piece in found:
            digest.update(piece)
        return digest.digest()

    def _pieces(self, path: str) -> Iterator[bytes] | None:
        entry = self._entries.get(path)
        return None if entry is None else self._read(entry, path)

    def _read(self, entry: zipfile.ZipInfo, path: str) -> Iterator[bytes]:
        size = 0
        try:
            with self._zip.open(entry) as opened:
                for piece in pieces(cast("BinaryIO", opened)):
                    size += len(piece)
                    if size > entry.file_size:
                        break
                    yield piece
        except _BAD_ZIP as error:
            raise UnfitError("FORM", path) from error
        if size != entry.file_size:
            raise UnfitError("FORM", path)

    def _looked_over(self) -> Mapping[str, zipfile.ZipInfo]:
        listed = self._zip.infolist()
        if len(listed) > MAX_ENTRIES or sum(one.file_size for one in listed) > MAX_TOTAL_BYTES:
            raise UnfitError("TOO_LARGE")
        known: dict[str, zipfile.ZipInfo] = {}
        folded = set[str]()
        end = 0
        for one in sorted(listed, key=lambda entry: entry.header_offset):
            if one.header_offset < end:
                raise UnfitError("FORM")
            end = one.header_offset + _LOCAL_HEADER + one.compress_size
            _check(one)
            name = one.filename.removesuffix("/")
            if name.casefold() in folded:
                raise UnfitError("FORM", name)
            folded.add(name.casefold())
            if not one.is_dir():
                known[name] = one
        return known


def resolved(location: str, within: str) -> str | None:
    """The path that a location (ST_Loc) names: from the package's root, or from the folder of the file it stands in. None: it
    leaves the package or is none.
    """
    location = location.strip()
    if not location or "\\" in location or "\0" in location:
        return None
    joined = location if location.startswith("/") else posixpath.join("/", posixpath.dirname(within), location)
    depth = 0
    for part in joined.split("/"):
        depth += (part not in {"", ".", ".."}) - (part == "..")
        if depth < 0:
            return None
    return posixpath.normpath(joined).lstrip("/")


def _check(one: zipfile.ZipInfo) -> None:
    parts = one.filename.removesuffix("/").split("/")
    if (
        any(part in {"", ".", ".."} for part in parts)
        or "\\" in one.orig_filename
        or "\0" in one.orig_filename
        or ":" in parts[0]
        or one.flag_bits & _ENCRYPTED
        or one.compress_type not in _METHODS
    ):
        raise UnfitError("FORM")
    if one.file_size > MAX_ENTRY_BYTES:
        raise UnfitError("TOO_LARGE", one.filename)
    if one.file_size > _SMALL and one.file_size > MAX_RATIO * max(one.compress_size, 1):
        raise UnfitError("TOO_LARGE", one.filename)
