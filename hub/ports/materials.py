# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The materials port: where the bytes of materials (材料) lie, named by their digest.

A message carries the digest only (claim check). Who stored what, and who may read it, is in the journal
(:class:`hub.ports.journal.MaterialRecords`); a store knows bytes and nothing else, and never changes what it holds.
A digest is ``sha256:`` and 64 lower-case hexadecimal digits; anything else is a bug of the caller.

The archive (归档) keeps its files in a store of the same kind, apart from the materials.
"""

from collections.abc import AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from certs.envelope import DataKey


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes are there and survive a crash. ``size`` in bytes; ``new`` False: they were there before."""

    size: int
    new: bool


@dataclass(frozen=True, slots=True)
class DigestMismatch:
    """The bytes are not what the digest names; nothing was kept."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """More bytes than the limit; nothing was kept."""


@dataclass(frozen=True, slots=True)
class StoreDown:
    """The store did not take or give the bytes (disk full, away); ``reason`` is for the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Corrupt:
    """What is stored is not what its digest names: the disk or somebody changed it. The bytes given so far are worthless."""


PutResult: TypeAlias = Stored | DigestMismatch | TooLong | StoreDown
Piece: TypeAlias = bytes | Corrupt | StoreDown


@dataclass(frozen=True, slots=True)
class Listed:
    """One stored material. ``size`` is what it takes, sealed where it is; ``stored_at`` by the store's own clock."""

    digest: str
    size: int
    stored_at: datetime


class MaterialKeys(Protocol):
    """Data keys for a store. Never raises for what a database or device can do."""

    async def current(self, system: str) -> DataKey | StoreDown:
        """The key of this system in the present month."""
        ...

    async def numbered(self, number: int) -> DataKey | StoreDown | None:
        """The key with this number; None: it is destroyed, or there never was one."""
        ...

    def salt(self, length: int) -> bytes:
        """So many random bytes."""
        ...


class Reading(Protocol):
    """One stored material, open. For one reader."""

    @property
    def size(self) -> int:
        """Its length in bytes, as it was given."""
        ...

    async def read(self) -> Piece:
        """The next piece, of at most some hundred kilobytes; empty at the end.

        The last piece is given only when all of it fits the digest: whoever came to the end has the right bytes.
        """
        ...


class Materials(Protocol):
    """Safe for concurrent use from one event loop and by several hubs, also on the same digest. Never raises for what a
    disk or a network can do. Memory is bounded whatever the size.
    """

    async def put(self, digest: str, pieces: AsyncIterable[bytes], limit: int, system: str = "") -> PutResult:
        """Take the bytes in, checking length and digest on the way; they can be read only once all of it was right. Where the
        store seals, it does by the key of ``system``; the hub's own is the empty one.

        Idempotent: bytes that are there already are checked all the same, since who names a digest need not have them.
        Cancelled, or left by an exception of ``pieces``: nothing is kept. ``pieces`` that end early are a mismatch.
        """
        ...

    def open(self, digest: str) -> AbstractAsyncContextManager[Reading | StoreDown | None]:
        """Open it for reading until the block ends; None: there is no such material. May be cancelled anywhere."""
        ...

    async def exists(self, digest: str) -> bool | StoreDown:
        """Whether all of it is there."""
        ...

    async def listed(self, after: str, limit: int) -> Sequence[Listed] | StoreDown:
        """What is stored, in the order of the digests, from behind ``after`` on ("" for all), at most so many.

        Fewer than ``limit``: that was the end. What comes and goes meanwhile may or may not be in it.
        """
        ...

    async def remove(self, digest: str) -> StoreDown | None:
        """Remove it; removing what is not there is no error. After ``StoreDown`` it may or may not be there still.

        Who decides that nobody needs it, and sees to it that nobody puts it at the same time, is the caller.
        """
        ...

    async def clear(self, before: datetime) -> int | StoreDown:
        """Remove what uploads that began before then have left unfinished, by the store's clock; how many there were."""
        ...
