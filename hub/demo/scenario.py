# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the morning promises, said without asking the hub: how many messages, who must get them, which refusals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hub.demo.far.fate import COMPLETION, LICENCE, Fate, Morning
from hub.demo.far.mistakes import mistake
from hub.demo.far.services import HALL, Wish, goes_up, wishes

SYSTEMS = ("portal", "housing", "civil", "municipal")
PARTIES = (*SYSTEMS, HALL, "seals", "province")
"""Everybody who has a key to the hub."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One morning, looked at from above."""

    morning: Morning
    fates: Mapping[str, Fate]
    messages: int
    refusals: Mapping[str, int]
    wishes: tuple[Wish, ...] = ()
    """What the hall asks of services: that the morning is over only when all of it has come about."""

    @classmethod
    def of(cls, morning: Morning) -> "Scenario":
        """Work the whole morning out beforehand."""
        fates = [morning.fate(index) for index in range(morning.cases)]
        mistakes = (mistake(morning, fate, turn) for fate in fates for turn in fate.turns)
        return cls(
            morning=morning,
            fates={fate.case: fate for fate in fates},
            messages=sum(len(fate.turns) for fate in fates),
            refusals=Counter(one.code for one in mistakes if one is not None),
            wishes=tuple(wish for fate in fates for wish in wishes(fate)),
        )

    @property
    def effects(self) -> int:
        """How many effects the messages of the morning must have, over all destinations."""
        return 2 * self.messages

    def going_up(self) -> Mapping[str, frozenset[str]]:
        """The cases of which the province gets a row, by contract."""
        found: dict[str, set[str]] = {COMPLETION: set(), LICENCE: set()}
        for fate in self.fates.values():
            for turn in filter(goes_up, fate.turns):
                found[turn.contract].add(fate.case)
        return {contract: frozenset(cases) for contract, cases in found.items()}

    def destinations(self, source: str, case: str) -> frozenset[str]:
        """Who must get a message of this case from this sender; nobody when the case is none of this morning's.

        The portal speaks to the department whose item it is, a department to the portal; the municipal platform gets
        a copy of everything.
        """
        fate = self.fates.get(case)
        if fate is None:
            return frozenset()
        other = fate.item.department.system if source == "portal" else "portal"
        return frozenset({other, "municipal"})
