# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sinks that do what a test says: real ones, inside this process, with a far side that is the test itself."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Self, TypeAlias, cast

from connectors.sdk import Delivered, InDoubt, Outcome, Parcel, QueryOutcome

Step: TypeAlias = Outcome | Callable[[Parcel], Awaitable[object]]
"""What happens at one send: this outcome, or whatever comes of calling this."""


class ScriptedSink:
    """Follows a script for each case, step by step; after its end, and where there is none, everything is delivered.

    ``arrived`` are the parcels in the order they were sent, ``finished`` those whose send has ended; ``most`` is how
    many were under way at a time. ``health`` is what a check says. ``answers`` are what queries are told, in turn, the last one
    for ever; ``asked`` are their keys.
    """

    def __init__(
        self, scripts: Mapping[str, Sequence[Step]] | None = None, answers: Sequence[QueryOutcome] = ()
    ) -> None:
        self._scripts = {case: deque(steps) for case, steps in (scripts or {}).items()}
        self._bell = asyncio.Condition()
        self._under_way = 0
        self.arrived: list[Parcel] = []
        self.finished: list[Parcel] = []
        self.most = 0
        self.health: Outcome = Delivered()
        self.checked = 0
        self.answers = list(answers) or [InDoubt("nobody knows")]
        self.asked: list[str] = []

    def script(self, case: str, *steps: Step) -> None:
        """What happens at the next sends of this case."""
        self._scripts[case] = deque(steps)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def send(self, parcel: Parcel) -> Outcome:
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        self.arrived.append(parcel)
        await self._ring()
        try:
            script = self._scripts.get(parcel.attributes["subject"])
            step = script.popleft() if script else Delivered(f"far-{len(self.arrived)}")
            return cast("Outcome", await step(parcel)) if callable(step) else step
        finally:
            self._under_way -= 1
            self.finished.append(parcel)
            await self._ring()

    async def query(self, idempotency_key: str) -> QueryOutcome:
        self.asked.append(idempotency_key)
        await self._ring()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def check(self) -> Outcome:
        self.checked += 1
        await self._ring()
        return self.health

    async def until_checked(self, count: int) -> None:
        """Wait until so many checks have been made."""
        async with asyncio.timeout(30), self._bell:
            await self._bell.wait_for(lambda: self.checked >= count)

    async def until_asked(self, count: int) -> list[str]:
        """Wait until so many queries have been made; their keys."""
        async with asyncio.timeout(30), self._bell:
            await self._bell.wait_for(lambda: len(self.asked) >= count)
        return list(self.asked)

    async def until_arrived(self, count: int) -> list[Parcel]:
        """Wait until so many sends have begun."""
        async with asyncio.timeout(60), self._bell:
            await self._bell.wait_for(lambda: len(self.arrived) >= count)
        return list(self.arrived)

    def of(self, case: str) -> list[str]:
        """The ids of the events of one case, in the order in which they were sent."""
        return [parcel.attributes["id"] for parcel in self.arrived if parcel.attributes["subject"] == case]

    async def _ring(self) -> None:
        async with self._bell:
            self._bell.notify_all()


class Gate:
    """A step that waits until the test opens it, then gives an outcome."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self._outcome = outcome or Delivered("late")
        self._opened = asyncio.Event()

    async def __call__(self, parcel: Parcel) -> Outcome:
        await self._opened.wait()
        return self._outcome

    def open(self) -> None:
        self._opened.set()


def raising(error: BaseException) -> Step:
    """A step with a bug."""

    async def step(parcel: Parcel) -> object:
        raise error

    return step


def answering(value: object) -> Step:
    """A step that answers what is no outcome."""

    async def step(parcel: Parcel) -> object:
        return value

    return step
