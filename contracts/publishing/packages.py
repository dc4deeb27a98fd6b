# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The contract packages that are installed: ours, and what other distributions offer in ``govhub.contracts``.

A package that cannot be used is told and left out; the others are not affected by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from contracts.catalogue import BUILTIN
from contracts.contract import Contract
from contracts.publishing.package import ContractPackage
from contracts.registry import Registry
from contracts.text import Text

GROUP = "govhub.contracts"


@dataclass(frozen=True, slots=True)
class Unusable:
    """An entry point that gives no package to use. ``name`` is the entry point's."""

    name: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Installed:
    """Every usable package, ours first, with one registry over all of them."""

    packages: Sequence[ContractPackage]
    unusable: Sequence[Unusable]
    registry: Registry


def installed(offers: Iterable[EntryPoint] | None = None) -> Installed:
    """What is installed, or what ``offers`` would give. Importing a package runs its code: install only what you trust."""
    packages, unusable = [BUILTIN], list[Unusable]()
    points = entry_points(group=GROUP) if offers is None else offers
    for point in sorted(points, key=lambda point: point.name):
        found = _load(point)
        if isinstance(found, ContractPackage) and (fault := _unfit(found, packages)):
            found = fault
        if isinstance(found, ContractPackage):
            packages.append(found)
        else:
            unusable.append(Unusable(point.name, found))
    return Installed(packages, unusable, Registry(contract for package in packages for contract in package.contracts))


def _load(point: EntryPoint) -> ContractPackage | Text:
    try:
        found = point.load()
        fits = isinstance(found, ContractPackage) and all(isinstance(one, Contract) for one in found.contracts)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # because a package of somebody else may raise anything
        name = type(error).__name__
        return Text(f"导入失败（{name}）", f"It cannot be imported ({name})")
    if not fits:
        return Text("入口点不是 ContractPackage", "The entry point is no ContractPackage")
    assert isinstance(found, ContractPackage), "it fits"
    return found


def _unfit(package: ContractPackage, before: Sequence[ContractPackage]) -> Text | None:
    space = package.namespace
    if not (space.endswith(".") and space.strip(".")):
        return Text("命名空间须以点结尾", "Its namespace must end with a dot")
    for other in before:
        if space.startswith(other.namespace) or other.namespace.startswith(space):
            return Text(f"命名空间与 {other.name} 重叠", f"Its namespace overlaps that of {other.name}")
    seen = set[str]()
    versions = dict[str, set[int]]()
    for contract in package.contracts:
        if not contract.type.startswith(space):
            return Text(f"{contract.type} 不在命名空间 {space} 之内", f"{contract.type} is outside {space}")
        if contract.schema_uri in seen:
            return Text(f"{contract.schema_uri} 出现两次", f"{contract.schema_uri} stands twice")
        seen.add(contract.schema_uri)
        versions.setdefault(contract.type, set()).add(contract.version)
    for contract in package.contracts:
        first = min(versions[contract.type])
        if contract.version != first and (
            contract.version - 1 not in versions[contract.type] or not contract.conversion
        ):
            return Text(
                f"{contract.schema_uri} 没有与前一版本的转换",
                f"{contract.schema_uri} has no conversion to the one before",
            )
    return None
