# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that come under a department's own number join the right lane (别名): whose case that is, or why they wait."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
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
_FRESH_SECONDS = 30.0
_KEPT = 50_000

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


@dataclass(slots=True)
class Names:
    """One per hub. What is known is remembered for half a minute: an operator may decide otherwise."""

    aliases: Aliases
    clock: Clock
    systems: Mapping[str, Numbering] = field(default_factory=dict)
    beside: OwnNumbers = field(default_factory=dict)
    _known: OrderedDict[Number, tuple[float, str]] = field(default_factory=OrderedDict)

    async def prepare(self, system: str, events: Sequence[CloudEvent]) -> None:
        """Look up what a batch will ask for, at once. What could not be had is asked for again, one by one."""
        if system in self.systems:
            wanted = {(system, event.subject) for event in events if event.subject}
            await self._look([number for number in wanted if self._fresh(number) is None])

    async def of(self, system: str, event: CloudEvent) -> Named | JournalDown | Unwritable:
        """The message of its case. Free for systems that name cases as everybody does."""
        named = await self._named(system, event)
        places = self.beside.get(system)
        if not places or not isinstance(named, Named) or named.nameless is not None or not _about_a_case(event):
            return named
        return replace(named, carried=carried(places, event, event.subject or "", named.event.subject or ""))

    async def _named(self, system: str, event: CloudEvent) -> Named | JournalDown | Unwritable:
        numbering = self.systems.get(system)
        if numbering is None or not event.subject or not _about_a_case(event):
            return Named(event)
        number = (system, event.subject)
        case = self._fresh(number)
        if case is not None:
            return Named(renamed(event, case))
        found = await self._look([number])
        if isinstance(found, JournalDown | Unwritable):
            return found
        alias = found.get(number)
        if alias is not None and not alias.disputed:
            return Named(renamed(event, alias.case))
        if alias is None and numbering.manner == "either":
            return Named(event)
        reason = UNKNOWN if alias is None else DISPUTED
        return Named(event, Nameless(event.subject, reason, self.clock.now() + numbering.wait))

    async def _look(self, numbers: Sequence[Number]) -> Mapping[Number, Alias] | JournalDown | Unwritable:
        found = await self.aliases.known(numbers) if numbers else {}
        if isinstance(found, JournalDown | Unwritable):
            return found
        until = self.clock.monotonic() + _FRESH_SECONDS
        for number, alias in found.items():
            if not alias.disputed:
                self._known[number] = (until, alias.case)
                self._known.move_to_end(number)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    def _fresh(self, number: Number) -> str | None:
        until, case = self._known.get(number, (0.0, ""))
        return case if until > self.clock.monotonic() else None


async def prepare(names: Names | None, system: str, events: Iterable[CloudEvent]) -> None:
    """The same for a batch, where somebody has numbers of their own at all."""
    if names is not None:
        await names.prepare(system, list(events))


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
