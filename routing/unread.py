# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two tables over a message that was refused, of which only what routing may ask about was kept, and never the record.

What a table says of it is certain where it is the one that refused it, and where nobody who could take it has an expression.
Otherwise its expressions decide, and what differs is told as ``perhaps``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.attributes import Attributes
from routing.comparing import Change, compared
from routing.index import CompiledTable
from routing.match import Rule, chosen, facts
from routing.plan import plan
from routing.planned import Plan
from routing.verdict import UNROUTABLE


@dataclass(frozen=True, slots=True)
class Unread:
    """``code``: by which it was refused, ``by``: by the table of which version. ``odd``: its identifiers had oddities."""

    attributes: Attributes
    code: str
    by: str
    odd: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What a table says for certain; of what is refused the plan may be unknown."""

    plan: Plan
    code: str = ""

    @property
    def destinations(self) -> tuple[str, ...]:
        return () if self.code else self.plan.destinations


@dataclass(frozen=True, slots=True)
class _Open:
    """Its expressions decide: who may get it at most."""

    destinations: tuple[str, ...]


def changes_unread(old: CompiledTable, new: CompiledTable, refused: Unread) -> tuple[Change, ...] | None:
    """What differs; None: by neither table anything is certain."""
    match _said(old, refused), _said(new, refused):
        case _Said() as before, _Said() as after:
            return compared(before, after)
        case _Said(code=code), _Open(destinations):
            return (Change("perhaps", old=code, new=", ".join(destinations)),)
        case _Open(destinations), _Said(code=code):
            return (Change("perhaps", old=", ".join(destinations), new=code),)
        case _:
            return None


def _said(table: CompiledTable, refused: Unread) -> _Said | _Open:
    said = facts(refused.attributes)
    taking = [rule for rule in table.candidates(said) if rule.takes(said)]
    if table.table.version_id == refused.by:
        return _Said(Plan((), (), refused.by), refused.code)
    if any(map(_has_expressions, taking)):
        kept = sorted(chosen(taking), key=lambda rule: rule.order)
        return _Open(_named(kept)) if kept else _Said(Plan((), (), table.table.version_id), UNROUTABLE)
    planned = plan(table, refused.attributes)
    if not planned.destinations:
        return _Said(planned, UNROUTABLE)
    return _Said(planned, "E_IDENTIFIER" if planned.strict and refused.odd else "")


def _has_expressions(rule: Rule) -> bool:
    return rule.decides is not None or any(carriage.expressions for carriage in rule.carriages.values())


def _named(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for rule in rules for name in rule.destinations))
