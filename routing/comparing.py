# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What two tables make of one message: deliveries that appear, vanish or are carried otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from contracts.attributes import Attributes
from contracts.refusal import Violation
from routing.index import CompiledTable
from routing.plan import Record
from routing.planned import Plan
from routing.verdict import verdict

Kind: TypeAlias = Literal["appears", "vanishes", "changes", "refused", "taken", "perhaps"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a new table does otherwise with a message.

    ``appears``, ``vanishes`` and ``changes`` are about a delivery to ``destination``, ``old`` and ``new`` say how it is carried;
    ``refused`` (by a code, in ``new``) and ``taken`` (in spite of a code, in ``old``) are about the whole message; so is
    ``perhaps`` (:mod:`routing.unread`).
    """

    kind: Kind
    destination: str = ""
    old: str = ""
    new: str = ""


def changes(
    old: CompiledTable,
    new: CompiledTable,
    attributes: Attributes,
    warnings: tuple[Violation, ...],
    record: Record,
) -> tuple[Change, ...]:
    """What differs, in the order of the old table and then of the new; empty: nothing."""
    return compared(verdict(old, attributes, warnings, record), verdict(new, attributes, warnings, record))


class Planned(Protocol):
    """What a table makes of a message: a verdict, or as much of one as is known."""

    @property
    def plan(self) -> Plan:
        """By it, how the message is carried."""
        ...

    @property
    def code(self) -> str:
        """By which it is refused; empty: it is taken."""
        ...

    @property
    def destinations(self) -> tuple[str, ...]:
        """Who gets it."""
        ...


def compared(before: Planned, after: Planned) -> tuple[Change, ...]:
    """The same of what two tables make of one message."""
    was, is_now = before.code, after.code
    told: list[Change] = []
    if was != is_now:
        told.append(Change("refused", old=was, new=is_now) if is_now else Change("taken", old=was))
    gone, there = before.destinations, after.destinations
    told += [Change("vanishes", name, old=_carried(before.plan, name)) for name in gone if name not in there]
    for name in there:
        mine, theirs = _carried(before.plan, name), _carried(after.plan, name)
        if name not in gone:
            told.append(Change("appears", name, new=theirs))
        elif mine != theirs:
            told.append(Change("changes", name, mine, theirs))
    return tuple(told)


def _carried(planned: Plan, name: str) -> str:
    """How it is carried, in one line; empty: plainly."""
    carriage = planned.carriages.get(name)
    return "" if carriage is None else _line(carriage.as_dict())


def _line(said: Mapping[str, object]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in sorted(said.items()))
