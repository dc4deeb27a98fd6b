# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Claims before sends, and COMMIT 2."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from connectors.sdk import Delivered, Rejected
from hub.ports.bus import QueueName
from hub.ports.journal.accepting import Leaf, Unwritable
from hub.ports.journal.state import JournalDown, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one delivery, once. Also what a mailbox lease gives.

    ``attempt`` counts every claim; ``failures`` only those that count against the limit; ``crashes`` the sends in a row that
    broke the connector or the process; ``asked`` how often the far side was asked about the present doubt. ``holder`` and
    ``epoch`` fence: a settlement is written only while they still stand in the journal. ``late``: an operator had it
    sent again after its lane had gone on. ``early``: the rule by which its message waited for another in vain. ``reference``: the
    far side accepted it under this, and its final answer is awaited.
    ``handling`` is the plan's (:class:`hub.ports.journal.PlannedDelivery`). ``damaged``: what lies in the journal is not what was
    sealed, so there is nothing to send.
    """

    delivery_id: UUID
    message_id: UUID
    destination: str
    queue: QueueName
    case: str
    contract: str
    version: int
    attempt: int
    failures: int
    suspect: bool
    crashes: int = 0
    asked: int = 0
    holder: UUID
    epoch: int
    accepted_at: datetime
    claimed_at: datetime
    expires_at: datetime | None
    attributes: bytes
    canonical: bytes
    replayed_at: datetime | None = None
    late: bool = False
    early: str = ""
    back_at: datetime | None = None
    reference: str = ""
    handling: str = ""
    damaged: bool = False

    @property
    def since(self) -> datetime:
        """From when its age counts: its acceptance, or the last time an operator had it sent again, or when its destination
        was back after it had been shut: what waited for days must not grow dead at the first failure after that.
        """
        since = self.replayed_at or self.accepted_at
        return since if self.back_at is None else max(since, self.back_at)


@dataclass(frozen=True, slots=True)
class NotClaimable:
    """Finished, claimed by someone else, not at the head of its lane, or the partition is not ours: nothing to do."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """It was being sent when a process died: claim it again with ``alone=True``, one of its kind at a time."""


@dataclass(frozen=True, slots=True)
class Halted:
    """Its destination is shut: it goes back to the journal and waits there. No attempt is burnt."""


ClaimResult: TypeAlias = Claim | NotClaimable | Quarantined | Halted | JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one attempt ended, and what follows: the content of COMMIT 2.

    ``state`` is where the delivery is now. ``due_at`` is set when it waits again; ``counted`` says whether the attempt
    counts against the limit; ``yields`` lets the lane go on although the delivery stays open.
    ``leaf`` is set when the state is final or dead. ``crashes`` and ``suspect`` are what the journal has of the delivery from
    now on: an ordinary end clears both. ``ask_at`` is set when it is in doubt, or accepted, and the far side is to be asked,
    ``asked`` times so far. ``on_answer`` is set when it is accepted and its final answer will be given under ``reference``, or in
    doubt and it may be given under the delivery's id: if it has been given already, what this makes of it is written instead.
    ``answer_due`` is when that answer should be in. ``learned``: a system, and what it calls the case.
    """

    claim: Claim
    state: State
    code: str
    detail: str
    reference: str
    ended_at: datetime
    due_at: datetime | None = None
    counted: bool = True
    yields: bool = False
    leaf: Leaf | None = None
    crashes: int = 0
    suspect: bool = False
    asked: int = 0
    ask_at: datetime | None = None
    answer_due: datetime | None = None
    learned: tuple[str, str] | None = None
    on_answer: Callable[[Delivered | Rejected], "Settlement"] | None = field(default=None, compare=False)

    @property
    def at_once(self) -> bool:
        """Whether it may be tried again without any pause."""
        return self.state is State.WAITING and self.counted and self.due_at == self.ended_at


@dataclass(frozen=True, slots=True)
class Settled:
    """COMMIT 2 holds. ``instead`` is what was written where the final answer had come before it, or could not be awaited."""

    instead: Settlement | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """The claim no longer stands: someone else decides about this delivery, or this very settlement is written already.

    What it tells of the attempt is kept all the same, as told late (:class:`hub.ports.journal.LateAnswer`).
    """


SettlementResult: TypeAlias = Settled | Stale | Unwritable | JournalDown


class Deliveries(Protocol):
    """Claims and COMMIT 2."""

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        """Write ``sending, attempt n, owner, epoch`` before the first byte leaves.

        ``alone``: nothing else that is quarantined is being sent. ``trial``: its destination is tried with it, so it may be
        shut, and the delivery not due yet.
        """
        ...

    async def disown(self) -> int | JournalDown:
        """Take back the claims whose answer never came, though they may have been written: nothing was sent under them. Also
        where a takeover put such a delivery in doubt meanwhile. They are due again; how many there were. Costs nothing when
        there are none.
        """
        ...

    async def settle(self, settlement: Settlement) -> SettlementResult:
        """Compare-and-set on (delivery, attempt, epoch): outcome, attempt, evidence, and the release of the next in lane.

        It also holds where a takeover put this very attempt in doubt and it waits so: then it resolves the doubt.
        """
        ...
