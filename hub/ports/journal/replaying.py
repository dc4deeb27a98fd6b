# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Replays: sets of deliveries, fixed at the click, that are sent again step by step. 重放"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from hub.ports.bus import QueueName
from hub.ports.journal.accepting import Leaf, PlannedDelivery
from hub.ports.journal.acting import Act, Acted, NoSuch, RequestTaken
from hub.ports.journal.state import JournalDown

MOST_IN_REPLAY = 50_000


class ReplayState(StrEnum):
    """A stopped replay may be resumed; a finished one is over."""

    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"


class ItemKind(StrEnum):
    """Sent again as it was planned, or as the present routes say; sent to a destination that the present routes add; taken off by
    the present routes; sent once more although it was delivered, because the far side does not have it.
    """

    RESEND = "resend"
    ADD = "add"
    WITHDRAW = "withdraw"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class OfGroup:
    """The dead letters of a group; ``seen``: only what had failed by then, so that no more is sent than was looked at."""

    group: int
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """These deliveries. ``doubtful``: also those in doubt, because somebody has found out that they were not delivered.

    ``attempts``: as many, the attempt after which each was looked at; one that was tried since is left alone. Empty: never mind.
    """

    deliveries: tuple[UUID, ...]
    doubtful: bool = False
    attempts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """One item of a replay that was planned anew. ``code``: why it cannot be, or empty. ``planned`` is what the present routes
    say of what is added or sent again: from its handling come the moments before and after which it is not sent.
    """

    kind: ItemKind
    delivery: UUID
    message: UUID
    destination: str
    attempt: int = 0
    party: str = ""
    planned: PlannedDelivery | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Replanned:
    """What the present routes make of a selection."""

    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A delivery that was delivered, and where it is offered from."""

    message: UUID
    destination: str
    queue: QueueName
    priority: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """Deliveries that reconciling has found missing at the far side, or other than they should be. Nothing is repeated of a
    case of which something is unfinished at the destination, least of all what is in doubt.
    """

    deliveries: tuple[Repeat, ...]


Selection: TypeAlias = OfGroup | Named | Replanned | Repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """``rate``: most deliveries a second. ``tolerance``: the share of a step that may fail again before the replay stops."""

    rate: int = 50
    tolerance: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Items of a replay that share destination, kind and fate; ``code`` says why some are refused or how they ended."""

    destination: str
    kind: ItemKind
    state: str
    code: str
    late: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """A replay as it stands. ``stopped_by`` is empty when it stopped itself; ``under_way`` are sent and without an outcome."""

    id: UUID
    state: ReplayState
    actor: str
    via: str
    reason: str
    made_at: datetime
    ended_at: datetime | None
    pace: Pace
    step: int
    step_size: int
    step_released: int
    stopped_by: str
    stop_code: str
    stop_detail: str
    lots: tuple[Lot, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Previewed:
    """A dry run: what would be sent, and what not."""

    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What there is to decide about: the present step and what is left."""

    pace: Pace
    step: int
    step_size: int
    released: int
    under_way: int
    failed: int
    pending: int


@dataclass(frozen=True, slots=True)
class Release:
    """Send so many more, as part of that step of that size."""

    count: int
    step: int
    size: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Outcomes are still to come."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop by itself, and say why."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left."""


Decision: TypeAlias = Release | Wait | Stop | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One delivery of a replay, about to be sent again, added or withdrawn."""

    kind: ItemKind
    delivery: UUID
    message: UUID
    destination: str
    attempt: int
    late: bool


class Replays(Protocol):
    """Any hub may carry any replay on: all it needs stands in the journal, and one at a time works on one."""

    async def preview(self, selection: Selection, known: Sequence[str], now: datetime) -> Previewed | JournalDown:
        """What :meth:`start` would do now; writes nothing. ``known`` are the destinations there are."""
        ...

    async def start(
        self, act: Act, selection: Selection, pace: Pace, known: Sequence[str]
    ) -> Acted | RequestTaken | JournalDown:
        """Fix the set and let it run. The replay has the act's id, of the first time where the request came again."""
        ...

    async def view(self, replay: UUID) -> ReplayView | NoSuch | JournalDown: ...

    async def list(self, limit: int) -> Sequence[ReplayView] | JournalDown:
        """The newest replays, newest first."""
        ...

    async def stop(self, act: Act, replay: UUID) -> Acted | NoSuch | RequestTaken | JournalDown:
        """Send nothing more; what is under way ends as it may. ``applied`` is 0 when it was not running."""
        ...

    async def resume(self, act: Act, replay: UUID) -> Acted | NoSuch | RequestTaken | JournalDown:
        """Go on from the first, smallest step. ``applied`` is 0 when it was not stopped."""
        ...

    async def due(self) -> Sequence[UUID] | JournalDown:
        """Replays that have something to be looked at, a few at a time."""
        ...

    async def advance(
        self,
        replay: UUID,
        decide: Callable[[Progress], Decision],
        leaf: Callable[[Item, ReplayView], Leaf],
        now: datetime,
    ) -> Decision | JournalDown | None:
        """Note outcomes, decide and do it, in one transaction. None: another hub has it in hand, or it is not due.

        ``decide`` and ``leaf`` are pure: they are called within the transaction, again if it has to be repeated.
        """
        ...
