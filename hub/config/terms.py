# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the systems of a deployment speak, and whether every route can serve its destinations in that. 协商

What cannot be served is refused here, at its line, and not found out by the first message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.contract import Contract
from contracts.dialects.canonical import Canonical, CanonicalXml
from contracts.dialects.dialect import CANONICAL, CANONICAL_XML, Dialect
from contracts.dialects.loading import Dialects, load_dialects
from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.mapping.loading import shipped
from contracts.negotiation import EVERY, Spoken, Terms, negotiate
from contracts.registry import Registry
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.unknown import unknown
from routing.table import Conditions, Route, RouteTable


@dataclass(frozen=True, slots=True)
class Agreed:
    """``spoken`` and ``terms`` by system; who names what there is not has no terms. ``faults`` may be warnings only."""

    spoken: Mapping[str, Spoken]
    terms: Mapping[str, Terms]
    faults: tuple[Fault, ...]


def agree(deployment: Deployment, source: Located, registry: Registry) -> Agreed:
    """What each system declares, and what that comes to for every contract."""
    dialects, faults = _dialects(deployment, source, registry)
    spoken: dict[str, Spoken] = {}
    terms: dict[str, Terms] = {}
    for name, system in deployment.systems.items():
        path = ("systems", name, "speaks")
        wrong = tuple(_versions_unknown(source, path, system.speaks.contracts, registry))
        faults += wrong
        versions = {contract: frozenset(known) for contract, known in system.speaks.contracts.items()}
        chosen = tuple(dialects[wanted] for wanted in system.speaks.dialects if wanted in dialects)
        spoken[name] = Spoken(versions, chosen)
        if not wrong and len(chosen) == len(system.speaks.dialects):
            terms[name] = negotiate(registry, spoken[name])
    return Agreed(spoken, terms, tuple(faults))


def _dialects(deployment: Deployment, source: Located, registry: Registry) -> tuple[Mapping[str, Dialect], list[Fault]]:
    """The dialects of this site, all of them, and of the shipped ones those that systems name; no other map is read."""
    files = {name: Path(source.file).parent / file for name, file in deployment.dialects.items()}
    ours = shipped()
    known = {CANONICAL, CANONICAL_XML, *files, *ours}
    faults: list[Fault] = []
    for name, system in deployment.systems.items():
        for n, wanted in enumerate(system.speaks.dialects):
            if wanted not in known:
                place = ("systems", name, "speaks", "dialects", n)
                faults.append(unknown(source, place, Text("方言", "dialect"), wanted, known))
            elif wanted in ours:
                files.setdefault(wanted, ours[wanted])
    loaded = load_dialects(files, registry)
    if isinstance(loaded, Dialects):
        shipped_files = {str(path) for path in ours.values()}
        mine = [fault for fault in loaded.warnings if fault.at.file not in shipped_files]  # ours nobody here can mend
        return loaded.by_name, [*faults, *mine]
    return {CANONICAL: Canonical(registry), CANONICAL_XML: CanonicalXml(registry)}, [*faults, *loaded]


def _versions_unknown(
    source: Located, path: tuple[str, ...], contracts: Mapping[str, tuple[int, ...]], registry: Registry
) -> Iterator[Fault]:
    known = {contract.type for contract in registry.all()}
    for contract, versions in contracts.items():
        if contract == EVERY:
            continue
        place = (*path, "contracts", contract)
        if contract not in known:
            yield unknown(source, place, Text("契约", "contract"), contract, known)
            continue
        there = {one.version for one in registry.versions(contract)}
        for n, version in enumerate(versions):
            if version not in there:
                have = ", ".join(map(str, sorted(there)))
                yield Fault(
                    "VERSION_UNKNOWN",
                    dotted((*place, n)),
                    source.at((*place, n)),
                    Text(f"契约没有版本 {version}。", f"The contract has no version {version}."),
                    Text(f"现有版本：{have}。", f"Its versions are: {have}."),
                )


def unserved(deployment: Deployment, table: RouteTable, registry: Registry, agreed: Agreed) -> Iterator[Fault]:
    """Every route that can bring a destination what its system does not speak."""
    for order, route in enumerate(table.routes):
        brought = carried(deployment, route, registry)
        for n, target in enumerate(route.to):
            section = deployment.destinations.get(target.destination)
            if section is None or section.system not in agreed.terms:
                continue  # told already
            terms = agreed.terms[section.system]
            lost = [contract for contract in brought if not terms.of(contract.schema_uri)]
            if lost:
                named = ", ".join(f"{contract.type}@{contract.version}" for contract in lost)
                yield Fault(
                    "CONTRACT_UNSERVED",
                    f"routes[{order}].to[{n}]",
                    table.at(order, "to", n),
                    Text(
                        f"“{target.destination}”的系统不懂此路由会送去的契约：{named}。",
                        f"The system of '{target.destination}' does not speak what this route brings: {named}.",
                    ),
                    Text(
                        f"请缩小路由，或在 systems.{section.system}.speaks 中补上版本或方言。",
                        f"Narrow the route, or add a version or dialect to systems.{section.system}.speaks.",
                    ),
                )


def undeclared(deployment: Deployment, table: RouteTable, registry: Registry, source: Located) -> Iterator[Fault]:
    """Systems that may be sent several versions of a contract and do not say which they understand."""
    brought: dict[str, set[str]] = {}
    for route in table.routes:
        several = {one.type for one in carried(deployment, route, registry) if len(registry.versions(one.type)) > 1}
        for target in route.to:
            if (section := deployment.destinations.get(target.destination)) and section.system in deployment.systems:
                declared = set(deployment.systems[section.system].speaks.contracts)
                silent = set() if EVERY in declared else several - declared
                brought.setdefault(section.system, set()).update(silent)
    for system, types in brought.items():
        if types:
            named = ", ".join(sorted(types))
            yield Fault(
                "VERSIONS_UNDECLARED",
                f"systems.{system}",
                source.at(("systems", system)),
                Text(
                    f"未声明懂哪些版本，会按原版本收到：{named}。",
                    f"It does not say which versions it speaks of: {named}.",
                ),
                Text(
                    '请写 speaks.contracts，如 {"*": [1]}。',
                    'Declare speaks.contracts, as {"*": [1]}; until then it gets the version that was sent.',
                ),
                "warning",
            )


def carried(deployment: Deployment, route: Route, registry: Registry) -> list[Contract]:
    """Every contract version that a route may bring, as far as contracts and senders tell."""
    speakers = route.when.source or tuple(deployment.systems)
    sends = {one for name in speakers if name in deployment.systems for one in deployment.systems[name].contracts_sent}
    barred = (
        route.exceptions if route.exceptions is not None and set(route.exceptions.asked()) == {"contract"} else None
    )
    return [
        contract
        for contract in registry.all()
        if ("*" in sends or contract.type in sends)
        and _names(route.when, contract)
        and not (barred is not None and _names(barred, contract))
    ]


def _names(conditions: Conditions, contract: Contract) -> bool:
    wanted = conditions.contract
    return wanted is None or contract.type in wanted or f"{contract.type}@{contract.version}" in wanted
