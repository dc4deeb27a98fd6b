# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What became of a message that was published."""

from dataclasses import dataclass
from typing import TypeAlias


class LostError(Exception):
    """The connection could not be made, or has ended; the message says why. Never leaves the connector."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The broker has it in its queues, on disk where they are durable."""


@dataclass(frozen=True, slots=True)
class Returned:
    """No queue wanted it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Nacked:
    """The broker did not take responsibility: a queue is full, or broken."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The broker takes nothing of that size."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ended before the broker said anything: nobody knows."""

    reason: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """Whoever published it waited long enough; the broker may still take it."""


Fate: TypeAlias = Confirmed | Returned | Nacked | TooLarge | Cut | Overdue
