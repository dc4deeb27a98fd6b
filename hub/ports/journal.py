# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The journal port: where the truth is written.

All methods are safe for concurrent use from one event loop; concurrent calls share transactions. None raises for what a
database or network can do: they answer :class:`JournalDown`. After ``JournalDown`` an operation may or may not have been
committed; repeating it with the same arguments is safe and gives the true answer. Cancelling a call does not stop a
commit that is under way.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from hub.ports.bus import Frame, QueueName


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


# --- accept --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the evidence: a statement and its hash (:mod:`certs.leaf`)."""

    id: UUID
    kind: str
    statement: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """One message to one destination, before it has a place in its lane."""

    id: UUID
    destination: str
    queue: QueueName
    ordered: bool
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that COMMIT 1 writes about one message.

    ``parties`` are the systems that may speak of the case from now on; ``materials`` the digests it names, which its
    parties may read; ``any_case`` lets a sender speak of cases of others. ``raw`` is what was received;
    ``canonical`` is the validated data; ``attributes`` the envelope as JSON.
    """

    message_id: UUID
    system: str
    sender_id: str
    digest: bytes
    contract: str
    version: int
    case: str
    event_time: datetime | None
    expires_at: datetime | None
    accepted_at: datetime
    content_type: str
    raw: bytes
    canonical: bytes
    attributes: bytes
    table_version: str
    parties: tuple[str, ...]
    materials: tuple[str, ...]
    any_case: bool
    deliveries: tuple[PlannedDelivery, ...]
    receipt: bytes
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Committed:
    """COMMIT 1 holds: the message is ours now."""

    receipt: bytes


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Same id, same content: the stored receipt, byte for byte."""

    receipt: bytes


@dataclass(frozen=True, slots=True)
class IdTaken:
    """Same id, other content than what was accepted under it."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class ForeignCase:
    """The case belongs to others and the sender is not a party to it."""


@dataclass(frozen=True, slots=True)
class Unwritable:
    """The database refuses this very message, alone: a bug of ours, not of its neighbours."""

    reason: str


AcceptanceResult: TypeAlias = Committed | Duplicate | IdTaken | ForeignCase | Unwritable | JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """A refused message whose sender is known."""

    id: UUID
    system: str
    sender_id: str | None
    code: str
    problem: bytes
    digest: bytes
    refused_at: datetime


class Acceptances(Protocol):
    """COMMIT 1."""

    async def accept(self, acceptance: Acceptance) -> AcceptanceResult:
        """Write message, planned deliveries with their lane positions, receipt and leaf in one transaction, or nothing."""
        ...

    async def refuse(self, record: RefusalRecord) -> JournalDown | None:
        """Record a refusal. Takes no id: the mended message may come again under the same id."""
        ...


# --- relay ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressure:
    """One partition's window: how many deliveries are on the bus, and whether others may be due."""

    offered: int
    due: bool


class Offers(Protocol):
    """Deliveries that are due at the head of their lane, on their way to the bus."""

    def offered(self) -> AsyncIterator[Sequence[Frame]]:
        """What commits of this process offered, as frames, in commit order. One consumer."""
        ...

    async def pressure(self, queues: Sequence[QueueName]) -> Mapping[QueueName, Pressure] | JournalDown:
        """How full the windows of these partitions are, and whether anything due may be waiting."""
        ...

    async def offer_due(self, queue: QueueName, room: int) -> int | JournalDown:
        """Offer up to ``room`` due lane heads of an owned partition, by priority. They appear in :meth:`offered`.

        Answers how many were offered.
        """
        ...

    async def give_back(self, deliveries: Sequence[UUID], due_at: datetime) -> JournalDown | None:
        """These were offered and no worker took them: due again at that moment, no attempt burnt. Idempotent."""
        ...

    async def astray(self, queue: QueueName, older_than: datetime) -> Sequence[tuple[UUID, UUID]] | JournalDown:
        """(delivery, frame) pairs offered before that moment and not claimed since."""
        ...

    async def unclaim(self, queue: QueueName, older_than: datetime, in_hand: Set[UUID]) -> int | JournalDown:
        """Claims of this process made before that moment whose answer never reached it: due again, no attempt burnt.

        ``in_hand`` are the deliveries it knows it is working on. Answers how many there were.
        """
        ...

    def congested(self, queues: frozenset[QueueName]) -> None:
        """From now on deliveries accepted for these queues wait in the journal until the window has room."""
        ...


# --- deliver -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one delivery, once. Also what a mailbox lease gives.

    ``attempt`` counts every claim; ``failures`` only those that count against the limit. ``holder`` and ``epoch``
    fence: a settlement is written only while they still stand in the journal.
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
    holder: UUID
    epoch: int
    accepted_at: datetime
    claimed_at: datetime
    expires_at: datetime | None
    attributes: bytes
    canonical: bytes


@dataclass(frozen=True, slots=True)
class NotClaimable:
    """Finished, claimed by someone else, not at the head of its lane, or the partition is not ours: nothing to do."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """It was being sent when a process died: claim it again with ``alone=True``, one of its kind at a time."""


ClaimResult: TypeAlias = Claim | NotClaimable | Quarantined | JournalDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one attempt ended, and what follows: the content of COMMIT 2.

    ``state`` is where the delivery is now. ``due_at`` is set when it waits again; ``counted`` says whether the attempt
    counts against the limit; ``yields`` lets the lane go on although the delivery stays open.
    ``leaf`` is set when the state is final or dead.
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


@dataclass(frozen=True, slots=True)
class Settled:
    """COMMIT 2 holds."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The claim no longer stands: someone else decides about this delivery, or this very settlement is written already."""


SettlementResult: TypeAlias = Settled | Stale | Unwritable | JournalDown


class Deliveries(Protocol):
    """Claims and COMMIT 2."""

    async def claim(self, delivery: UUID, *, alone: bool = False) -> ClaimResult:
        """Write ``sending, attempt n, owner, epoch`` before the first byte leaves."""
        ...

    async def settle(self, settlement: Settlement) -> SettlementResult:
        """Compare-and-set on (delivery, attempt, epoch): outcome, attempt, evidence, and the release of the next in lane."""
        ...


# --- mailbox -------------------------------------------------------------------------------------------------------


class Shelf(Protocol):
    """Deliveries that a far side fetches by itself. A lease is a :class:`Claim` whose ``holder`` is the lease's id."""

    async def lease(self, destination: str, limit: int, until: datetime, holder: UUID) -> Sequence[Claim] | JournalDown:
        """Lend up to ``limit`` accepted deliveries nobody holds, oldest first, until that moment."""
        ...

    async def leased(self, destination: str, holder: UUID) -> Sequence[Claim] | JournalDown:
        """What that lease still holds (also past its time, as long as nobody else has been lent it)."""
        ...


# --- ownership -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ownership:
    """The partitions this process owns, with their epochs, as of the last beat."""

    epochs: Mapping[QueueName, int]
    surplus: frozenset[QueueName]
    """Owned, but more than a fair share: stop taking, drain, then release."""


@dataclass(frozen=True, slots=True)
class NameTaken:
    """A living hub already has this name."""


class Ownerships(Protocol):
    """Which hub works on which partition: leased rows with epochs."""

    async def join(self, name: str, incarnation: UUID) -> NameTaken | JournalDown | None:
        """Enter the hub under its name; a dead predecessor of the same name is fenced off at once."""
        ...

    async def beat(self, queues: Sequence[QueueName], ttl: float) -> Ownership | JournalDown:
        """Renew what is owned, take a fair share of what is free or expired. Call at least three times per ``ttl`` seconds."""
        ...

    async def recover(self, queue: QueueName, safe_to_repeat: frozenset[str], poison_limit: int) -> int | JournalDown:
        """After taking a partition: what a dead owner left on the bus is due again; what it was sending is due again,
        quarantined, where the destination is ``safe_to_repeat``, and in doubt elsewhere. Answers how many.
        """
        ...

    async def release(self, queues: Sequence[QueueName]) -> JournalDown | None:
        """Let these partitions go. Idempotent."""
        ...


# --- look-ups ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One finished attempt."""

    attempt: int
    state: State
    code: str
    detail: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One delivery with its history. ``blocked_by`` is the id of the delivery ahead in its lane that holds it."""

    id: UUID
    destination: str
    position: int
    state: State
    code: str
    detail: str
    reference: str
    due_at: datetime | None
    settled_at: datetime | None
    blocked_by: UUID | None
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One accepted message with its deliveries."""

    id: UUID
    system: str
    sender_id: str
    contract: str
    version: int
    case: str
    event_time: datetime | None
    accepted_at: datetime
    digest: bytes
    table_version: str
    receipt: bytes
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """All messages of a case, oldest first, and the systems that are parties to it."""

    case: str
    parties: frozenset[str]
    messages: tuple[MessageView, ...]


class Lookups(Protocol):
    """Reading. None: there is no such thing."""

    async def message(self, message_id: UUID) -> MessageView | JournalDown | None: ...

    async def message_by_sender_id(self, system: str, sender_id: str) -> MessageView | JournalDown | None: ...

    async def case(self, case: str, limit: int = 500) -> CaseView | JournalDown | None: ...

    async def ping(self) -> JournalDown | None:
        """Whether the journal can be written now."""
        ...

    async def counts(self) -> Mapping[str, Mapping[str, int]] | JournalDown:
        """Open deliveries by destination and state."""
        ...


class MaterialRecords(Protocol):
    """Who stored which material, and who may read it. The bytes themselves are behind :mod:`hub.ports.materials`."""

    async def keep(self, digest: str, system: str, size: int, media_type: str, at: datetime) -> JournalDown | None:
        """Record an upload. Idempotent."""
        ...

    async def readable(self, digest: str, system: str) -> tuple[int, str] | JournalDown | None:
        """(size, media type) when this system stored it or is a party to a case that names it; None otherwise."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The whole port, part by part. ``close`` finishes the commits under way and lets go; idempotent."""

    acceptances: Acceptances
    offers: Offers
    deliveries: Deliveries
    shelf: Shelf
    ownerships: Ownerships
    lookups: Lookups
    materials: MaterialRecords
    close: Callable[[], Awaitable[None]]
