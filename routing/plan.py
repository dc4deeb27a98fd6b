# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a message goes, and how it is carried there."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TypeAlias

from contracts.attributes import Attributes
from routing.carriage import Carriage
from routing.expressions import Said, Undecided
from routing.index import CompiledTable
from routing.match import Facts, Rule, chosen, contract_fact, facts
from routing.planned import Doubt, Plan

_by_order = attrgetter("order")
_RANK = {"deliver": 0, "fallback": 0, "copy": 1, "tap": 2}

Record: TypeAlias = Callable[[], Said]
"""The record of a message, made ready for expressions; asked for only where a route has some."""


def plan(table: CompiledTable, attributes: Attributes, record: Record | None = None) -> Plan:
    """Which destinations get a message with these attributes. ``record`` is needed where the table has expressions."""
    remembered = table.remembered
    asked = attributes[:3] + attributes[4:]  # all but the case, of which no route asks
    found = remembered.by_attributes.get(asked)
    if found is None:
        found = _found(table, facts(attributes))
        remembered.keep(asked, found)
    if isinstance(found, Plan):
        return found
    taking, undecided = decided(found, contract_fact(attributes.contract, attributes.version), record)
    if undecided:
        return _planned(table, taking, undecided)
    orders = tuple([rule.order for rule in taking])
    planned = remembered.by_rules.get(orders)
    if planned is None:
        planned = _planned(table, taking)
        remembered.keep_plan(orders, planned)
    return planned


def _found(table: CompiledTable, said: Facts) -> Plan | Sequence[Rule]:
    """The plan, or the rules that take the message as far as attributes tell, where some have expressions."""
    taking = [rule for rule in table.candidates(said) if rule.takes(said)]
    taking.sort(key=_by_order)
    if any(rule.decides is not None for rule in taking):
        return taking
    return _planned(table, taking)


def _planned(table: CompiledTable, rules: Sequence[Rule], undecided: tuple[Doubt, ...] = ()) -> Plan:
    """The plan of the rules that take a message, in the order of the table."""
    taking = chosen(rules)
    carriages: Mapping[str, Carriage] = {}
    for rule in taking:
        if rule.carriages:
            carriages = _carriages(taking)
            break
    return Plan(
        destinations=tuple(dict.fromkeys([name for rule in taking for name in rule.destinations])),
        routes=tuple([rule.name for rule in taking]),
        table_version=table.table.version_id,
        strict=tuple([rule.name for rule in taking if rule.strict]),
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
