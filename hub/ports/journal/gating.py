# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Gates: what keeps a destination shut, for all hubs at once. 闸门"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hub.ports.bus import QueueName
from hub.ports.journal.acting import Act, Acted, RequestTaken
from hub.ports.journal.state import JournalDown


class Breaker(StrEnum):
    """Whether a destination is sent anything."""

    CLOSED = "closed"
    """It is."""
    OPEN = "open"
    """It did not answer several times in a row: its deliveries wait until a probe says that it is back."""
    HALF_OPEN = "half_open"
    """A hub is probing now."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A person paused the destination, and why."""

    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One destination. ``failures`` in a row since it last answered; ``openings`` since a delivery was last answered;
    ``opened`` ever. ``since``: of the breaker's state, where half-open counts as open. ``probe_at``: not before; while
    a hub probes, when its time is up.
    """

    destination: str
    breaker: Breaker
    failures: int
    openings: int
    opened: int
    since: datetime
    reason: str
    probe_at: datetime | None
    paused: Pause | None

    @property
    def shut(self) -> bool:
        """Whether its deliveries wait."""
        return self.breaker is not Breaker.CLOSED or self.paused is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one hub heard of a destination since it last told: whether it answered, and the failures in a row after that.

    ``most`` failures in a row open the breaker; it is first probed ``first`` seconds later, then after pauses that double up
    to ``longest``.
    """

    destination: str
    answered: bool
    failures: int
    reason: str
    most: int
    first: float
    longest: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A delivery to try a destination with. ``mine``: this hub may send it; otherwise another hub may send such a one."""

    delivery: UUID
    queue: QueueName
    mine: bool


class Gates(Protocol):
    """Breakers and pauses, shared by all hubs. What is shut is neither offered nor claimed: no attempt is burnt.

    An operator's pause needs no running hub. Hubs hear of a change within a second; a claim sees it at once.
    """

    async def states(self) -> Mapping[str, Gate] | JournalDown:
        """Every destination about which there is something to say; one that is missing here is open for business."""
        ...

    async def report(self, heard: Sequence[Heard]) -> JournalDown | None:
        """Count what was heard, one of each destination; opens breakers. Not idempotent: a repeat counts twice."""
        ...

    async def take_probe(self, destination: str, until: datetime) -> bool | JournalDown:
        """The right to probe, for one hub at a time, until that moment. False: not due, paused, or somebody else probes."""
        ...

    async def close(self, destination: str, *, answered: bool) -> JournalDown | None:
        """The probe went well. ``answered``: it was a real delivery, so the next pause is a short one again."""
        ...

    async def reopen(self, destination: str, reason: str, first: float, longest: float) -> JournalDown | None:
        """The probe failed: the next one follows after a longer pause."""
        ...

    async def pass_on(self, destination: str, at: datetime) -> JournalDown | None:
        """This hub has nothing to probe with: from that moment on another one may."""
        ...

    async def trial(self, destination: str, owned: Sequence[QueueName]) -> Trial | JournalDown | None:
        """A lane head to try the destination with, of the owned partitions if there is one. None: nothing waits for it."""
        ...

    async def pause(self, act: Act) -> Acted | RequestTaken | JournalDown:
        """Shut the act's subject until it is resumed. ``applied`` is 1, or 0 where it was paused already."""
        ...

    async def resume(self, act: Act) -> Acted | RequestTaken | JournalDown:
        """End the pause of the act's subject; a breaker that is open is probed at once. ``applied``: 0 if it was not paused."""
        ...
