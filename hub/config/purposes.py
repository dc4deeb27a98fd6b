# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether every destination is sent only what it needs: purposes for all that is brought, and lookups it may ask. 用途"""

from collections.abc import Iterator, Mapping

from contracts.contract import Contract
from contracts.fault import dotted
from contracts.located import Fault, nearest
from contracts.registry import Registry
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.lookups import Askable
from hub.config.terms import carried
from routing.carriage import Ask, Target
from routing.check_purposes import unsatisfied
from routing.purposes import limit, unknown_paths
from routing.table import RouteTable


def unpurposed(deployment: Deployment, table: RouteTable, registry: Registry) -> Iterator[Fault]:
    """Routes that bring a purpose what is not for it, and destinations that get personal data for no stated purpose."""
    told: set[str] = set()
    tried: set[tuple[str, str]] = set()
    for order, route in enumerate(table.routes):
        brought = carried(deployment, route, registry)
        for n, target in enumerate(route.to):
            purpose = target.purpose or table.serves.get(target.destination, "")
            path = ("routes", order, "to", n)
            if not purpose:
                personal = [contract for contract in brought if contract.personal]
                if personal and target.destination not in told and target.destination in deployment.destinations:
                    told.add(target.destination)
                    yield _unlimited(table, path, target.destination, personal)
                continue
            foreign = [contract for contract in brought if limit(table.purposes[purpose], contract) is None]
            if foreign:
                yield _foreign(table, path, purpose, foreign)
            for contract in brought:
                if (purpose, contract.schema_uri) not in tried:
                    tried.add((purpose, contract.schema_uri))
                    fields = table.purposes[purpose].fields
                    if isinstance(fields, str) or contract.type not in fields:  # else told where it is written
                        place = ("purposes", purpose, "fields")
                        yield from unsatisfied(table, place, table.purposes[purpose], contract)


def unasked(
    deployment: Deployment, table: RouteTable, registry: Registry, lookups: Mapping[str, Askable]
) -> Iterator[Fault]:
    """Lookups that routes ask and that do not exist, may not be asked for that system, or not by that."""
    for order, route in enumerate(table.routes):
        for n, target in enumerate(route.to):
            for m, ask in enumerate(target.ask):
                path = ("routes", order, "to", n, "ask", m)
                brought = carried(deployment, route, registry)
                yield from _misasked(deployment, table, path, target, ask, brought, lookups)


def _misasked(
    deployment: Deployment,
    table: RouteTable,
    path: tuple[str | int, ...],
    target: Target,
    ask: Ask,
    brought: list[Contract],
    lookups: Mapping[str, Askable],
) -> Iterator[Fault]:
    def fault(code: str, key: str, problem: Text, remedy: Text) -> Fault:
        return Fault(code, dotted((*path, key)), table.source.at((*path, key)), problem, remedy)

    if ask.lookup not in deployment.lookups:
        meant = nearest(ask.lookup, deployment.lookups)
        problem = Text(f"没有查询“{ask.lookup}”。", f"There is no lookup '{ask.lookup}'.")
        remedy = Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?") if meant else _DECLARE
        yield fault("E_ROUTE_LOOKUP_UNKNOWN", "lookup", problem, remedy)
        return
    section = deployment.destinations.get(target.destination)
    if section is not None and section.system not in deployment.lookups[ask.lookup].systems:
        problem = Text(
            f"系统“{section.system}”无权查询“{ask.lookup}”，不能替它查。",
            f"The system '{section.system}' may not ask '{ask.lookup}', so nobody asks for it.",
        )
        remedy = Text(
            f"请写入 lookups.{ask.lookup}.systems，或删去此项。",
            f"Add it to lookups.{ask.lookup}.systems, or remove this.",
        )
        yield fault("E_ROUTE_LOOKUP_SYSTEM", "lookup", problem, remedy)
    for _, written in unknown_paths(tuple(ask.by.values()), tuple(brought)) if brought else ():
        problem = Text(f"契约没有字段“{written}”。", f"The contract has no field '{written}'.")
        yield fault("E_ROUTE_FIELD_UNKNOWN", "by", problem, _FIELD)
    if (askable := lookups.get(ask.lookup)) is not None and (
        wrong := askable.criteria.faults(dict.fromkeys(ask.by, ""))
    ):
        problem = Text(f"查询条件不符：{', '.join(wrong)}。", f"The lookup is not asked by that: {', '.join(wrong)}.")
        known = ", ".join(sorted(askable.criteria.required | askable.criteria.optional))
        yield fault("E_ROUTE_LOOKUP_CRITERIA", "by", problem, Text(f"可用条件：{known}。", f"It is asked by: {known}."))


def _unlimited(table: RouteTable, path: tuple[str | int, ...], destination: str, personal: list[Contract]) -> Fault:
    named = ", ".join(dict.fromkeys(contract.type for contract in personal[:5]))
    return Fault(
        "W_ROUTE_PERSONAL",
        dotted(path),
        table.source.at(path),
        Text(
            f"“{destination}”会收到个人信息，而未写明用途：{named}。",
            f"'{destination}' gets personal data for no stated purpose: {named}.",
        ),
        Text(
            f"请在 destinations 中写明 {destination} 的用途，确需全部字段的用 fields: all。",
            f"State the purpose of {destination} under 'destinations'; one that needs everything says fields: all.",
        ),
        "warning",
    )


def _foreign(table: RouteTable, path: tuple[str | int, ...], purpose: str, foreign: list[Contract]) -> Fault:
    named = ", ".join(dict.fromkeys(contract.type for contract in foreign))
    return Fault(
        "E_ROUTE_PURPOSE_CONTRACT",
        dotted(path),
        table.source.at(path),
        Text(
            f"用途“{purpose}”没有写明这些契约可给什么：{named}。",
            f"The purpose '{purpose}' does not say what it needs of: {named}.",
        ),
        Text("请缩小路由，或在该用途的 fields 中写明。", "Narrow the route, or say so in the purpose's fields."),
    )


_DECLARE = Text("请先在 lookups 中登记。", "Declare it under lookups first.")
_FIELD = Text("请按契约改正字段。", "Correct the field by the contract.")
