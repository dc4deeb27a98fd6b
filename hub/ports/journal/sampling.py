# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Samples of what went through, for analysis: bounded slices of history with everything that became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.state import JournalDown, State


@dataclass(frozen=True, slots=True)
class SampledAttempt:
    """One attempt that ended."""

    state: State
    code: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledDelivery:
    """One delivery of a sampled message. No case number and no content: nothing in here is personal.

    ``freed_at`` is when the delivery ahead in its lane was settled, None where there is none or it is not settled;
    ``held_by`` the state of the open delivery that holds it, if one does. ``settled_at`` None: not finished.
    """

    message: UUID
    destination: str
    state: State
    code: str
    freed_at: datetime | None
    held_by: State | None
    settled_at: datetime | None
    attempts: tuple[SampledAttempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledMessage:
    """One accepted message."""

    id: UUID
    system: str
    contract: str
    accepted_at: datetime
    deliveries: tuple[SampledDelivery, ...]


class Samples(Protocol):
    """Slices of history. Each costs a bounded number of look-ups by key, however much history there is."""

    async def slice(self, since: datetime, until: datetime, limit: int) -> Sequence[SampledMessage] | JournalDown:
        """The first ``limit`` messages accepted from ``since`` and before ``until``, oldest first."""
        ...

    async def refusals(self, since: datetime, limit: int) -> Sequence[tuple[str, str]] | JournalDown:
        """(system, code) of the last ``limit`` refusals since then."""
        ...

    async def hubs(self, ttl: float) -> int | JournalDown:
        """How many hubs were seen within the last ``ttl`` seconds."""
        ...
