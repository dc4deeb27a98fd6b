# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that come under a department's own number join the right lane (别名): whose case that is, or why they wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from contracts.cloudevent import CloudEvent
from hub.own_numbers import NOTHING, Carried, OwnNumbers, carried
from hub.ports.clock import Clock
from hub.ports.journal import Alias, Aliases, JournalDown, Nameless, Unwritable
from hub.ports.journal.aliases import DISPUTED, UNKNOWN, Number

ATTRIBUTE = "govhubalias"
"""The extension attribute that keeps the number under which a message came."""

_CASE = "case_no"

Manner = Literal["own", "either"]
"""``own``: a subject is always the system's own number; ``either``: also the case's, which it is where no alias is known."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How one system names cases, and how long a message of its waits for that to be known."""

    manner: Manner
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Named:
    """A message as one of its case; ``nameless`` where that is not known, and it keeps its own number meanwhile.

    ``carried``: what its sender calls the case, told beside the case number.
    """

    event: CloudEvent
    nameless: Nameless | None = None
    carried: Carried = NOTHING


@dataclass(frozen=True, slots=True)
class Names:
    """One per hub. Nothing is remembered from one message or batch to the next: who disputes a number at another hub, or decides
    about it, is heard by whatever is looked up after that.
    """

    aliases: Aliases
    clock: Clock
    systems: Mapping[str, Numbering] = field(default_factory=dict)
    beside: OwnNumbers = field(default_factory=dict)
    looked_up: Mapping[Number, Alias | None] = field(default_factory=dict)
    """For one batch."""

    async def prepared(self, system: str, events: Iterable[CloudEvent]) -> "Names":
        """With all that a batch will ask for, looked up at once. What could not be had is asked for again, one by one."""
        if system not in self.systems:
            return self
        wanted = [*{(system, event.subject): None for event in events if event.subject}]
        found = await self.aliases.known(wanted) if wanted else {}
        if isinstance(found, JournalDown | Unwritable):
            return self
        return replace(self, looked_up={number: found.get(number) for number in wanted})

    async def of(self, system: str, event: CloudEvent) -> Named | JournalDown | Unwritable:
        """The message of its case. Free for systems that name cases as everybody does."""
        named = await self._named(system, event)
        places = self.beside.get(system)
        if not places or not isinstance(named, Named) or named.nameless is not None or not _about_a_case(event):
            return named
        return replace(named, carried=carried(places, system, event, event.subject or "", named.event.subject or ""))

    async def _named(self, system: str, event: CloudEvent) -> Named | JournalDown | Unwritable:
        numbering = self.systems.get(system)
        if numbering is None or not event.subject or not _about_a_case(event):
            return Named(event)
        alias = await self._alias((system, event.subject))
        if isinstance(alias, JournalDown | Unwritable):
            return alias
        if alias is not None and not alias.disputed:
            return Named(renamed(event, alias.case))
        if alias is None and numbering.manner == "either":
            return Named(event)
        reason = UNKNOWN if alias is None else DISPUTED
        return Named(event, Nameless(event.subject, reason, self.clock.now() + numbering.wait))

    async def _alias(self, number: Number) -> Alias | JournalDown | Unwritable | None:
        if number in self.looked_up:
            return self.looked_up[number]
        found = await self.aliases.known([number])
        return found if isinstance(found, JournalDown | Unwritable) else found.get(number)


async def prepared(names: Names | None, system: str, events: Iterable[CloudEvent]) -> Names | None:
    """The same for a batch, where somebody has numbers of their own at all."""
    return None if names is None else await names.prepared(system, events)


async def named_in(names: Names | None, system: str, event: CloudEvent) -> Named | JournalDown | Unwritable:
    """The same, where somebody has numbers of their own at all."""
    return Named(event) if names is None else await names.of(system, event)


def renamed(event: CloudEvent, case: str) -> CloudEvent:
    """The same message under the number of its case; the number that it came under stays with it."""
    assert event.subject is not None, "only such a message is renamed"
    assert isinstance(event.data, dict), "it is about a case"
    extensions = {**event.extensions, ATTRIBUTE: event.subject}
    return replace(event, subject=case, data={**event.data, _CASE: case}, extensions=extensions)


def _about_a_case(event: CloudEvent) -> bool:
    """Items, bookings and the like have subjects of their own; what contradicts itself is refused as it is."""
    return isinstance(event.data, dict) and event.data.get(_CASE) == event.subject
