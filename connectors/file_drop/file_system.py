# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port to wherever the files lie: a folder of this machine, or one behind SFTP or FTP.

Paths are bytes, relative to the configured folder, parts joined by ``/``; names are bytes as the far side has them, whatever
encoding somebody thought of. A path that would lead out of the folder is never asked for: see :func:`is_sound`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AwayError(Exception):
    """The far side cannot be reached, or the configured folder is not there; the message says why. Never leaves the connector.

    ``asked``: a request may have reached the far side before it went away.
    """

    def __init__(self, reason: str, *, asked: bool = False) -> None:
        super().__init__(reason)
        self.asked = asked


class Kind(StrEnum):
    """What lies under a name."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A link, a pipe, a socket, a device: never opened, never followed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. ``size`` in bytes and ``modified`` in seconds since 1970 are -1 where nobody asked for them."""

    name: bytes
    kind: Kind
    size: int = -1
    modified: float = -1.0


class Trouble(StrEnum):
    """Why a request was not done, as far as the far side says."""

    GONE = "GONE"
    EXISTS = "EXISTS"
    DENIED = "DENIED"
    FULL = "FULL"
    TOO_LARGE = "TOO_LARGE"
    NOT_A_FILE = "NOT_A_FILE"
    BAD_NAME = "BAD_NAME"
    CHANGING = "CHANGING"
    """It was written to while it was read."""
    BROKEN = "BROKEN"
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that was answered, and not done. ``detail`` is technical and names no file."""

    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes."""

    body: bytes


class Guard(Protocol):
    """The sole right to take files out of one folder; at most one process has it."""

    async def held(self) -> bool:
        """Have it or try to get it. To be called again and again, at least every ``beat`` seconds, to keep it."""
        ...

    async def release(self) -> None:
        """Leave it to others at once. Never raises."""
        ...


class FileSystem(Protocol):
    """Every request raises :class:`AwayError` when the far side is not there, and returns all other failures.

    Requests may be made concurrently. A cancelled request may still have its effect.
    """

    async def look(self, path: bytes) -> Entry | Fault:
        """What lies under this path; links are not followed."""
        ...

    def entries(self, folder: bytes, *, details: bool) -> AsyncIterator[Sequence[Entry]]:
        """Everything in a folder, piece by piece, in no order, in bounded memory; size and time only with ``details``."""
        ...

    async def read(self, paths: Sequence[bytes], most: int, budget: int) -> Sequence[Content | Fault]:
        """The bytes of these files, each of at most ``most`` bytes, in order. Fewer answers than paths, but at least one, when
        together they have more than ``budget`` bytes. Only regular files are opened.
        """
        ...

    async def write(self, path: bytes, body: bytes) -> Fault | None:
        """Write a file under a temporary name of ours, whole and, where the far side can, safe on disk.

        What lay there before, ours too, is replaced by a new file, never written into.
        """
        ...

    async def move(self, pairs: Sequence[tuple[bytes, bytes]], *, durable: bool) -> Sequence[Fault | None]:
        """Rename each, in order, and never over anything that is there: that is ``EXISTS``. ``durable``: safe on disk too."""
        ...

    async def remove(self, paths: Sequence[bytes]) -> Sequence[Fault | None]:
        """Remove files."""
        ...

    async def make_folder(self, path: bytes) -> Fault | None:
        """Make one folder; of several who try, one succeeds, and the others are told ``EXISTS``."""
        ...

    async def remove_folder(self, path: bytes) -> Fault | None:
        """Remove an empty folder."""
        ...

    def guard(self, name: bytes, patience: float) -> Guard:
        """The right to take files out of the configured folder, kept under this name; who has been silent for ``patience``
        seconds has lost it.
        """
        ...

    async def close(self) -> None:
        """Release everything. Requests under way and later ones end as :class:`AwayError`."""
        ...


def is_sound(name: bytes) -> bool:
    """Whether a name that came from outside names something in its own folder."""
    return bool(name) and name not in {b".", b".."} and not any(one in name for one in (b"/", b"\0", b"\r", b"\n"))


def join(*parts: bytes) -> bytes:
    """A path of these parts; empty ones do not count."""
    return b"/".join(part for part in parts if part)
