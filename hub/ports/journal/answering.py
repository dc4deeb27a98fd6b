# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer that comes later to what a far side had only accepted. 最终答复"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.sdk import Delivered, Heard, Rejected
from hub.ports.journal.accepting import Unwritable
from hub.ports.journal.delivering import Claim, Settlement
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalAnswer:
    """An answer to be recorded. ``settlement`` says what follows for the delivery it turns out to belong to; pure. ``expired``:
    by its code it was too late.
    """

    destination: str
    reference: str
    outcome: Delivered | Rejected
    at: datetime | None
    expired: bool = False
    settlement: Callable[[Claim], Settlement] = field(compare=False)


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """What became of it; ``settlement`` is what was written where it was applied."""

    heard: Heard
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class Purged:
    """What was forgotten: early ones by destination, and how many of finished deliveries."""

    early: Mapping[str, int]
    known: int


class FinalAnswers(Protocol):
    """Answers, by destination and reference; a delivery awaits one from the commit on that says ``accepted``.

    The first answer counts, once: with its delivery's outcome, attempt and evidence it is one commit. What comes before the
    delivery is accepted waits and is applied by that commit (:class:`hub.ports.journal.Settlement`).
    """

    async def hear(self, answer: FinalAnswer) -> HeardAnswer | Unwritable | JournalDown:
        """Record one, and apply it if its delivery awaits it. Of several at one time the order is that of the calls."""
        ...

    async def purge(self, early: datetime, known: datetime, limit: int) -> Purged | JournalDown:
        """Forget, a bounded number of each: early ones that came before that moment and that nothing was accepted for, and
        those of finished deliveries made before the other.
        """
        ...
