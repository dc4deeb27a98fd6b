# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue: every contract that comes with the hub, in the order in which people look for them. 契约目录"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from contracts.contract import Contract
from contracts.families import catalogue, handling, oversight, public, services
from contracts.publishing.package import ContractPackage
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text


@dataclass(frozen=True, slots=True)
class Group:
    """Contracts that belong together, for whoever looks for one."""

    title: Text
    contracts: Sequence[Contract]


GROUPS = (
    Group(Text("办件", "The life of a case"), handling.CONTRACTS),
    Group(Text("事项与项目", "Items and projects"), catalogue.CONTRACTS),
    Group(Text("支撑服务", "Supporting services"), services.CONTRACTS),
    Group(Text("公众服务", "The public"), public.CONTRACTS),
    Group(Text("监管与对账", "Oversight and reconciliation"), oversight.CONTRACTS),
)

BUILTIN = ContractPackage(
    name="govhub",
    namespace="cn.gov.",
    contracts=tuple(contract for group in GROUPS for contract in group.contracts),
    published=resources.files("contracts") / "published",
)
"""Our own package."""


@cache
def builtin() -> Registry:
    """The contracts that come with the hub."""
    return Registry(BUILTIN.contracts)


def resolve(type_: str, dataschema: str | None) -> Contract | Refusal:
    """:meth:`contracts.registry.Registry.resolve` on the contracts that come with the hub."""
    return builtin().resolve(type_, dataschema)
