# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Routes by which what a processor emits comes back to it: such a message would never come to rest. 环路"""

from collections.abc import Iterator, Mapping

from contracts.located import Fault
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.processors.kinds import emitted, processor_kinds
from routing.table import Conditions, Route, RouteTable


def circles(deployment: Deployment, table: RouteTable) -> Iterator[Fault]:
    """Each route, once, that closes a circle of processors. Only contract and sender tell; other conditions may well hold."""
    kinds = processor_kinds()
    processors = {name: one for name, one in deployment.destinations.items() if one.connector in kinds}
    onward: dict[str, dict[str, tuple[int, int]]] = {}
    for name, section in processors.items():
        reached = onward.setdefault(name, {})
        said = emitted(kinds[section.connector], section.settings)
        for order, route in enumerate(table.routes):
            if any(_takes(route, contract, section.system) for contract in said):
                for n, target in enumerate(route.to):
                    if target.destination in processors:
                        reached.setdefault(target.destination, (order, n))
    told: set[tuple[int, int]] = set()
    for name, reached in onward.items():
        for last, place in reached.items():
            if place not in told and name in _reached(last, onward):
                told.add(place)
                order, n = place
                yield Fault(
                    "E_ROUTE_CIRCLE",
                    f"routes[{order}].to[{n}]",
                    table.at(order, "to", n),
                    Text(
                        f"“{name}”发出的消息经此路由又回到“{name}”，永无止境。",
                        f"What '{name}' emits comes back to '{name}' by this route, without end.",
                    ),
                    Text(
                        "请在 when 或 except 中写明契约或来源，断开此环。",
                        "Break the circle: name contracts or senders in 'when' or 'except'.",
                    ),
                )


def _reached(start: str, onward: Mapping[str, Mapping[str, object]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for name in onward.get(waiting.pop(), {}):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def _takes(route: Route, contract: str, source: str) -> bool:
    barred = route.exceptions.asked() if route.exceptions is not None else {}
    excluded = bool(barred) and set(barred) <= {"contract", "source"} and _hold(route.exceptions, contract, source)
    return _hold(route.when, contract, source) and not excluded


def _hold(conditions: Conditions | None, contract: str, source: str) -> bool:
    if conditions is None:
        return False
    contracts = {one.partition("@")[0] for one in conditions.contract or (contract,)}
    return contract in contracts and source in (conditions.source or (source,))
