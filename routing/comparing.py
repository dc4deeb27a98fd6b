# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What two tables make of one message: deliveries that appear, vanish or are carried otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.attributes import Attributes
from contracts.refusal import Violation
from routing.index import CompiledTable
from routing.plan import Plan, Record, plan
from routing.strictness import too_odd
from routing.undecided import undecided

Kind: TypeAlias = Literal["appears", "vanishes", "changes", "refused", "taken"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a new table does otherwise with a message.

    ``appears``, ``vanishes`` and ``changes`` are about a delivery to ``destination``, ``old`` and ``new`` say how it is carried;
    ``refused`` (by a code, in ``new``) and ``taken`` (in spite of a code, in ``old``) are about the whole message.
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
    return compared(plan(old, attributes, record), plan(new, attributes, record), warnings)


def compared(before: Plan, after: Plan, warnings: tuple[Violation, ...]) -> tuple[Change, ...]:
    """The same of two plans of one message."""
    was, is_now = _code(before, warnings), _code(after, warnings)
    told: list[Change] = []
    if was != is_now:
        told.append(Change("refused", old=was, new=is_now) if is_now else Change("taken", old=was))
    gone = [] if was else before.destinations
    there = [] if is_now else after.destinations
    told += [Change("vanishes", name, old=_carried(before, name)) for name in gone if name not in there]
    for name in there:
        mine, theirs = _carried(before, name), _carried(after, name)
        if name not in gone:
            told.append(Change("appears", name, new=theirs))
        elif mine != theirs:
            told.append(Change("changes", name, mine, theirs))
    return tuple(told)


def _code(planned: Plan, warnings: tuple[Violation, ...]) -> str:
    refusal = undecided(planned) or (too_odd(planned, warnings) if planned.destinations else None)
    if refusal is not None:
        return refusal.code
    return "" if planned.destinations else "E_UNROUTABLE"


def _carried(planned: Plan, name: str) -> str:
    """How it is carried, in one line; empty: plainly."""
    carriage = planned.carriages.get(name)
    return "" if carriage is None else _line(carriage.as_dict())


def _line(said: Mapping[str, object]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in sorted(said.items()))
