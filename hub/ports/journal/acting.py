# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators do: recorded with who, when and why, once for each request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of an operator.

    ``request`` is the client's name for it: the same request with the same ``digest`` is the same act, whoever brings it
    how often. ``via`` says how it came (``api``, ``cli``): only behind the API is ``actor`` proved by a key.
    """

    id: UUID
    request: str
    digest: bytes
    kind: str
    actor: str
    via: str
    reason: str
    subject: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """The act is recorded. ``id`` is that of the first time, ``applied`` the deliveries it changed then."""

    id: UUID
    applied: int
    again: bool


@dataclass(frozen=True, slots=True)
class RequestTaken:
    """Another act was recorded under this request already; nothing was done."""


@dataclass(frozen=True, slots=True)
class NoSuch:
    """There is no such group or replay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """An :class:`Act` as it is looked at later. ``applied`` is what it changed when it was done."""

    id: UUID
    request: str
    kind: str
    actor: str
    via: str
    reason: str
    subject: str
    applied: int
    acted_at: datetime


class Acts(Protocol):
    """What operators did. An act is written by the part that does its work, in the same transaction."""

    async def newest(self, before: UUID | None, limit: int) -> Sequence[ActView] | JournalDown:
        """At most so many, newest first by their ids; ``before``: the last id of the page before, None to begin."""
        ...

    async def record(self, act: Act, cases: Sequence[str]) -> Acted | RequestTaken | JournalDown:
        """Record an act that changes nothing in the journal, and which cases it is about; once for a request."""
        ...

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        """Drop what was done before then, at most so many rows of each table: how many went; 0: there is nothing left to drop.

        A replay stays while it is not over, and as long as any message it was about is in the journal.
        """
        ...
