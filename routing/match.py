# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When a route takes a message: the meaning of the table, on which index, explanation and check agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from contracts.attributes import Attributes
from routing.carriage import Carriage
from routing.expressions import Expression
from routing.table import KEYS, Conditions, Key, Kind, Route

# Between a contract and its version. CloudEvents forbids control characters, so no name can contain it.
_VERSION_MARK = "\x1f"

Facts: TypeAlias = tuple[str | None, ...]
"""What a message says, in the order of :data:`routing.table.KEYS`; the contract with its version."""


def contract_fact(contract: str, version: int) -> str:
    """A contract and its major version as one value, of which the contract alone is a prefix."""
    return f"{contract}{_VERSION_MARK}{version}"


def contract_name(value: str) -> str:
    """The contract in a fact or pattern that may carry a version."""
    return value.partition(_VERSION_MARK)[0]


def facts(attributes: Attributes) -> Facts:
    """What the conditions are held against."""
    return (
        contract_fact(attributes.contract, attributes.version),
        attributes.source,
        attributes.region,
        attributes.item,
        attributes.department,
        attributes.level,
        attributes.channel,
    )


@dataclass(frozen=True, slots=True)
class Values:
    """What one key accepts: certain values, and whatever begins in certain ways. None covers another."""

    exact: frozenset[str]
    prefixes: tuple[str, ...]

    def hold(self, value: str | None) -> bool:
        """Whether the value is one of these."""
        return value is not None and (value in self.exact or value.startswith(self.prefixes))

    def cover(self, other: "Values") -> bool:
        """Whether every value that ``other`` accepts is accepted here."""
        return all(map(self.hold, other.exact)) and all(prefix.startswith(self.prefixes) for prefix in other.prefixes)


Place: TypeAlias = tuple[str, int, str]
"""Where an expression stands in a route: ``("if", 0, "")``, or ``("to", index, name)`` with an attribute ("" for ``until``)."""

Programs: TypeAlias = Mapping[Place, Mapping[str, Expression]]
"""The expressions of one route, each by the fact of the contract for which it is checked."""

_CONDITION: Place = ("if", 0, "")
_PLAIN: Mapping[str, Carriage] = MappingProxyType({})
_NO_PURPOSES: Mapping[str, str] = MappingProxyType({})
_NO_PROGRAMS: Programs = MappingProxyType({})
_BESIDE = {"copy", "tap"}

Tests: TypeAlias = tuple[tuple[int, Values], ...]
"""Conditions as (index of the key, accepted values), in the order of the keys."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A route made ready for matching; ``order`` is its index in the table, ``strict`` whether it refuses odd identifiers.

    ``carriages`` says by destination what is more than plain; ``condition`` is its expression, which ``decides`` has by the
    fact of the contract (None: it has none).
    """

    order: int
    name: str
    kind: Kind
    tests: Tests
    exceptions: Tests
    destinations: tuple[str, ...]
    strict: bool
    carriages: Mapping[str, Carriage] = field(default_factory=lambda: _PLAIN)
    decides: Mapping[str, Expression] | None = None
    condition: str = ""

    def takes(self, said: Facts) -> bool:
        """Whether a message that says so goes this way, as far as its attributes tell."""
        return passes(self.tests, said) and not (self.exceptions and passes(self.exceptions, said))


def chosen(taking: Sequence[Rule]) -> list[Rule]:
    """Which of the rules that take a message it goes by: none where there are only copies, no fallback where it is delivered."""
    kinds = {rule.kind for rule in taking}
    if kinds <= _BESIDE:
        return []
    return [rule for rule in taking if rule.kind != "fallback" or "deliver" not in kinds]


def passes(tests: Tests, said: Facts) -> bool:
    """Whether every test holds."""
    for key, values in tests:  # a loop, since this is most of what planning costs
        value = said[key]
        if value is None or not (value in values.exact or value.startswith(values.prefixes)):
            return False
    return True


def covers(broad: Tests, narrow: Tests) -> bool:
    """Whether whatever passes ``narrow`` also passes ``broad``."""
    asked = dict(narrow)
    return all(key in asked and values.cover(asked[key]) for key, values in broad)


def rule(
    order: int,
    route: Route,
    retired: Mapping[str, str],
    serves: Mapping[str, str] = _NO_PURPOSES,
    programs: Programs = _NO_PROGRAMS,
) -> Rule:
    """The route at this index, ready for matching. ``retired`` gives what retired region codes have become, ``serves`` the
    purpose of a destination, ``programs`` the route's expressions.
    """
    return Rule(
        order=order,
        name=route.name,
        kind=route.kind,
        tests=_tests(route.when, retired),
        exceptions=_tests(route.exceptions, retired) if route.exceptions is not None else (),
        destinations=tuple(dict.fromkeys(target.destination for target in route.to)),
        strict=route.identifiers == "refuse",
        carriages=dict(_carriages(route, serves, programs)) or _PLAIN,
        decides=programs.get(_CONDITION, {}) if route.condition is not None else None,
        condition=route.condition or "",
    )


def _carriages(route: Route, serves: Mapping[str, str], programs: Programs) -> Iterator[tuple[str, Carriage]]:
    """By destination, what is more than plain; of one that stands twice, the first counts."""
    seen: set[str] = set()
    for index, target in enumerate(route.to):
        if target.destination in seen:
            continue
        seen.add(target.destination)
        own = {place[2]: said for place, said in programs.items() if place[:2] == ("to", index)}
        carriage = Carriage(target, target.purpose or serves.get(target.destination, ""), route.kind == "tap", own)
        if carriage.as_dict():
            yield target.destination, carriage


def _tests(conditions: Conditions, retired: Mapping[str, str]) -> Tests:
    asked = conditions.asked()
    if "region" in asked and retired:
        begins = tuple(value.removesuffix("*") for value in asked["region"])
        asked["region"] += tuple(code for code, now in retired.items() if now.startswith(begins))
    return tuple((index, accepted(key, asked[key])) for index, key in enumerate(KEYS) if key in asked)


def accepted(key: Key, written: tuple[str, ...]) -> Values:
    """What the values written under a key accept."""
    exact: set[str] = set()
    prefixes: set[str] = set()
    for value in written:
        match key:
            case "contract" if "@" in value:
                exact.add(value.replace("@", _VERSION_MARK))
            case "contract":
                prefixes.add(value + _VERSION_MARK)
            case "region":
                prefixes.add(value.removesuffix("*"))
            case "item" if value.endswith("*"):
                prefixes.add(value.removesuffix("*"))
            case _:
                exact.add(value)
    # A value under a broader one is left out: then no rule can be found twice by one look-up of the index.
    kept: list[str] = []
    for prefix in sorted(prefixes):  # sorted, whatever begins with a prefix follows it directly
        if not (kept and prefix.startswith(kept[-1])):
            kept.append(prefix)
    broader = frozenset(kept)
    lengths = {len(prefix) for prefix in kept}
    return Values(
        exact=frozenset(one for one in exact if not any(one[:length] in broader for length in lengths)),
        prefixes=tuple(kept),
    )
