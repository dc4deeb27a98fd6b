# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Routes that may take one message to one destination and carry it there differently: only one of them is heeded.

And destinations that are tapped and delivered to: what is tapped stands outside the order of cases, so nothing else may stand
in it.
"""

from collections.abc import Iterator
from itertools import islice

from contracts.located import Fault
from contracts.text import Text
from routing.index import CompiledTable
from routing.match import Rule, Tests, Values

MOST = 50
"""Faults of this kind that are told of a table."""


def ambiguous(compiled: CompiledTable) -> Iterator[Fault]:
    """Each such route once, with the first that it disagrees with; a warning where an expression may tell them apart."""
    return islice(_found(compiled), MOST)


def _found(compiled: CompiledTable) -> Iterator[Fault]:
    by_destination: dict[str, list[Rule]] = {}
    for rule in compiled.rules:
        for name in rule.destinations:
            by_destination.setdefault(name, []).append(rule)
    for name, rules in by_destination.items():
        tap = next((rule for rule in rules if rule.kind == "tap"), None)
        if tap is not None and any(rule.kind != "tap" for rule in rules):
            yield _mixed(compiled, tap, name)
        elif any(rule.carriages.get(name) for rule in rules):
            for n, rule in enumerate(rules):
                other = next((one for one in rules[:n] if _disagree(one, rule, name)), None)
                if other is not None:
                    yield _fault(compiled, rule, other, name)


def _disagree(one: Rule, other: Rule, destination: str) -> bool:
    # Of two kinds one goes before the other: a copy after what is delivered, a fallback only where nothing is.
    if one.kind != other.kind or not _may_meet(one.tests, other.tests):
        return False
    mine, theirs = one.carriages.get(destination), other.carriages.get(destination)
    return (mine.as_dict() if mine else {}) != (theirs.as_dict() if theirs else {})


def _may_meet(one: Tests, other: Tests) -> bool:
    asked = dict(other)
    return all(key not in asked or _overlap(values, asked[key]) for key, values in one)


def _overlap(one: Values, other: Values) -> bool:
    return (
        any(map(other.hold, one.exact))
        or any(map(one.hold, other.exact))
        or any(prefix.startswith(other.prefixes) for prefix in one.prefixes)
        or any(prefix.startswith(one.prefixes) for prefix in other.prefixes)
    )


def _mixed(compiled: CompiledTable, rule: Rule, destination: str) -> Fault:
    index = _place(compiled, rule, destination)
    problem = Text(
        f"“{destination}”既被旁路又由其他路由投递：旁路的副本会站在其办件次序之中。",
        f"'{destination}' is tapped and sent to by other routes: a tapped copy would stand in the order of its cases.",
    )
    remedy = Text("请为旁路另设一个目的地。", "Give the tap a destination of its own.")
    at = compiled.table.at(rule.order, "to", index)
    return Fault("E_ROUTE_TAP_MIXED", f"routes[{rule.order}].to[{index}]", at, problem, remedy)


def _place(compiled: CompiledTable, rule: Rule, destination: str) -> int:
    targets = compiled.table.routes[rule.order].to
    return next(n for n, target in enumerate(targets) if target.destination == destination)


def _fault(compiled: CompiledTable, rule: Rule, other: Rule, destination: str) -> Fault:
    index = _place(compiled, rule, destination)
    line = compiled.table.at(other.order).line
    told_apart = bool(rule.condition or other.condition)
    problem = Text(
        f"同一消息到“{destination}”，此处与第 {line} 行的“{other.name}”要求不同，只会依前者。",
        f"To '{destination}' this route and '{other.name}' of line {line} may carry one message differently; the first counts.",
    )
    return Fault(
        "W_ROUTE_AMBIGUOUS" if told_apart else "E_ROUTE_AMBIGUOUS",
        f"routes[{rule.order}].to[{index}]",
        compiled.table.at(rule.order, "to", index),
        problem,
        _AGREE,
        "warning" if told_apart else "error",
    )


_AGREE = Text(
    "请使两处一致，或使两条路由的条件互不相交。", "Make them agree, or keep the conditions of the two routes apart."
)
