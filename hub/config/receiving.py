# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the systems of a table's destinations may receive what its routes bring them. 接收权限"""

from collections.abc import Iterator

from contracts.fault import dotted
from contracts.located import Fault
from contracts.registry import Registry
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.granting import EVERYTHING, contracts_of
from hub.config.terms import carried
from routing.table import RouteTable


def unreceivable(deployment: Deployment, table: RouteTable, registry: Registry) -> Iterator[Fault]:
    """Routes that bring a system a contract that its ``receives`` does not grant: every such delivery would be dead.

    A route that names no contract is held against nothing here: what it brings beyond the grants is stopped at delivery.
    """
    for order, route in enumerate(table.routes):
        if route.when.contract is None:
            continue
        for n, target in enumerate(route.to):
            section = deployment.destinations.get(target.destination)
            system = deployment.systems.get(section.system) if section is not None else None
            if section is None or system is None or system.receives is None:
                continue
            granted = contracts_of(system.receives)
            if EVERYTHING in granted:
                continue
            brought = dict.fromkeys(contract.type for contract in carried(deployment, route, registry))
            if denied := [contract for contract in brought if contract not in granted]:
                path, named = ("routes", order, "to", n), ", ".join(denied[:5])
                yield Fault(
                    "E_ROUTE_RECEIVER",
                    dotted(path),
                    table.source.at(path),
                    Text(
                        f"系统“{section.system}”无权接收：{named}。",
                        f"The system '{section.system}' may not receive: {named}.",
                    ),
                    Text(
                        f"请缩小路由，或写入 systems.{section.system}.receives。",
                        f"Narrow the route, or add them to systems.{section.system}.receives.",
                    ),
                )
