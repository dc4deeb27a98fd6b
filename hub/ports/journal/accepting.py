# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1: what is written when a message is accepted or refused, and the answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from contracts.lifecycle.judgement import Impossible, Parked
from contracts.lifecycle.message import Message as CaseMessage
from contracts.lifecycle.record import Record as CaseRecord
from contracts.person_keys import NumberKind
from hub.ports.bus import QueueName
from hub.ports.journal.state import JournalDown


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the evidence: a statement and its hash (:mod:`certs.leaf`)."""

    id: UUID
    kind: str
    statement: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """One message to one destination, before it has a place in its lane.

    ``due_at``: not before then. ``expires_at``: worth nothing after that, where that is sooner than the message says.
    ``handling`` is JSON, what :mod:`hub.handling` makes of it; empty: it is carried plainly.
    """

    id: UUID
    destination: str
    queue: QueueName
    ordered: bool
    priority: int
    due_at: datetime | None = None
    expires_at: datetime | None = None
    handling: str = ""


class Rigour(StrEnum):
    """What becomes of a message that does not fit the life of its case."""

    OBSERVE = "observe"
    """It is counted, and goes on."""
    WARN = "warn"
    """Its sender is told with the receipt, and it goes on."""
    ENFORCE = "enforce"
    """An early one waits for what it follows; an impossible one is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """The part that a message has in the life of its case, and what its sender's policy makes of that.

    ``hub`` is this one's name. ``begins_anywhere``: a case may begin with its completion. ``pass_at``: it is not parked for
    longer. ``warned`` gives receipt and leaf that tell the sender of the rule with this number.
    """

    hub: str
    record: CaseRecord
    rigour: Rigour
    begins_anywhere: bool
    pass_at: datetime
    warned: Callable[[str], tuple[bytes, Leaf]] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Nameless:
    """A message that came under a number of its sender's own, of which nobody knows the case, or which case of several.

    It waits until ``pass_at`` at most; until then that number stands for its case.
    """

    number: str
    reason: str
    pass_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that COMMIT 1 writes about one message.

    ``parties`` are the systems that may speak of the case from now on; ``materials`` the digests it names, which its
    parties may read; ``any_case`` lets a sender speak of cases of others. ``raw`` is what was received;
    ``canonical`` is the validated data; ``attributes`` the envelope as JSON. ``lived``: what it says about the life of its case,
    where that is followed. ``nameless``: its case is not known. ``numbers``: what systems call the case, told with it: each
    system with its number.
    ``submission``: the leaf of its sender's signature.
    ``access``: by which rules it is taken and given on (JSON). ``persons``: the numbers by which its case may be looked for.
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
    submission: Leaf | None = None
    lived: Lived | None = None
    nameless: Nameless | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    access: str = ""
    persons: frozenset[tuple[NumberKind, str]] = frozenset()

    @property
    def waits(self) -> bool:
        """Whether it may have to wait."""
        return self.lived is not None or self.nameless is not None


@dataclass(frozen=True, slots=True)
class Committed:
    """COMMIT 1 holds: the message is ours now. ``rule``: it does not fit the life of its case, by this one; ``parked``: so it has
    no deliveries before what it waits for has come.
    """

    receipt: bytes
    rule: str = ""
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Unlawful:
    """It does not fit the life of its case and is not taken: it cannot be, or too much waits for the same case already."""

    judged: Impossible | Parked
    message: CaseMessage


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Same id, same content: the stored receipt, byte for byte."""

    receipt: bytes


@dataclass(frozen=True, slots=True)
class IdTaken:
    """Same id, other content than what was accepted under it."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class Archived:
    """Same id, same content as a message that has left the journal for the archive: too old to be said again."""


@dataclass(frozen=True, slots=True)
class ForeignCase:
    """The case belongs to others and the sender is not a party to it."""


@dataclass(frozen=True, slots=True)
class Unwritable:
    """The database refuses this very message, alone: a bug of ours, not of its neighbours."""

    reason: str


AcceptanceResult: TypeAlias = (
    Committed | Duplicate | IdTaken | Archived | ForeignCase | Unlawful | Unwritable | JournalDown
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """A refused message whose sender is known. ``contract`` is the type as the sender wrote it, if it could be read.

    ``routing``: of one that the routes refused, what they asked about it (:mod:`hub.unplanned`); its body is kept nowhere.
    ``statement``: the evidence of it, with its hash and what opens its commitment.
    """

    id: UUID
    system: str
    sender_id: str | None
    contract: str | None
    code: str
    problem: bytes
    digest: bytes
    refused_at: datetime
    routing: str = ""
    statement: bytes = b""
    leaf: bytes = b""
    salt: bytes = b""


class Acceptances(Protocol):
    """COMMIT 1."""

    async def accept(self, acceptance: Acceptance) -> AcceptanceResult:
        """Write message, planned deliveries with their lane positions, receipt and leaf in one transaction, or nothing."""
        ...

    async def accept_all(self, acceptances: Sequence[Acceptance]) -> Sequence[AcceptanceResult]:
        """The same for many at once, in one transaction and in their order; one result each.

        One that cannot be written does not take the others with it. After a ``JournalDown`` a later one may stand.
        """
        ...

    async def refuse(self, record: RefusalRecord) -> JournalDown | None:
        """Record a refusal. Takes no id: the mended message may come again under the same id."""
        ...
