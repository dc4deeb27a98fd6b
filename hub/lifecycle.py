# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment makes of messages that do not fit the life of their case: by system and item. 办件进程策略"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hub.config.lifecycle import LifecycleSection
from hub.ports.journal import ParkedStanding, Rigour


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """``begins_anywhere``: a case may begin with its completion, as at a window. ``wait``: the longest time in the parking."""

    rigour: Rigour = Rigour.OBSERVE
    begins_anywhere: bool = False
    wait: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Rule:
    systems: frozenset[str]
    items: tuple[str, ...]
    policy: CasePolicy

    def takes(self, system: str, item: str) -> bool:
        """No systems: all of them; no items: whatever the item."""
        return (not self.systems or system in self.systems) and (
            not self.items or any(_names(pattern, item) for pattern in self.items)
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """The first rule that takes a message decides."""

    default: CasePolicy
    rules: tuple[_Rule, ...] = ()

    @classmethod
    def of(cls, section: LifecycleSection | None) -> "Policies | None":
        """As a deployment says it. None: nobody wants lives followed, and nothing is written of them."""
        if section is None:
            return None
        default = CasePolicy(
            Rigour(section.policy), section.begins == "completion", timedelta(hours=section.wait_hours)
        )
        rules = tuple(
            _Rule(
                frozenset(one.systems),
                one.items,
                CasePolicy(
                    Rigour(one.policy),
                    default.begins_anywhere if one.begins is None else one.begins == "completion",
                    default.wait if one.wait_hours is None else timedelta(hours=one.wait_hours),
                ),
            )
            for one in section.rules
        )
        return cls(default, rules)

    def for_message(self, system: str, item: str) -> CasePolicy:
        """The policy for a message of this system about this item."""
        return next((rule.policy for rule in self.rules if rule.takes(system, item)), self.default)


@dataclass(slots=True)
class Parking:
    """What a hub knows of all that waits, for health and metrics. ``passed_on`` counts since the hub started, by rule."""

    policies: Policies | None = None
    standing: Mapping[str, ParkedStanding] = field(default_factory=dict)
    passed_on: dict[str, int] = field(default_factory=dict)

    def count(self, rules: Sequence[str]) -> None:
        """These were passed on after their time."""
        for rule in rules:
            self.passed_on[rule] = self.passed_on.get(rule, 0) + 1


def _names(pattern: str, item: str) -> bool:
    return item.startswith(pattern[:-1]) if pattern.endswith("*") else item == pattern
