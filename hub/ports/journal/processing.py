# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What processors are in the middle of: what each began, what it has emitted, and what became of that. 处理器

A process is begun by one message at a processor; its id is that of the delivery that brought it. Later messages join it by a
correlation identifier (关联标识). It has no state of its own: what began and joined it, what it has emitted, under names that it
chose, and the fates of that are all there is, so that nothing can disagree with the journal.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Protocol
from uuid import UUID

from hub.ports.journal.accepting import Unwritable
from hub.ports.journal.state import JournalDown, State

_GIVEN_UP = frozenset({State.EXPIRED, State.SKIPPED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of what was emitted, at one destination. ``code`` is that of its last attempt. ``doubtful``: it is dead or
    expired, and yet some attempt may have had its effect.
    """

    state: State
    code: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """One message that a process has decided to emit. ``named_at`` is when.

    ``message``: the journal's id of it, once it is accepted; ``refused``: the code with which the hub itself refused it. Neither:
    it is not known yet to have been accepted. ``fates`` by destination; one that is still under way there is ``waiting``.
    ``closed_at``: nothing of it is sent any more; ``taken`` says then whether it took effect somewhere, or perhaps did.
    """

    name: str
    named_at: datetime
    message: UUID | None = None
    refused: str = ""
    fates: Mapping[str, Fate] = field(default_factory=dict)
    closed_at: datetime | None = None
    taken: bool = False

    @property
    def lost(self) -> bool:
        """Whether it certainly reaches nobody any more. A dead letter is not lost: an operator decides about it."""
        if self.refused:
            return True
        fates = self.fates.values()
        return bool(fates) and all(fate.state in _GIVEN_UP and not fate.doubtful for fate in fates)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A process to be begun by a delivery. ``keys`` are correlation identifiers, told apart within its destination: what
    carries one of them joins this process.
    """

    delivery: UUID
    keys: frozenset[str] = frozenset()


class Entered(Enum):
    """What came of a message that begins a process or joins one."""

    BEGUN = auto()
    JOINED = auto()
    NO_DELIVERY = auto()
    """There is no such open delivery."""
    KEY_TAKEN = auto()
    """Another process has one of its keys: it has not begun."""
    NO_PROCESS = auto()
    """No process has the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A message that joins the process that has ``key`` at this destination. ``body`` is its canonical data. ``answered``: the
    process is to answer it, so joining again gives the process another turn, to say again what it said.
    """

    delivery: UUID
    destination: str
    key: str
    attributes: bytes
    body: bytes
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of an answer to a question that a process asked in this turn. ``id`` is made of process and question."""

    process: UUID
    turn: int
    id: UUID
    attributes: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Joined:
    """A message that has joined a process; ``delivery`` is the one that brought it. Or what was kept of an answer."""

    delivery: UUID
    joined_at: datetime
    attributes: bytes
    canonical: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, taken by this hub for a turn. ``turn`` fences: what it writes holds only while nobody took it again."""

    id: UUID
    destination: str
    case: str
    begun_at: datetime
    turn: int
    attributes: bytes
    canonical: bytes
    emissions: Mapping[str, Emission] = field(default_factory=dict)
    joined: Sequence[Joined] = ()
    """In the order in which they joined."""
    standing: str = ""
    awaits: str = ""
    why: str = ""
    """As it said at its last rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How a turn ends: what became known of its emissions (``message`` or ``refused``), and when it is looked at again.

    ``due_at`` None: not before something is heard. ``finished``: never again, unless something was heard while this turn was
    under way; nothing more is heard. ``standing``: how it says that it stands, ``awaits``: the emission that a person must
    decide about; ``why`` is why it stands so.
    """

    process: UUID
    turn: int
    emissions: Sequence[Emission] = ()
    due_at: datetime | None = None
    finished: bool = False
    standing: str = ""
    awaits: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PaceWish:
    """To be let through once under ``key``, which says nothing about whose it is: at most ``limits``, as (times, seconds).

    ``use`` is what for: the same use again takes nothing more.
    """

    key: bytes
    use: str
    limits: Sequence[tuple[int, float]]


class Processes(Protocol):
    """Safe with several hubs: a process is one hub's for the length of a turn."""

    async def begin(self, beginning: Beginning) -> Entered | JournalDown | Unwritable:
        """Begin the process of an open delivery, due at once. Again: nothing changes, but a finished one has another turn, to
        say again what it said.
        """
        ...

    async def join(self, joining: Joining) -> Entered | JournalDown | Unwritable:
        """Let a message join; its process has a turn, a finished one too, whose emissions are not looked at any more. Again:
        nothing changes, but for what is to be answered.
        """
        ...

    async def keep(self, kept: Kept) -> JournalDown | Unwritable | None:
        """Let an answer join. Again, or from a turn that is over: nothing changes."""
        ...

    async def take(self, destinations: Sequence[str], limit: int, until: datetime) -> Sequence[Process] | JournalDown:
        """Take those that are due, or have heard something, until that moment; who does not rest by then has lost it."""
        ...

    async def pace(self, wishes: Sequence[PaceWish]) -> Sequence[datetime | None] | JournalDown:
        """For each None: it may go now, and that counts; or when it may be asked for again. Keys are locked in order."""
        ...

    async def name(self, process: Process, names: Collection[str], at: datetime) -> bool | JournalDown | Unwritable:
        """Write down what is going to be emitted, before it is. False: the process was taken by another meanwhile."""
        ...

    async def rest(self, rest: Rest) -> bool | JournalDown | Unwritable:
        """End a turn. False: the process was taken by another meanwhile, and nothing was written."""
        ...

    async def hear(self, hinted: Collection[UUID], limit: int) -> int | JournalDown:
        """Look what became of emissions: those whose time to be looked at has come, and those of the ``hinted`` messages.
        A process that hears something new is due. Times double from half a second to a minute. How many were looked at.
        """
        ...

    async def purge(self, before: datetime, limit: int) -> int | JournalDown:
        """Forget a bounded number of processes that finished before then, and what was let through long ago."""
        ...
