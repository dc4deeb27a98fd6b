# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's system, simulated: what reaches it, how it behaves, and how it speaks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, Self

from contracts.contract import Contract
from contracts.text import Text


class FarSideError(Exception):
    """The simulated system cannot be opened on this machine; raised by ``__aenter__`` alone."""

    def __init__(self, reason: Text, remedy: Text) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(reason.en)


class Temper(Enum):
    """How the department's system takes what comes next."""

    READY = auto()
    """At once."""
    SLOW = auto()
    """It takes it, and says so late, but in time."""
    SILENT = auto()
    """It takes it once, and its answer is lost."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came. ``key`` is the idempotency key, where the way of carrying has one."""

    key: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Spoken:
    """A record in the department's dialect, under the id that its system gives it."""

    id: str
    case: str
    contract: Contract
    content_type: str
    body: bytes


@dataclass(slots=True)
class Book:
    """What arrived, in order, and a bell for whoever waits for more."""

    arrivals: list[Arrival] = field(default_factory=list)
    _bell: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, arrival: Arrival) -> None:
        """One more arrived."""
        async with self._bell:
            self.arrivals.append(arrival)
            self._bell.notify_all()

    def of(self, case: str) -> Sequence[Arrival]:
        """What came so far and names this case."""
        needle = case.encode("ascii")
        return [one for one in self.arrivals if needle in one.body]

    async def until(self, count: int, case: str) -> Sequence[Arrival]:
        """The same, once there is so much of it; the caller bounds the time."""
        async with self._bell:
            await self._bell.wait_for(lambda: len(self.of(case)) >= count)
        return self.of(case)


class FarSide(Protocol):
    """One department's system. ``async with``; one event loop. Never raises for what reaches it."""

    book: Book
    tempers: Sequence[Temper]
    """What it can be made to do."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        """Change the deployment so that it leads here; called once opened. What of the settings is thereby not tried."""
        ...

    def behave(self, temper: Temper) -> None:
        """So it takes what comes next, until told otherwise."""
        ...

    async def at_work(self, url: str, key: str) -> None:
        """Work until cancelled, where the far side itself calls the hub at ``url`` with ``key``."""
        ...

    async def say(self, spoken: Spoken) -> bool:
        """Speak by a way of its own (a file, a row). False: it has none, and speaks to the hub's API."""
        ...


def section_of(deployment: Mapping[str, Any], destination: str) -> dict[str, Any]:
    """The section of a destination, to be changed; a destination without settings gets an empty mapping."""
    section: dict[str, Any] = deployment["destinations"][destination]
    section["settings"] = dict(section.get("settings") or {})
    return section


def sources_of(deployment: dict[str, Any], kind: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The settings of the sources of this kind, to be changed. Sources of others are taken out; how they were called."""
    own: list[dict[str, Any]] = []
    others: list[str] = []
    for name, source in list((deployment.get("sources") or {}).items()):
        if source["connector"] == kind:
            source["settings"] = dict(source.get("settings") or {})
            own.append(source["settings"])
        else:
            del deployment["sources"][name]
            others.append(f"sources.{name}")
    return own, others
