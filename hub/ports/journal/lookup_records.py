# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What was asked of registers: by whom, what for, when, with what outcome, and never what about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from hub.ports.journal.accepting import Unwritable
from hub.ports.journal.state import JournalDown

LookupOutcome = Literal["found", "not_found", "rejected", "unavailable"]
LookupManner = Literal["asked", "remembered", "stale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupRecord:
    """One question. ``criteria`` are names alone. ``code`` says why there was no answer, ``records`` how many were given.

    ``manner``: the register was asked, or its answer remembered, or that given although old. ``took_ms`` is until it was known.
    ``rule`` let the system ask.
    """

    id: UUID
    asked_at: datetime
    lookup: str
    system: str
    purpose: str
    criteria: tuple[str, ...]
    outcome: LookupOutcome
    code: str
    records: int
    manner: LookupManner
    took_ms: int
    rule: str = ""


class LookupRecords(Protocol):
    """The audit of lookups."""

    async def record(self, record: LookupRecord) -> Unwritable | JournalDown | None:
        """Write it, with whatever others are written at the time. Idempotent by its id."""
        ...

    async def newest(
        self, before: UUID | None, limit: int, *, lookup: str | None = None, system: str | None = None
    ) -> Sequence[LookupRecord] | JournalDown:
        """At most so many, newest first by their ids; ``before``: the last id of the page before, None to begin."""
        ...

    async def forget(self, before: datetime, limit: int) -> int | JournalDown:
        """Drop what was asked before then, at most so many: how many went; 0: there is nothing left to drop."""
        ...
