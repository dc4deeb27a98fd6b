# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Finding the routes of a message without looking at the others.

A tree of dictionaries: first by contract, then, wherever many rules remain together, each by the key that tells it best
from its neighbours. Prefixes are kept in one dictionary per length. What a look-up finds are candidates: the rules that
may take the message, each once; the rest of their conditions is still to be tried.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from routing.match import Facts, Programs, Rule, Values, contract_name, rule
from routing.planned import Remembered
from routing.table import KEYS, RouteTable

_CONTRACT = KEYS.index("contract")
_PREFERENCE = tuple(KEYS.index(key) for key in ("item", "department", "source", "region", "level", "channel"))
_NONE_RETIRED: Mapping[str, str] = MappingProxyType({})
_NO_EXPRESSIONS: Mapping[int, Programs] = MappingProxyType({})
_NONE: Programs = MappingProxyType({})
_LEAF = 6  # so many rules are tried one by one faster than they are told apart
_PLACES_PER_VALUE = 16  # bounds memory where rules with long lists overlap in several keys


@dataclass(frozen=True, slots=True)
class Branch:
    """Rules told apart by one key."""

    key: int
    exact: Mapping[str, "Node"]
    prefixes: tuple[tuple[int, Mapping[str, "Node"]], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """Rules to be tried here, and ways to more of them."""

    rules: tuple[Rule, ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table made ready for planning."""

    table: RouteTable
    rules: tuple[Rule, ...]
    root: Node
    remembered: Remembered = field(default_factory=Remembered, compare=False, repr=False)

    def candidates(self, said: Facts) -> list[Rule]:
        """Every rule that may take a message that says so, in no certain order."""
        found: list[Rule] = []
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            found += node.rules
            for branch in node.branches:
                value = said[branch.key]
                if value is None:
                    continue
                if branch.key == _CONTRACT:
                    value = contract_name(value)
                if (inner := branch.exact.get(value)) is not None:
                    waiting.append(inner)
                for length, table in branch.prefixes:
                    if (inner := table.get(value[:length])) is not None:
                        waiting.append(inner)
        return found


def compile_table(
    table: RouteTable,
    retired: Mapping[str, str] = _NONE_RETIRED,
    programs: Mapping[int, Programs] = _NO_EXPRESSIONS,
) -> CompiledTable:
    """The table with its index; once per activation, linear in the size of the table.

    ``retired`` gives what each retired region code has become: a route that names a region also takes messages that
    still carry the code of a division which became part of that region. ``programs`` are its expressions, by route.
    """
    rules = tuple(
        rule(order, route, retired, table.serves, programs.get(order, _NONE))
        for order, route in enumerate(table.routes)
    )
    written = sum(len(values.exact) + len(values.prefixes) for one in rules for _, values in one.tests)
    root = _Builder(_PLACES_PER_VALUE * written).node(rules, frozenset(range(len(KEYS))))
    return CompiledTable(table, rules, root)


class _Builder:
    def __init__(self, places: int) -> None:
        self._places = places

    def node(self, rules: Sequence[Rule], keys: frozenset[int]) -> Node:
        if len(rules) <= _LEAF or not keys or self._places <= 0:
            return Node(tuple(rules), ())
        shared = Counter(place for one in rules for place in _places(one, keys))
        by_key: dict[int, list[Rule]] = {}
        plain: list[Rule] = []
        for one in rules:
            key = _most_telling(one, keys, shared)
            (plain if key is None else by_key.setdefault(key, [])).append(one)
        return Node(tuple(plain), tuple(self._branch(key, by_key[key], keys - {key}) for key in sorted(by_key)))

    def _branch(self, key: int, rules: Sequence[Rule], keys: frozenset[int]) -> Branch:
        exact: dict[str, list[Rule]] = {}
        prefixes: dict[int, dict[str, list[Rule]]] = {}
        for one in rules:
            for _, is_prefix, value in _places(one, frozenset((key,))):
                self._places -= 1
                bucket = prefixes.setdefault(len(value), {}) if is_prefix else exact
                bucket.setdefault(value, []).append(one)
        return Branch(
            key,
            {value: self.node(bucket, keys) for value, bucket in exact.items()},
            tuple(
                (length, {value: self.node(bucket, keys) for value, bucket in table.items()})
                for length, table in sorted(prefixes.items())
            ),
        )


def _places(one: Rule, keys: frozenset[int]) -> Iterator[tuple[int, bool, str]]:
    """Under which (key, whether a prefix, value) a rule can be found."""
    for key, values in one.tests:
        if key not in keys:
            continue
        if key == _CONTRACT:
            yield from ((key, False, name) for name in _contract_names(values))
        else:
            yield from ((key, False, value) for value in values.exact)
            yield from ((key, True, value) for value in values.prefixes)


def _contract_names(values: Values) -> frozenset[str]:
    return frozenset(contract_name(value) for value in (*values.exact, *values.prefixes))


def _most_telling(one: Rule, keys: frozenset[int], shared: Counter[tuple[int, bool, str]]) -> int | None:
    """The key under which this rule stands with the fewest others; the contract before all."""
    company: dict[int, int] = {}
    for place in _places(one, keys):
        company[place[0]] = max(company.get(place[0], 0), shared[place])
    if _CONTRACT in company:
        return _CONTRACT
    return min((key for key in _PREFERENCE if key in company), key=company.__getitem__, default=None)
