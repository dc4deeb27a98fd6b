# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue: every contract that comes with the hub, in the order in which people look for them. 契约目录"""

from functools import cache
from importlib import resources

from contracts.contract import Contract
from contracts.families import catalogue, handling, oversight, public, services
from contracts.package import ContractPackage
from contracts.refusal import Refusal
from contracts.registry import Registry

_GROUPS = (handling, catalogue, services, public, oversight)

BUILTIN = ContractPackage(
    name="govhub",
    namespace="cn.gov.",
    contracts=tuple(contract for group in _GROUPS for contract in group.CONTRACTS),
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
