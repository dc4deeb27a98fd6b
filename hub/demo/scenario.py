# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the morning promises, said without asking the hub: how many messages, who must get them, which refusals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hub.demo.far.fate import Fate, Morning
from hub.demo.far.mistakes import mistake

SYSTEMS = ("portal", "housing", "civil", "municipal")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One morning, looked at from above."""

    morning: Morning
    fates: Mapping[str, Fate]
    messages: int
    refusals: Mapping[str, int]

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
        )

    @property
    def effects(self) -> int:
        """How many effects the messages of the morning must have, over all destinations."""
        return 2 * self.messages

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
