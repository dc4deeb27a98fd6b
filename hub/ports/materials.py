# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The materials port: where the bytes of materials (材料) lie, named by their digest.

A message carries the digest only (claim check). Who stored what, and who may read it, is in the journal
(:class:`hub.ports.journal.MaterialRecords`); a store knows bytes and nothing else, and never changes what it holds.
A digest is ``sha256:`` and 64 lower-case hexadecimal digits; anything else is a bug of the caller.
"""

from collections.abc import AsyncIterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias


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


PutResult: TypeAlias = Stored | DigestMismatch | TooLong | StoreDown


class Reading(Protocol):
    """One stored material, open. For one reader."""

    @property
    def size(self) -> int:
        """Its length in bytes."""
        ...

    async def read(self) -> bytes | StoreDown:
        """The next piece, of at most some hundred kilobytes; empty at the end."""
        ...


class Materials(Protocol):
    """Safe for concurrent use from one event loop, also on the same digest. Never raises for what a disk can do."""

    async def put(self, digest: str, pieces: AsyncIterable[bytes], limit: int) -> PutResult:
        """Take the bytes in, checking length and digest on the way; they can be read only once all of it was right.

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
