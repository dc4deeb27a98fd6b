# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The expressions of a table, checked against every contract version that their route names, or what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts.contract import Contract
from contracts.fault import dotted
from contracts.located import Fault
from contracts.registry import Registry
from contracts.text import Text
from routing.carriage import FILLS
from routing.expressions import Expression, Kind, Misfit, language
from routing.match import Place, Programs, contract_fact
from routing.table import Route, RouteTable


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One expression of a route: its text, the path at which it stands there, and what it is to be."""

    place: Place
    path: tuple[str | int, ...]
    text: str
    kind: Kind
    personal: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """``programs`` by the order of the routes; those with faults are not in it."""

    programs: Mapping[int, Programs] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def compile_expressions(table: RouteTable, registry: Registry) -> Compiled:
    """Every expression of the table."""
    programs: dict[int, Programs] = {}
    faults: list[Fault] = []
    for order, route in enumerate(table.routes):
        wanted = tuple(_wanted(route))
        if not wanted:
            continue
        contracts = named(route, registry)
        if route.when.contract is None:
            path = ("routes", order, *wanted[0].path)
            faults.append(Fault("E_ROUTE_IF_CONTRACT", dotted(path), table.source.at(path), *_NO_CONTRACT))
            continue
        made: dict[Place, dict[str, Expression]] = {}
        for one in wanted:
            for contract in contracts:
                found = _compiled(one, contract)
                if isinstance(found, Expression):
                    fact = contract_fact(contract.type, contract.version)
                    made.setdefault(one.place, {})[fact] = found
                else:
                    faults.append(_fault(table, order, one, contract, found))
                    break
        programs[order] = made
    return Compiled(programs, tuple(faults))


def named(route: Route, registry: Registry) -> list[Contract]:
    """The contract versions that a route names."""
    found = []
    for written in route.when.contract or ():
        name, _, version = written.partition("@")
        found += [one for one in registry.versions(name) if not version or one.version == int(version)]
    return found


def _wanted(route: Route) -> Iterator[_Wanted]:
    if route.condition is not None:
        yield _Wanted(("if", 0, ""), ("if",), route.condition, "bool", personal=True)
    for index, target in enumerate(route.to):
        if target.until is not None:
            yield _Wanted(("to", index, ""), ("to", index, "until"), target.until, "string", personal=False)
        for name, text in target.add.items():
            yield _Wanted(("to", index, name), ("to", index, "add", name), text, "string", personal=False)
        for name, text in target.fill.items():
            yield _Wanted(("to", index, f"{FILLS}{name}"), ("to", index, "fill", name), text, "string", personal=False)


def _compiled(one: _Wanted, contract: Contract) -> Expression | Misfit | None:
    """None: it is an expression, but one that reads personal data where it must not."""
    found = language(contract, personal=one.personal).compiled(one.text, one.kind)
    if isinstance(found, Expression) or one.personal:
        return found if one.personal or isinstance(found, Misfit) else language(contract).compiled(one.text, one.kind)
    return None if isinstance(language(contract).compiled(one.text, one.kind), Expression) else found


def _fault(table: RouteTable, order: int, one: _Wanted, contract: Contract, found: Misfit | None) -> Fault:
    path = ("routes", order, *one.path)
    at, said = table.source.at(path), f"{contract.type}@{contract.version}"
    if found is None:
        return Fault("E_ROUTE_ATTRIBUTE_PERSONAL", dotted(path), at, *_PERSONAL)
    where = f"{found.line}:{found.column}"
    problem = Text(
        f"表达式对 {said} 不成立（第 {where} 处）：{found.said}。",
        f"The expression does not hold for {said}, at {where} of it: {found.said}.",
    )
    return Fault("E_ROUTE_EXPRESSION", dotted(path), at, problem, _MEND)


_NO_CONTRACT = (
    Text("表达式须知道消息的契约。", "An expression must know the contract of its messages."),
    Text("请在 when 中写明 contract。", "Name the contract in 'when'."),
)
_PERSONAL = (
    Text(
        "此处会把个人信息写进信封或他处。",
        "This would write personal data into the envelope, or where it is not looked for.",
    ),
    Text("请只用非个人字段。", "Use only fields that are not personal."),
)
_MEND = Text(
    "请按契约的字段与类型改正；data 是记录，source 是发送系统。",
    "Correct it by the contract's fields and types; data is the record, source the sending system.",
)
