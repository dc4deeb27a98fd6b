# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The log of the evidence: leaves get their indices, in one order for ever, and proofs are read. 存证日志

COMMIT 1 and COMMIT 2 queue their leaves; one hub at a time, the leader, takes them out of the queue into the log. The log holds
hashes and ids, no statements.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come. ``queued``: leaves that have no index yet, counted up to 100,000."""

    log: UUID
    epoch: int
    size: int
    chain: bytes
    sequenced_at: datetime | None
    queued: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note over the log at a size. ``stamps`` are (authority, time stamp token), by authority."""

    size: int
    root: bytes
    note: bytes
    made_at: datetime
    stamps: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class LogLeaf:
    """One leaf where it stands in the log."""

    index: int
    message_id: UUID
    id: UUID
    kind: str
    hash: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A leaf's statement as the journal has it online."""

    message_id: UUID
    id: UUID
    kind: str
    statement: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class LogDamaged:
    """The log is not what it was: rows were changed or are gone. Nothing is appended to it until a person has looked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fenced:
    """Somebody else leads by now. Nothing was written."""


class Lead(Protocol):
    """The right to append. Not for concurrent use. Every call is one transaction that is written whole or not at all, and writes
    nothing once another has begun to lead. After any answer but a good one the lead is over: its block is to be left.
    """

    @property
    def log(self) -> UUID:
        """Which log."""
        ...

    @property
    def size(self) -> int:
        """How many leaves it has."""
        ...

    async def sequence(self, limit: int) -> int | Fenced | LogDamaged | JournalDown:
        """Give the next leaves of the queue their indices, in the order of their commits, without a gap. How many were given."""
        ...

    async def checkpoint(
        self, note: Callable[[int, bytes], bytes], at: datetime
    ) -> Checkpoint | Fenced | LogDamaged | JournalDown:
        """Write a checkpoint over the log as it stands. ``note`` signs size and root."""
        ...


class EvidenceLog(Protocol):
    """Safe for concurrent use. What is read is read once more after a failure; cancelling a read changes nothing."""

    def lead(self) -> AbstractAsyncContextManager[Lead | LogDamaged | JournalDown | None]:
        """Lead for the length of the block; None: another hub leads. The right falls free when the process dies."""
        ...

    async def head(self) -> Head | JournalDown:
        """How far the log has come."""
        ...

    async def newest(self) -> Checkpoint | JournalDown | None:
        """The newest checkpoint."""
        ...

    async def covering(self, size: int) -> Checkpoint | JournalDown | None:
        """The first checkpoint over at least so many leaves that is stamped; while none is, the first."""
        ...

    async def checkpoints(self, after: int, limit: int) -> Sequence[Checkpoint] | JournalDown:
        """Checkpoints over more leaves than that, smallest first, without their stamps."""
        ...

    async def unstamped(self, limit: int) -> Sequence[Checkpoint] | JournalDown:
        """Checkpoints newer than the last stamped one, newest first."""
        ...

    async def stamp(self, size: int, authority: str, token: bytes, at: datetime) -> JournalDown | None:
        """Keep a time stamp token over a checkpoint's note. Idempotent: the first of an authority stays."""
        ...

    async def root(self, size: int) -> bytes | LogDamaged | JournalDown:
        """The root over the first so many leaves."""
        ...

    async def inclusion(self, index: int, size: int) -> Sequence[bytes] | LogDamaged | JournalDown:
        """The proof that a leaf stands in the tree of that size."""
        ...

    async def consistency(self, old: int, new: int) -> Sequence[bytes] | LogDamaged | JournalDown:
        """The proof that a tree begins with an older one."""
        ...

    async def leaves(self, since: int, limit: int) -> Sequence[LogLeaf] | JournalDown:
        """Leaves from an index on, as they stand."""
        ...

    async def leaves_of(self, messages: Sequence[UUID]) -> Sequence[LogLeaf] | JournalDown:
        """All leaves about these messages."""
        ...

    async def places(self, messages: Sequence[UUID]) -> Sequence[tuple[UUID, UUID, int]] | JournalDown:
        """Where the leaves of these messages stand: message, leaf, index."""
        ...

    async def statements(self, leaves: Sequence[tuple[UUID, UUID]]) -> Sequence[Statement] | JournalDown:
        """The statements of leaves (message, leaf) that are online."""
        ...

    async def opening(self, refusal: UUID) -> tuple[bytes, bytes] | JournalDown | None:
        """Digest and salt of a refused message; None: there is no such refusal, or it is archived."""
        ...

    async def outside(self) -> tuple[UUID, UUID] | JournalDown | None:
        """The first leaf (message, leaf) that has neither an index nor a place in the queue: somebody went around the log."""
        ...

    async def archived_months(self) -> Sequence[datetime] | JournalDown:
        """The beginnings of the months whose statements have gone to the archive."""
        ...

    async def tiles(self) -> Sequence[tuple[int, int, bytes]] | JournalDown:
        """Every tile as it is kept: level, number, hashes."""
        ...

    async def keep_seal(self, digest: bytes, signature: bytes, at: datetime) -> bytes | JournalDown:
        """Keep the signature over an export; the one that stands, which is the first that was kept."""
        ...

    async def seal(self, digest: bytes) -> bytes | JournalDown | None:
        """The signature over an export that was made before."""
        ...

    async def know(self, role: str, digest: bytes, certificate: bytes, at: datetime) -> JournalDown | None:
        """Keep a certificate (DER) that signs evidence from now on. Idempotent."""
        ...

    async def certificates(self) -> Sequence[tuple[str, bytes]] | JournalDown:
        """Every certificate that has signed evidence, with its part, the oldest first."""
        ...
