# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What business transactions need of the journal beside their process: to send of a step no more, and persons' words. 业务事务"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hub.ports.journal.accepting import Leaf
from hub.ports.journal.acting import Act, Acted, NoSuch, RequestTaken
from hub.ports.journal.processing import Emission
from hub.ports.journal.state import JournalDown

CLOSED = "TRANSACTION_UNDONE"
"""The code of a delivery that was taken back, and of one that is not sent again since it was."""
WORD = "word"
"""The type of what joins a process as a person's word; ``name`` beside it is the emission that it is about."""
WHOLE = "*"
"""In place of an emission's name: the word is about the whole transaction, that it be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Emissions of a process in its turn that are to be sent no more.

    ``because``: the one whose failure is the reason; if it has not failed any more, nothing is closed. ``spared``: if one of
    these may have taken effect, nothing is closed.
    """

    process: UUID
    turn: int
    names: Sequence[str]
    because: str = ""
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An open delivery that is taken back."""

    delivery: UUID
    message: UUID
    destination: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionView:
    """A transaction as it is looked at. ``standing`` is its processor's word, since ``standing_at``, and ``why`` the reason;
    ``awaits`` is the emission that a person must decide about; ``steps`` is all that it has emitted, in order (empty in a list).
    """

    id: UUID
    destination: str
    case: str
    message: UUID
    begun_at: datetime
    finished_at: datetime | None
    standing: str
    standing_at: datetime
    awaits: str
    why: str
    steps: Sequence[Emission] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPart:
    """What a message is to a transaction: the emission of this name; an empty one: it began the transaction."""

    message: UUID
    name: str
    transaction: UUID
    destination: str
    standing: str
    why: str
    awaits: str


@dataclass(frozen=True, slots=True)
class Needing:
    """So many transactions of a destination wait for a person, the longest since then."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Irrevocable:
    """It cannot be undone any more: something that nothing undoes has gone out, or it is complete."""


@dataclass(frozen=True, slots=True)
class NotAwaited:
    """Nothing waits for such a word (any more): somebody else has decided, or it went on by itself."""


class Transactions(Protocol):
    """Safe with several hubs and beside replays: who sends something again and who closes it wait for each other."""

    async def close(
        self, closing: Closing, leaf: Callable[[Withdrawn], Leaf], at: datetime
    ) -> Sequence[str] | JournalDown:
        """Close those of the emissions that nobody is sending and nothing is in doubt of: what is open of them is withdrawn, and
        no replay sends it again. Which they are; none where the turn is over or its reason is gone. ``leaf`` is pure.
        """
        ...

    async def decide(
        self, act: Act, process: UUID, name: str, word: str
    ) -> Acted | NotAwaited | NoSuch | RequestTaken | JournalDown:
        """Give a process a person's word about the emission that it awaits one for; the first word counts."""
        ...

    async def closed(self, deliveries: Collection[UUID]) -> Collection[UUID] | JournalDown:
        """Those of these deliveries that a transaction has closed: nothing of them is sent, or to be decided, any more."""
        ...

    async def undo(
        self, act: Act, process: UUID, final: Mapping[str, Collection[str]]
    ) -> Acted | Irrevocable | NoSuch | RequestTaken | JournalDown:
        """Have a process undone, whatever it is in the middle of; ``applied`` is 0 where it is undone or being undone already.

        ``final`` are the emissions that nothing undoes, by destination: once one was named, it is too late, unless the hub
        itself refused it. A turn that is under way names nothing any more.
        """
        ...

    async def list(
        self, after: UUID | None, limit: int, standing: str | None
    ) -> Sequence[TransactionView] | JournalDown:
        """The newest first; ``after`` the last id of the page before. ``standing`` None: all."""
        ...

    async def view(self, process: UUID) -> TransactionView | NoSuch | JournalDown:
        """One with its steps."""
        ...

    async def parts(
        self, messages: Collection[UUID], deliveries: Collection[tuple[UUID, UUID]]
    ) -> Sequence[TransactionPart] | JournalDown:
        """What these messages are to transactions. ``deliveries`` are those of the messages, each as (message, delivery)."""
        ...

    async def needing(self) -> Mapping[str, Needing] | JournalDown:
        """Those that wait for a person, by destination."""
        ...
