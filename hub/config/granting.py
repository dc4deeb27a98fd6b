# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems are granted, as the deployment says it: contracts to send, receive and query, with limits of region and item."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.contract import Contract
from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.registry import Registry
from contracts.text import Text
from hub.access.decision import Access, Grant, Verb
from hub.config.unknown import unknown
from routing.match import accepted

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

EVERYTHING = "*"
ROUTED = "routed"
"""The rule of a system without ``receives``: it gets what the route table in force brings it, and nothing else."""
OWN = "own"
"""The rule of a system without ``queries``: it sees of its own cases what it sent or was to receive, and nothing else."""

_FIELDS: tuple[tuple[Literal["regions", "items"], str, Text], ...] = (
    ("regions", "region_code", Text("区划", "region")),
    ("items", "item_code", Text("事项", "item")),
)


class GrantSection(BaseModel):
    """A contract that is granted for certain regions or items only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="契约，* 为全部。The contract; `*` for all that say region and item."
    )
    regions: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}\*?$")], ...] = Field(
        default=(),
        max_length=500,
        description="行政区划代码，含其下各级，如 510502、5105*；省略为不限。"
        "Division codes, each with all below it; no limit, unless said.",
    )
    items: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,63}\*?$")], ...] = Field(
        default=(),
        max_length=500,
        description="实施编码或其开头加 *；省略为不限。Item codes, or beginnings with *; no limit, unless said.",
    )


Granted: TypeAlias = str | GrantSection


def contracts_of(granted: Iterable[Granted]) -> frozenset[str]:
    """The contracts that are granted at all, whatever the limits; ``*`` stands for itself."""
    return frozenset(one if isinstance(one, str) else one.contract for one in granted)


def access_of(deployment: "Deployment", retired: Mapping[str, str]) -> Access:
    """Every grant of the deployment. ``retired`` gives what retired region codes have become, as for routes."""
    grants: dict[tuple[str, Verb], Sequence[Grant]] = {}
    for name, system in deployment.systems.items():
        at = f"systems.{name}"
        grants[name, Verb.SEND] = [_grant(f"{at}.sends[{n}]", one, retired) for n, one in enumerate(system.sends)]
        grants[name, Verb.RECEIVE] = (
            [Grant(rule=f"{at}.receives:{ROUTED}", contracts=None)]
            if system.receives is None
            else [_grant(f"{at}.receives[{n}]", one, retired) for n, one in enumerate(system.receives)]
        )
        queries = (
            [Grant(rule=f"{at}.queries:{OWN}", contracts=None)]
            if system.queries is None
            else [_grant(f"{at}.queries[{n}]", one, retired) for n, one in enumerate(system.queries)]
        )
        grants[name, Verb.QUERY] = queries
    for name, lookup in deployment.lookups.items():
        for n, asker in enumerate(lookup.systems):
            allowed = Grant(rule=f"lookups.{name}.systems[{n}]", contracts=frozenset({name}))
            grants[asker, Verb.LOOK_UP] = [*grants.get((asker, Verb.LOOK_UP), ()), allowed]
    return Access(grants)


def _grant(rule: str, granted: Granted, retired: Mapping[str, str]) -> Grant:
    one = GrantSection(contract=granted) if isinstance(granted, str) else granted
    begins = tuple(code.removesuffix(EVERYTHING) for code in one.regions)
    regions = (*one.regions, *(code for code, now in retired.items() if begins and now.startswith(begins)))
    return Grant(
        rule=rule,
        contracts=None if one.contract == EVERYTHING else frozenset({one.contract}),
        regions=accepted("region", regions) if one.regions else None,
        items=accepted("item", one.items) if one.items else None,
        said={name: said for name, said in (("regions", one.regions), ("items", one.items)) if said},
    )


def misgranted(deployment: "Deployment", source: Located, registry: Registry) -> Iterator[Fault]:
    """Grants of contracts that do not exist, and limits that no message of the contract could meet."""
    known = {contract.type for contract in registry.all()}
    for name, system in deployment.systems.items():
        for key, granted in (("sends", system.sends), ("receives", system.receives), ("queries", system.queries)):
            for n, one in enumerate(granted or ()):
                path = ("systems", name, key, n)
                at = path if isinstance(one, str) else (*path, "contract")
                contract = one if isinstance(one, str) else one.contract
                if contract != EVERYTHING and contract not in known:
                    yield unknown(source, at, Text("契约", "contract"), contract, known)
                elif isinstance(one, GrantSection) and contract != EVERYTHING:
                    yield from _unlimitable(source, path, one, registry.versions(contract))


def _unlimitable(
    source: Located, path: tuple[str | int, ...], one: GrantSection, versions: Sequence[Contract]
) -> Iterator[Fault]:
    for key, member, kind in _FIELDS:
        if getattr(one, key) and not any(member in version.model.model_fields for version in versions):
            yield Fault(
                "GRANT_UNLIMITED",
                dotted((*path, key)),
                source.at((*path, key)),
                Text(
                    f"契约 {one.contract} 没有{kind.zh}字段，此限制会拒绝其全部消息。",
                    f"{one.contract} says no {kind.en}: this limit would deny every message of it.",
                ),
                Text(
                    f"请删去 {key}，或改用带 {member} 的契约。", f"Take {key} out, or grant a contract with {member}."
                ),
            )
