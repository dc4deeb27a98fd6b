# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a delivery is, and the one failure every part of the journal shares."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a delivery is. The first six are open, the rest final."""

    WAITING = "waiting"
    OFFERED = "offered"
    SENDING = "sending"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    DEAD = "dead"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class JournalDown:
    """The database did not answer, or refused to write. ``reason`` is for the operator and holds no message content."""

    reason: str
