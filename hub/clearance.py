# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""May this act be carried out now: is it in the operator's scope, and has a second person approved, if one is wanted? 放行"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

import orjson

from hub.operators import Scope
from hub.passage import Place
from hub.ports.journal import Act, DeadLetters, JournalDown
from hub.second_person import SecondPerson, Unapproved

_AT_ONCE = 1000


class Touched(Protocol):
    """A delivery that an act would touch."""

    @property
    def message(self) -> UUID:
        """What it carries."""
        ...

    @property
    def destination(self) -> str:
        """Where it goes."""
        ...


Touching = TypeVar("Touching", bound=Touched)


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """It would touch what the operator is not there for; nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """``letters`` have what messages say, which is how their regions are known."""

    letters: DeadLetters
    places: Mapping[str, Place]
    second: SecondPerson | None = None

    async def of_place(
        self, act: Act, scope: Scope, content: Sequence[str], size: int, destination: str = ""
    ) -> OutOfScope | Unapproved | JournalDown | None:
        """What keeps an act that is about no single deliveries: whoever is there for some regions only may not do it."""
        if scope.regions or not (scope.whole or self.within(scope, destination)):
            return OutOfScope()
        return None if self.second is None else await self.second.cleared(act, content, size)

    def within(self, scope: Scope, destination: str) -> bool:
        """Whether the destination is one of the operator's systems'."""
        place = self.places.get(destination)
        return place is not None and scope.has_organisation(place.system)

    async def beyond(self, scope: Scope, touched: Sequence[Touching]) -> OutOfScope | JournalDown | None:
        """None: every one of them is within the scope."""
        inside = await self.inside(scope, touched)
        if isinstance(inside, JournalDown):
            return inside
        return None if len(inside) == len(touched) else OutOfScope()

    async def inside(self, scope: Scope, touched: Sequence[Touching]) -> Sequence[Touching] | JournalDown:
        """Those that are within the scope. What is not recorded any more is within no region."""
        if scope.whole:
            return touched
        mine = [one for one in touched if self.within(scope, one.destination)]
        if not scope.regions:
            return mine
        regional: set[UUID] = set()
        for first in range(0, len(mine), _AT_ONCE):
            recorded = await self.letters.recorded([one.message for one in mine[first : first + _AT_ONCE]])
            if isinstance(recorded, JournalDown):
                return recorded
            regional |= {
                one.message_id for one in recorded if scope.has_region(orjson.loads(one.canonical).get("region_code"))
            }
        return [one for one in mine if one.message in regional]
