# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Access for hubs under test that are about something else: these systems may do everything with every contract."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from hub.access.decision import Access, Grant, Verb
from hub.lookups.desk import Window
from hub.running import Hub

RULE = "everything"
_ALL = Grant(rule=RULE, contracts=None)
_NO_LOOKUPS: Mapping[str, Window] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Everything(Mapping[tuple[str, Verb], Sequence[Grant]]):
    """Read at every question, since tests open lookups while the hub is there."""

    systems: tuple[str, ...]
    lookups: Mapping[str, Window]

    def __getitem__(self, key: tuple[str, Verb]) -> Sequence[Grant]:
        system, verb = key
        if verb is Verb.LOOK_UP:
            named = frozenset(name for name, window in self.lookups.items() if system in window.askers)
            return [Grant(rule=RULE, contracts=named)]
        if system not in self.systems:
            raise KeyError(key)
        return [_ALL]

    def __iter__(self) -> Iterator[tuple[str, Verb]]:
        return ((system, verb) for system in self.systems for verb in Verb)

    def __len__(self) -> int:
        return len(self.systems) * len(Verb)


def everything(systems: Iterable[str], lookups: Mapping[str, Window] = _NO_LOOKUPS) -> Access:
    """Every verb on every contract, for these systems and no others; registers are asked by those that they name."""
    return Access(_Everything(tuple(systems), lookups))


def with_lookups(hub: Hub, lookups: Mapping[str, Window]) -> Hub:
    """The hub with these registers, asked by those that they name."""
    systems = {system for system, _ in hub.rules.access.grants}
    return replace(hub, lookups=lookups, rules=replace(hub.rules, access=everything(systems, lookups)))


def sends_only(*systems: str, contracts: Iterable[str]) -> Access:
    """These systems may send these contracts, and nobody anything else."""
    grant = Grant(rule=RULE, contracts=frozenset(contracts))
    return Access({(system, Verb.SEND): (grant,) for system in systems})
