# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Access for hubs under test that are about something else: these systems may do everything with every contract."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hub.access.decision import Access, Grant, Verb
from hub.lookups.desk import Window

RULE = "everything"
_ABOUT_MESSAGES = (Verb.SEND, Verb.RECEIVE, Verb.QUERY)


def everything(systems: Iterable[str], lookups: Mapping[str, Window] = MappingProxyType({})) -> Access:
    """Every verb on every contract, for these systems and no others; registers are asked by those that they name."""
    grants = {(system, verb): [Grant(rule=RULE, contracts=None)] for system in systems for verb in _ABOUT_MESSAGES}
    for name, window in lookups.items():
        for asker in window.askers:
            grants.setdefault((asker, Verb.LOOK_UP), []).append(Grant(rule=RULE, contracts=frozenset({name})))
    return Access(grants)


def sends_only(*systems: str, contracts: Iterable[str]) -> Access:
    """These systems may send these contracts, and nobody anything else."""
    grant = Grant(rule=RULE, contracts=frozenset(contracts))
    return Access({(system, Verb.SEND): (grant,) for system in systems})
