# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases (别名): (system, its own number) <-> case number, who said so, and what waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from hub.ports.journal.accepting import Unwritable
from hub.ports.journal.acting import Act, Acted, NoSuch, RequestTaken
from hub.ports.journal.state import JournalDown

Number: TypeAlias = tuple[str, str]
"""A system, and its own number of a case."""

UNKNOWN, DISPUTED = "ALIAS_UNKNOWN", "ALIAS_DISPUTED"
"""Why a message waits: nobody has said yet which case it is, or more than one was said."""


@dataclass(frozen=True, slots=True)
class Alias:
    """The case that a number is known as. ``disputed``: another one was said too, and no operator has decided."""

    case: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class AliasClaim:
    """Somebody said that this is the system's number of that case: its receipt, a message of its, an import."""

    system: str
    number: str
    case: str
    how: str


@dataclass(frozen=True, slots=True)
class AliasSaid:
    """A case that a number was said to be of, first ``at`` that time; ``how``: by receipt, message, import or decision."""

    case: str
    how: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasView:
    """One number with every case that it was ever said to be of."""

    system: str
    number: str
    case: str
    disputed: bool
    decided: bool
    learned_at: datetime
    said: tuple[AliasSaid, ...]

    @property
    def claims(self) -> tuple[str, ...]:
        """The cases alone."""
        return tuple(one.case for one in self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedAlias:
    """A number that messages wait for."""

    system: str
    number: str
    reason: str
    count: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolvable:
    """A message that waits for a number which is known by now, as it was accepted."""

    message: UUID
    system: str
    contract: str
    version: int
    case: str
    canonical: bytes
    attributes: bytes
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The same message as one of its case: its data and envelope with the case number, and the partition of that.

    ``parties`` may speak of the case from now on. ``enforced``: by its sender's policy it may have to wait on, by a rule of the
    life of its case.
    """

    message: UUID
    contract: str
    case: str
    canonical: bytes
    attributes: bytes
    partition: int
    parties: tuple[str, ...]
    enforced: bool


class Aliases(Protocol):
    """Safe with several hubs."""

    async def known(self, numbers: Sequence[Number]) -> Mapping[Number, Alias] | JournalDown | Unwritable:
        """Those that are known. Concurrent calls share a look."""
        ...

    async def claim(self, claims: Sequence[AliasClaim]) -> JournalDown | None:
        """Write down what was said. The same again changes nothing; another case makes the number disputed."""
        ...

    async def decide(
        self, act: Act, system: str, number: str, case: str
    ) -> Acted | NoSuch | RequestTaken | JournalDown:
        """An operator says whose number it is; that stands, whoever says otherwise later. NoSuch: there is no such case."""
        ...

    async def listed(
        self, after: Number | None, limit: int, *, disputed: bool = False, system: str | None = None
    ) -> Sequence[AliasView] | JournalDown:
        """Numbers in order, only the disputed ones if asked so."""
        ...

    async def awaited(self, limit: int) -> Sequence[AwaitedAlias] | JournalDown:
        """Numbers that messages wait for, the longest waited for first."""
        ...

    async def resolvable(self, limit: int) -> Sequence[Resolvable] | JournalDown:
        """Messages whose number is known by now, in order of acceptance."""
        ...

    async def resolve(self, hub: str, resolutions: Sequence[Resolution]) -> int | JournalDown:
        """Make them messages of their cases and let them out into the right lanes; how many. One whose case says that it came
        early waits on by that rule, if it is enforced. Again: nothing more.
        """
        ...
