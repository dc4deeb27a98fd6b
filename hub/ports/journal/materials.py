# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who stored which material (材料), who may read it, and which may be removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class BeingRemoved:
    """Nobody needed these bytes and they are being removed this moment: store them again a little later."""


class MaterialRecords(Protocol):
    """Who stored which material, and who may read it. The bytes themselves are behind :mod:`hub.ports.materials`.

    A removal and everything that could need the material decide in one order, that of their commits. ``doom`` commits
    first: a later ``keep`` answers :class:`BeingRemoved`, and a message that names the material names one that is not
    stored. ``keep`` or the message commits first: ``doom`` leaves it alone.
    """

    async def keep(
        self, digest: str, system: str, size: int, media_type: str, at: datetime
    ) -> BeingRemoved | JournalDown | None:
        """Record an upload, after its bytes were stored. Idempotent; a repeat makes it young again.

        Recorded bytes are not removed. But those that were there already may have been removed before this commit: look
        once more, after it, whether they are there.
        """
        ...

    async def readable(self, digest: str, system: str) -> tuple[int, str] | JournalDown | None:
        """(size, media type) when this system stored it or is a party to a case that names it; None otherwise."""
        ...

    async def doom(self, digests: Sequence[str], before: datetime, at: datetime) -> Sequence[str] | JournalDown:
        """Of these, those that no case names and nobody stored since ``before``: forget who stored them. Their bytes are to
        be removed, and :meth:`removed` is to be told.
        """
        ...

    async def doomed(self, limit: int) -> Sequence[str] | JournalDown:
        """Materials whose bytes are to be removed, the longest waiting first."""
        ...

    async def removed(self, digests: Sequence[str]) -> JournalDown | None:
        """Their bytes are gone for certain. Idempotent."""
        ...
