# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What planning gives: the destinations of one message, and the plans that are remembered for those that say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routing.carriage import Carriage
from routing.match import Rule

MOST_REMEMBERED: Final = 16_384
"""Combinations of attributes whose plan is remembered: ten megabytes at most. When they are so many, all are forgotten."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A route whose expression has no value for a message. ``tap``: nothing depends on it."""

    route: str
    tap: bool
    said: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The destinations of one message, each once, in the order of the table; none: the message is unroutable.

    ``routes`` names the routes that took it, ``strict`` those of them that want it refused if its identifiers are odd,
    ``table_version`` the table that says so. ``fallback``: no route of the kind ``deliver`` took it, and one for that case did.
    ``carriages`` says by destination how it is carried, where that is more than plain: as the first route says, those that
    deliver before copies, and copies before taps. ``undecided`` are routes that may or may not take it.
    """

    destinations: tuple[str, ...]
    routes: tuple[str, ...]
    table_version: str
    strict: tuple[str, ...] = ()
    fallback: bool = False
    carriages: Mapping[str, Carriage] = field(default_factory=dict)
    undecided: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a table made of attributes that came lately. A plan depends on nothing but them, or, where an expression is to be
    asked, on the rules that take the message then: so what is remembered is what would be found again.

    ``by_attributes`` has the plan, or the rules of which some have expressions; ``by_rules`` the plan of rules by their order.
    """

    by_attributes: dict[tuple[object, ...], Plan | Sequence[Rule]] = field(default_factory=dict)
    by_rules: dict[tuple[int, ...], Plan] = field(default_factory=dict)

    def keep(self, said: tuple[object, ...], found: Plan | Sequence[Rule]) -> None:
        """Remember what attributes lead to."""
        if len(self.by_attributes) >= MOST_REMEMBERED:
            self.by_attributes.clear()
        self.by_attributes[said] = found

    def keep_plan(self, orders: tuple[int, ...], plan: Plan) -> None:
        """Remember what rules lead to."""
        if len(self.by_rules) >= MOST_REMEMBERED:
            self.by_rules.clear()
        self.by_rules[orders] = plan
