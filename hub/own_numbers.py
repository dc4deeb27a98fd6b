# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A system's own number of a case, where its messages, or those of who speaks for it, carry it beside the case's. 自有编号"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.cloudevent import CloudEvent

LONGEST = 50
"""Characters of a number, as of a case number."""
UNUSABLE = "ALIAS_UNUSABLE"
"""Warned of on the receipt: what stands there cannot be a number."""

_LONGEST_TEXT = 500
_DEPARTMENT = ("department_code",)


@dataclass(frozen=True, slots=True)
class Beside:
    """One place: the first group of ``pattern`` in an attribute of the envelope, or in a field of the data, by its path.

    ``contracts``: whose messages have it; empty: all of them. ``of``: whose number it is, if not the sender's;
    ``departments``: only where the message is about one of these, by its ``department_code``; empty: always.
    """

    contracts: frozenset[str]
    attribute: str
    field: tuple[str, ...]
    pattern: re.Pattern[str]
    of: str | None = None
    departments: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Where it is, as warnings say it."""
        return f"$.{self.attribute}" if self.attribute else f"$.data.{'.'.join(self.field)}"

    def number(self, event: CloudEvent) -> str | None:
        """What stands there; empty: nothing; None: something that cannot be a number."""
        if self.contracts and event.type not in self.contracts:
            return ""
        if self.departments and _at(event.data, _DEPARTMENT) not in self.departments:
            return ""
        text = event.extensions.get(self.attribute) if self.attribute else _at(event.data, self.field)
        if not isinstance(text, str):
            return ""  # what a contract does not allow is told by the contract
        if len(text) > _LONGEST_TEXT:
            return None
        found = self.pattern.search(text)
        number = found[1].strip() if found is not None and found[1] else ""
        return number if len(number) <= LONGEST and number.isprintable() else None


OwnNumbers: TypeAlias = Mapping[str, Sequence[Beside]]
"""The places of each system that has some."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one message carries beside its case number: each with the system whose number it is. ``odd`` are the paths of what
    cannot be a number.
    """

    numbers: tuple[tuple[str, str], ...] = ()
    odd: tuple[str, ...] = ()


NOTHING = Carried()


def carried(places: Sequence[Beside], system: str, event: CloudEvent, *names: str) -> Carried:
    """What a message of the system tells at these places, but the ``names`` by which its case is known already."""
    numbers: dict[tuple[str, str], None] = {}
    odd: list[str] = []
    for place in places:
        number = place.number(event)
        if number is None:
            odd.append(place.path)
        elif number and number not in names:
            numbers[place.of or system, number] = None
    return Carried(tuple(numbers), tuple(odd)) if numbers or odd else NOTHING


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data
