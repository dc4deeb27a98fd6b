# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The audit trail: what operators did, and who signed in, was given rights, proposed and approved. It is only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One event. ``act`` is what was done to ``subject``, by ``account``, why and over which channel (``api``, ``cli``).

    ``outcome`` is ``done``, ``refused`` or ``waiting``; ``request`` the client's name for it; ``applied`` what it changed.
    ``times``: failed sign-ins that are alike are one entry for a quarter of an hour, which says how many they were.
    """

    id: UUID
    at: datetime
    account: str
    act: str
    subject: str = ""
    reason: str = ""
    via: str
    outcome: str = "done"
    request: str = ""
    applied: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is looked for; None: anything. ``since`` is the first moment, ``until`` the first one that is not wanted."""

    account: str | None = None
    act: str | None = None
    case: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditTrail(Protocol):
    """Acts on messages are written by the part that does their work; the rest comes through here or with accounts."""

    async def note(self, entry: AuditEntry) -> JournalDown | None:
        """Add an entry."""
        ...

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        """Drop entries of before then, at most so many: how many went. Acts have a part of their own."""
        ...

    async def find(self, wanted: AuditFilter, before: UUID | None, limit: int) -> Sequence[AuditEntry] | JournalDown:
        """At most so many that fit, newest first by their ids; ``before``: the last id of the page before, None to begin."""
        ...
