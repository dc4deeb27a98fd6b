# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a message goes."""

from dataclasses import dataclass
from operator import attrgetter

from contracts.attributes import Attributes
from routing.index import CompiledTable
from routing.match import chosen, facts

_by_order = attrgetter("order")


@dataclass(frozen=True, slots=True)
class Plan:
    """The destinations of one message, each once, in the order of the table; none: the message is unroutable.

    ``routes`` names the routes that took it, ``strict`` those of them that want it refused if its identifiers are odd,
    ``table_version`` the table that says so. ``fallback``: no route of the kind ``deliver`` took it, and one for that case did.
    """

    destinations: tuple[str, ...]
    routes: tuple[str, ...]
    table_version: str
    strict: tuple[str, ...] = ()
    fallback: bool = False


def plan(table: CompiledTable, attributes: Attributes) -> Plan:
    """Which destinations get a message with these attributes."""
    said = facts(attributes)
    taking = chosen([rule for rule in table.candidates(said) if rule.takes(said)])
    taking.sort(key=_by_order)
    return Plan(
        destinations=tuple(dict.fromkeys(name for rule in taking for name in rule.destinations)),
        routes=tuple(rule.name for rule in taking),
        table_version=table.table.version_id,
        strict=tuple(rule.name for rule in taking if rule.strict),
        fallback=any(rule.kind == "fallback" for rule in taking),
    )
