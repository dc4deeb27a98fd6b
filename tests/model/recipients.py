# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Far sides with moods and with books of their own: what arrived, under which key, and whether it took effect."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import orjson

from connectors.sdk import Delivered, InDoubt, NotSeen, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from tests.model.town import ASKABLE, BLIND


class Mood(StrEnum):
    """What a far side does with the next that arrives."""

    TAKE = "takes it"
    REFUSE = "refuses it"
    AWAY = "is away"
    LOSE = "takes it, and the answer is lost"
    VANISH = "does not take it, and nobody knows"
    HOLD = "takes it, and answers late"
    MUTE = "takes it, and never answers"
    BREAK = "its connector raises before anything left"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One parcel that reached a far side."""

    key: str
    attributes: Mapping[str, str]
    data: Mapping[str, Any]
    effect: bool
    moment: int

    @property
    def message(self) -> tuple[str, str]:
        """Its sender and its sender's id."""
        return self.attributes["source"], self.attributes["id"]


@dataclass(slots=True)
class Recipient:
    """One far side. ``moments`` number what happens in the town, ``keys`` are those whose parcels took effect. What it holds
    back is let go by :meth:`let_go`.
    """

    name: str
    moments: Iterator[int]
    book: list[Arrival] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    moods: deque[Mood] = field(default_factory=deque)
    evasive: int = 0
    """So many questions it answers without saying anything."""
    own_number: Callable[[str], str] = lambda case: f"BJ-{case}"
    held: set[asyncio.Future[None]] = field(default_factory=set)

    @property
    def blind(self) -> bool:
        """Whether it knows no key: every arrival that it takes is an effect."""
        return self.name in BLIND | ASKABLE

    def let_go(self) -> None:
        """Answer what waits for an answer."""
        for one in self.held:
            if not one.done():
                one.set_result(None)
        self.held.clear()

    async def take(self, parcel: Parcel) -> Outcome:
        mood = self.moods.popleft() if self.moods else Mood.TAKE
        if mood is Mood.BREAK:
            raise RuntimeError("made up")
        if mood is Mood.AWAY:
            return Unavailable("AWAY")
        effect = mood not in {Mood.REFUSE, Mood.VANISH} and (self.blind or parcel.idempotency_key not in self.keys)
        known = parcel.idempotency_key in self.keys
        self.book.append(
            Arrival(parcel.idempotency_key, dict(parcel.attributes), _data(parcel), effect, next(self.moments))
        )
        if effect:
            self.keys.add(parcel.idempotency_key)
        match mood:
            case Mood.REFUSE if known and not self.blind:
                pass  # whoever keeps the key answers as it answered before
            case Mood.REFUSE:
                return Rejected("NO", "made up")
            case Mood.LOSE | Mood.VANISH:
                return InDoubt("CUT: no answer")
            case Mood.HOLD | Mood.MUTE:
                await self._hold()
                if mood is Mood.MUTE:
                    return InDoubt("TIMED_OUT: no answer")
            case _:
                pass
        return Delivered(f"{self.name} no={self.own_number(parcel.attributes['subject'])}")

    async def _hold(self) -> None:
        answer = asyncio.get_running_loop().create_future()
        self.held.add(answer)
        try:
            await answer
        finally:
            self.held.discard(answer)

    def asked(self, key: str) -> QueryOutcome:
        """What became of a key: the truth, or nothing."""
        if self.evasive:
            self.evasive -= 1
            return InDoubt("NOT_YET: looked up later")
        return Delivered(f"{self.name} had it") if key in self.keys else NotSeen()


def _data(parcel: Parcel) -> Mapping[str, Any]:
    told: dict[str, Any] = orjson.loads(parcel.body)["data"]
    return told


@dataclass(slots=True)
class Line:
    """A hub's sink to a far side: silent from the moment at which its hub is dead."""

    recipient: Recipient
    dead: asyncio.Event

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def send(self, parcel: Parcel) -> Outcome:
        await self._alive()
        return await self.recipient.take(parcel)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        await self._alive()
        return self.recipient.asked(idempotency_key)

    async def check(self) -> Outcome:
        await self._alive()
        return Unavailable("AWAY") if self.recipient.moods and self.recipient.moods[0] is Mood.AWAY else Delivered()

    async def _alive(self) -> None:
        if self.dead.is_set():
            await asyncio.Event().wait()
