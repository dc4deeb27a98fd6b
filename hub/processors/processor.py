# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port of a processor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel

from connectors.sdk import Delivered, Finding, Manifest, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.fault import Fault
from contracts.located import Located
from hub.legal_clock import LegalClock
from hub.ports.journal import PaceWish, Process

_STRAY = Rejected("PROCESS_UNKNOWN", "nothing under way here goes by its identifier")
_EXISTS = Rejected("PROCESS_EXISTS", "another message has begun this already")


ASKED = "asked"
"""The type of what joins a process as the answer to its own question; ``name`` beside it is the question's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question to a lookup of the deployment, asked as the processor's system. ``keep`` says what of the finding joins the
    process, as canonical data under ``name``: never what a register holds. None: nothing, and it may be asked again.
    """

    name: str
    lookup: str
    criteria: Mapping[str, str]
    purpose: str
    keep: Callable[[Finding], bytes | None]


@dataclass(frozen=True, slots=True)
class Close:
    """Emissions of which nothing is to be sent any more, whoever asks for it; what is open of them is withdrawn.

    ``because``: the one whose failure is the reason; if it has not failed any more, nothing is closed. ``spared``: if one of
    these may have taken effect, nothing is closed. What is being sent or in doubt is left for another time.
    """

    names: Sequence[str]
    because: str = ""
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a process wants next: to ask and to emit under these names, to be looked at again, or to be over with this final
    answer. What it asks is answered before it has another turn, and so is what it wants closed: with that it emits nothing.

    ``due_at`` None: when it hears something. With an ``answer`` it still emits what it names, and then is never looked at again.
    ``unknown_year``: a limit of it reaches into a year whose working days nobody has told; the hub says so aloud.
    ``standing`` is how it stands, a word for operators, and ``why`` for what reason; ``awaits`` the emission that a person must
    decide about. ``replies`` are the final answers to messages that joined it to be answered by it, by the delivery that
    brought each; they may be told again.
    """

    ask: Sequence[Inquiry] = ()
    emit: Sequence[str] = ()
    due_at: datetime | None = None
    answer: Delivered | Rejected | None = None
    unknown_year: int | None = None
    close: Close | None = None
    standing: str = ""
    awaits: str = ""
    why: str = ""
    replies: Mapping[UUID, Delivered | Rejected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """How a message stands to processes (Correlation Identifier, 关联标识); identifiers are told apart within the destination.

    ``joins``: it joins the one that has this identifier. Without that, or where there is none and it has ``keys``, it begins
    one, and what comes later under one of them joins that. ``taken`` is what it is answered if another process has one of its
    keys, ``stray`` if there is none to join. ``answered``: what joins has its final answer from a turn of the process that it
    joined (``Turn.replies``); else it is delivered with that.
    """

    joins: str | None = None
    keys: frozenset[str] = frozenset()
    taken: Delivered | Rejected = _EXISTS
    stray: Delivered | Rejected = _STRAY
    answered: bool = False


class Processor(Protocol):
    """One destination's processor. All of it is pure: it has no state but what the journal says of a process.

    It may be asked anything again, at a later time, by another hub, with another version of its settings.
    """

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """Why a message is none for it; None: a process may begin, or be joined."""
        ...

    def correlation(self, parcel: Parcel, /) -> Correlation:
        """Whether a message that is not refused begins a process or joins one. The same for the same message, always."""
        ...

    def wishes(self, process: Process, now: datetime) -> Sequence[PaceWish]:
        """What it wants to be let through for, before its turn; ``use`` tells them apart."""
        ...

    def turn(self, process: Process, now: datetime, paced: Mapping[str, datetime | None]) -> Turn:
        """What follows now. ``paced`` answers the wishes, by use: None for yes, or when to ask again."""
        ...

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """What is emitted under a name. ``id``, ``source`` and ``time`` are the hub's to set. It may be asked for again: of two
        tellings the first that was accepted counts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """The names a deployment has; ``lookups`` are those that the processor's system may ask. ``clock`` is its legal clock."""

    destinations: frozenset[str]
    secrets: frozenset[str]
    lookups: frozenset[str] = frozenset()
    clock: LegalClock = field(default_factory=LegalClock)


class ProcessorKind(Protocol):
    """A kind of processor: found by the entry point group ``govhub.processors``; the entry's name is the kind."""

    @property
    def manifest(self) -> Manifest:
        """What it promises: as a connector's. Its idempotency is native: a process begins once."""
        ...

    @property
    def config(self) -> type[BaseModel]:
        """A frozen pydantic model of its settings; unknown keys are refused, every field has a description."""
        ...

    @property
    def emits(self) -> frozenset[str]:
        """The contracts that it emits: its system must be allowed to send them."""
        ...

    @property
    def expiries(self) -> frozenset[str]:
        """The codes of its final answers that say: too late. Such a delivery is expired, and no dead letter."""
        ...

    def faults(self, settings: Any, source: Located, known: Known) -> Sequence[Fault]:
        """What is wrong with settings beyond their form: files they name, names that nothing has. ``source`` stands at the
        settings, relative files beside its file.
        """
        ...

    def reckons(self, settings: Any) -> bool:
        """Whether with these settings limits are reckoned in working days: then a year that nobody told is told as a fault."""
        ...

    def processor(self, settings: Any, home: Path, secret: Callable[[str], str], clock: LegalClock) -> Processor:
        """The processor with settings that have no faults; working days and the green channel are the deployment's."""
        ...
