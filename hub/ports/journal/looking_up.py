# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from certs.operator_words import OperatorWord
from hub.ports.journal.state import JournalDown, State


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAnswer:
    """What was told of an attempt after another hub or an operator had taken its delivery up. It has decided nothing, but for
    a doubt that the takeover itself had left.
    """

    state: State
    code: str
    detail: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One finished attempt."""

    attempt: int
    state: State
    code: str
    detail: str
    started_at: datetime
    ended_at: datetime
    told_late: LateAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One delivery with its history. ``blocked_by`` is the id of the delivery ahead in its lane that holds it.

    ``late``: it was sent again after its lane had gone on. ``answer_due``: the far side accepted it, and its final answer should
    be in by then.
    """

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
    late: bool
    attempts: tuple[AttemptView, ...]
    answer_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One accepted message with its deliveries. ``words``: what operators did to them; known where a whole case is asked for.
    ``access``: by which rules it was taken and given on (JSON); empty for one that came before such were kept.
    """

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
    words: tuple[OperatorWord, ...] = ()
    access: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """All messages of a case, oldest first, and the systems that are parties to it."""

    case: str
    parties: frozenset[str]
    messages: tuple[MessageView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One accepted message with its canonical data, for trying contracts on."""

    message_id: UUID
    system: str
    contract: str
    version: int
    case: str
    accepted_at: datetime
    canonical: bytes


@dataclass(frozen=True, slots=True)
class RefusedPlan:
    """A message that the routes refused. ``routing`` is what they asked about it, as :mod:`hub.unplanned` writes it."""

    id: UUID
    system: str
    contract: str
    code: str
    routing: str


@dataclass(frozen=True, slots=True)
class CasesThatSaid:
    """``cases`` that said something of some contracts, among so many messages. ``last`` of these; None: there are no more."""

    cases: frozenset[str]
    last: UUID | None


class Lookups(Protocol):
    """Reading. None: there is no such thing."""

    async def message(self, message_id: UUID) -> MessageView | JournalDown | None: ...

    async def message_by_sender_id(self, system: str, sender_id: str) -> MessageView | JournalDown | None: ...

    async def case(self, case: str, limit: int = 500) -> CaseView | JournalDown | None: ...

    async def recorded(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Recorded] | JournalDown:
        """What was accepted since then, oldest first, at most so many; ``after`` the last message of the batch before."""
        ...

    async def unplanned(self, since: datetime, after: UUID | None, limit: int) -> Sequence[RefusedPlan] | JournalDown:
        """What the routes refused since then, oldest first, at most so many; ``after`` the last one of the batch before."""
        ...

    async def said(
        self, contracts: Sequence[str], after: UUID, before: UUID, limit: int
    ) -> CasesThatSaid | JournalDown:
        """The cases that said something of these contracts, among the next ``limit`` messages between these ids, of whatever
        contract: what it costs does not depend on what they say.
        """
        ...

    async def before(self, case: str, message: UUID, contracts: Sequence[str]) -> Sequence[Recorded] | JournalDown:
        """The messages of these contracts that the case had before this one, newest first, among its last thousand."""
        ...

    async def ping(self) -> JournalDown | None:
        """Whether the journal can be written now."""
        ...

    async def counts(self) -> Mapping[str, Mapping[str, int]] | JournalDown:
        """Open deliveries by destination and state."""
        ...
