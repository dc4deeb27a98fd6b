# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""May this act be carried out now: is it in the operator's scope, and has a second person approved, if one is wanted? 放行"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar
from uuid import UUID

from hub.operators import Scope
from hub.passage import Place
from hub.ports.journal import COUNTED, Act, DeadGroup, Inside, JournalDown, Jurisdictions
from hub.second_person import SecondPerson, Unapproved


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
    """``jurisdictions`` say which regions and systems things are about."""

    jurisdictions: Jurisdictions
    places: Mapping[str, Place]
    second: SecondPerson | None = None

    async def of_place(
        self, act: Act, scope: Scope, content: Sequence[str], size: int, destination: str = ""
    ) -> OutOfScope | Unapproved | JournalDown | None:
        """What keeps an act that is about no single deliveries: whoever is there for some regions only may not do it."""
        if scope.regions or not (scope.whole or self.within(scope, destination)):
            return OutOfScope()
        return await self.approved(act, content, size)

    async def of_cases(
        self, act: Act, scope: Scope, cases: Collection[str], content: Sequence[str], size: int = 1
    ) -> OutOfScope | Unapproved | JournalDown | None:
        """What keeps an act on whole cases: none of them may be about a region that the operator is not there for."""
        if not scope.whole:
            bounds = await self.jurisdictions.of_cases(cases)
            if isinstance(bounds, JournalDown):
                return bounds
            if not all(scope.holds(one.regions, one.systems) for one in bounds.values()):
                return OutOfScope()
        return await self.approved(act, content, size)

    async def of_replay(self, scope: Scope, replay: UUID) -> OutOfScope | JournalDown | None:
        """What keeps somebody from a replay: one delivery outside, and the whole is outside."""
        if scope.whole:
            return None
        reach = await self.jurisdictions.of_replay(replay)
        if isinstance(reach, JournalDown):
            return reach
        inside = all(
            self.within(scope, where) and (not scope.regions or scope.has_region(code)) for where, code in reach
        )
        return None if reach and inside else OutOfScope()

    async def approved(self, act: Act, content: Sequence[str], size: int) -> Unapproved | JournalDown | None:
        """None: a second person has approved it, or none is wanted."""
        return None if self.second is None else await self.second.cleared(act, content, size)

    def within(self, scope: Scope, destination: str) -> bool:
        """Whether the destination is one of the operator's systems'."""
        place = self.places.get(destination)
        return scope.whole or (place is not None and scope.has_organisation(place.system))

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
        regions = await self.jurisdictions.of_messages([one.message for one in mine])
        if isinstance(regions, JournalDown):
            return regions
        return [one for one in mine if scope.has_region(regions.get(one.message))]

    async def groups_inside(self, scope: Scope, groups: Sequence[DeadGroup]) -> Sequence[DeadGroup] | JournalDown:
        """The groups of the operator's systems; of regions, what is theirs in a group, and nothing of what others noted there."""
        mine = [one for one in groups if self.within(scope, one.destination)]
        if not scope.regions:
            return mine
        counts = await self.jurisdictions.dead_inside([one.id for one in mine], scope.regions)
        if isinstance(counts, JournalDown):
            return counts
        return [_narrowed(one, counts[one.id]) for one in mine if one.id in counts]

    async def cases_seen(self, scope: Scope, cases: Collection[str]) -> AbstractSet[str] | JournalDown:
        """Those of these cases that the operator may look at."""
        if scope.whole:
            return set(cases)
        bounds = await self.jurisdictions.of_cases(cases)
        if isinstance(bounds, JournalDown):
            return bounds
        return {case for case, one in bounds.items() if scope.sees(one.regions, one.systems)}


def _narrowed(group: DeadGroup, inside: Inside) -> DeadGroup:
    """A group as far as it is of certain regions."""
    whole = inside.count == group.count and not group.more
    return replace(
        group,
        count=min(inside.count, COUNTED),
        more=inside.count > COUNTED,
        oldest=inside.oldest,
        newest=inside.newest,
        note=group.note if whole else "",
        noted_by=group.noted_by if whole else "",
        noted_at=group.noted_at if whole else None,
    )
