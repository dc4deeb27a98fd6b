# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a send can end, and what a query can come to. Matched exhaustively; an exception out of a connector is a bug: InDoubt.

    Delivered     the far side has it and said so
    Accepted      the far side took it; the final answer comes later under this reference
    Rejected      the far side refused it for good: never retried
    Unavailable   the far side certainly did not take it: tried again later
    InDoubt       nobody knows: asked about where the far side can be asked, never repeated blindly

A query has one more, and only a query: NotSeen, the far side's own word that it never had the key. It is kept apart from
``Unavailable``, which from a query says that nobody could be asked: taking one for the other seals a document twice.

All fields are plain strings and numbers, so that an outcome can cross a process border. Texts must hold no personal
data. A ``code``, and the first word of a ``reason``, is stable and in capitals (``HTTP_503``, ``TIMED_OUT: …``): the
console groups failures by it.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Delivered:
    """``receipt`` is what the far side gave as proof: its own number, a digest, or an empty string."""

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """``reference`` is the far side's handle for the work it still has to do."""

    reference: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """``code`` is the far side's or the connector's stable code; ``violations`` are sentences for the sender."""

    code: str
    detail: str = ""
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """``retry_after`` is the far side's wish in seconds, or None to let the hub's back-off decide."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The request may have had its effect: a cut after the first byte, a time-out, an answer nobody can read.

    Where the connector promises native idempotency the hub sends again under the same key; elsewhere it asks or waits.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class NotSeen:
    """The far side looked for the key and never had it, and it cannot still be on its way: it is sent again, under the same
    key. Nothing else is ``NotSeen``: not an outage, not a time-out, not an answer that some gateway may have given.
    """


Outcome: TypeAlias = Delivered | Accepted | Rejected | Unavailable | InDoubt
QueryOutcome: TypeAlias = Outcome | NotSeen
