# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a message goes, and how it is carried there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from contracts.attributes import Attributes
from routing.carriage import Carriage
from routing.expressions import Said, Undecided
from routing.index import CompiledTable
from routing.match import Rule, chosen, facts

_by_order = attrgetter("order")
_RANK = {"deliver": 0, "fallback": 0, "copy": 1, "tap": 2}

Record: TypeAlias = Callable[[], Said]
"""The record of a message, made ready for expressions; asked for only where a route has some."""


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


def plan(table: CompiledTable, attributes: Attributes, record: Record | None = None) -> Plan:
    """Which destinations get a message with these attributes. ``record`` is needed where the table has expressions."""
    said = facts(attributes)
    taking = [rule for rule in table.candidates(said) if rule.takes(said)]
    undecided: tuple[Doubt, ...] = ()
    for rule in taking:
        if rule.decides is not None:
            taking, undecided = decided(taking, said[0] or "", record)
            break
    taking = chosen(taking)
    taking.sort(key=_by_order)
    carriages: Mapping[str, Carriage] = {}
    for rule in taking:
        if rule.carriages:
            carriages = _carriages(taking)
            break
    return Plan(
        destinations=tuple(dict.fromkeys(name for rule in taking for name in rule.destinations)),
        routes=tuple(rule.name for rule in taking),
        table_version=table.table.version_id,
        strict=tuple(rule.name for rule in taking if rule.strict),
        fallback=any(rule.kind == "fallback" for rule in taking),
        carriages=carriages,
        undecided=undecided,
    )


def decided(rules: Sequence[Rule], contract: str, record: Record | None) -> tuple[list[Rule], tuple[Doubt, ...]]:
    """Those that take the message by their expressions too, or have none; and those of which that is not known."""
    taking: list[Rule] = []
    undecided: list[Doubt] = []
    said: Said | None = None
    for rule in rules:
        if rule.decides is not None:
            if said is None:
                assert record is not None, "a table with expressions is asked with the record"
                said = record()
            value = rule.decides[contract].value(said)
            if isinstance(value, Undecided):
                undecided.append(Doubt(rule.name, rule.kind == "tap", value.said))
            if value is not True:
                continue
        taking.append(rule)
    return taking, tuple(undecided)


def _carriages(taking: Sequence[Rule]) -> Mapping[str, Carriage]:
    first: dict[str, Carriage | None] = {}
    for rule in sorted(taking, key=lambda one: _RANK[one.kind]):  # which keeps the order of the table within a rank
        for name in rule.destinations:
            first.setdefault(name, rule.carriages.get(name))
    return {name: carriage for name, carriage in first.items() if carriage is not None}
