# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, as the deployment says it: whose subjects are their own numbers, and where those are learned."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.located import Fault, Located
from contracts.registry import Registry
from contracts.text import Text
from hub.config.unknown import unknown
from hub.naming import Names, Numbering
from hub.ports.clock import Clock
from hub.ports.journal import Aliases

if TYPE_CHECKING:
    from hub.config.deployment import Deployment


def numberings(deployment: "Deployment") -> dict[str, Numbering]:
    """The systems that name cases in their own way."""
    return {
        name: Numbering(system.case_numbers.manner, timedelta(hours=system.case_numbers.wait_hours))
        for name, system in deployment.systems.items()
        if system.case_numbers is not None
    }


def names_of(deployment: "Deployment", aliases: Aliases, clock: Clock) -> Names | None:
    """None: everybody names cases alike."""
    systems = numberings(deployment)
    return Names(aliases, clock, systems) if systems else None


def misnumbered(deployment: "Deployment", source: Located, registry: Registry) -> Iterator[Fault]:
    """Patterns that cannot be used, and contracts that nobody knows."""
    known = {contract.type for contract in registry.all()}
    for name, section in deployment.destinations.items():
        if section.own_number is None:
            continue
        path = ("destinations", name, "own_number")
        for n, contract in enumerate(section.own_number.contracts):
            if contract not in known:
                yield unknown(source, (*path, "contracts", n), Text("契约", "contract"), contract, known)
        try:
            groups = re.compile(section.own_number.pattern).groups
        except re.error:
            groups = 0
        if groups != 1:
            yield Fault(
                "PATTERN_UNFIT",
                ".".join((*path, "pattern")),
                source.at((*path, "pattern")),
                Text("不是恰有一组的正则表达式。", "This is no regular expression with exactly one group."),
                Text("例如 BJ-([0-9]+)。", "For example BJ-([0-9]+)."),
            )
