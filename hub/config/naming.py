# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, as the deployment says it: whose subjects are their own numbers, and where those are learned."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.bindings.envelope import CORE
from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.mapping.shape import Kind, Shape, shape_of
from contracts.registry import Registry
from contracts.text import Text
from hub.config.own_number import BesideSection
from hub.config.unknown import unknown
from hub.naming import Names, Numbering
from hub.own_numbers import Beside
from hub.ports.clock import Clock
from hub.ports.journal import Aliases

if TYPE_CHECKING:
    from hub.config.deployment import Deployment
    from hub.config.parties import SystemSection

_CASE = "case_no"
_TAKEN = CORE | {"partitionkey", "sequence", "traceparent", "tracestate", "dataref", "expirytime"}
_OURS = "govhub"


def numberings(deployment: "Deployment") -> dict[str, Numbering]:
    """The systems that name cases in their own way."""
    return {
        name: Numbering(system.case_numbers.manner, timedelta(hours=system.case_numbers.wait_hours))
        for name, system in deployment.systems.items()
        if system.case_numbers is not None
    }


def own_numbers(deployment: "Deployment") -> dict[str, tuple[Beside, ...]]:
    """Where systems carry their own numbers beside the case number."""
    return {
        name: tuple(
            Beside(
                frozenset(one.contracts),
                one.attribute or "",
                tuple(one.field.split(".")) if one.field is not None else (),
                re.compile(one.pattern),
                one.of,
                frozenset(one.departments),
            )
            for one in system.own_numbers
        )
        for name, system in deployment.systems.items()
        if system.own_numbers
    }


def names_of(deployment: "Deployment", aliases: Aliases, clock: Clock) -> Names | None:
    """None: everybody names cases alike, and tells no other names of them."""
    systems, beside = numberings(deployment), own_numbers(deployment)
    return Names(aliases, clock, systems, beside) if systems or beside else None


def misnumbered(deployment: "Deployment", source: Located, registry: Registry) -> Iterator[Fault]:
    """Patterns and places that cannot be used, and contracts that nobody knows."""
    known = {contract.type for contract in registry.all()}
    for name, section in deployment.destinations.items():
        if section.own_number is None:
            continue
        path = ("destinations", name, "own_number")
        for n, contract in enumerate(section.own_number.contracts):
            if contract not in known:
                yield unknown(source, (*path, "contracts", n), Text("契约", "contract"), contract, known)
        yield from _unfit(source, (*path, "pattern"), section.own_number.pattern)
    for name, system in deployment.systems.items():
        yield from _mistold(deployment, source, name, system, registry)


def _mistold(
    deployment: "Deployment", source: Located, name: str, system: "SystemSection", registry: Registry
) -> Iterator[Fault]:
    """Of one system: where its messages carry numbers, and who else may tell its own."""
    for n, place in enumerate(system.own_numbers):
        at = ("systems", name, "own_numbers", n)
        yield from _misplaced(source, at, place, system.contracts_sent, registry)
        yield from _ungranted(deployment, source, (*at, "of"), name, place.of)
    for n, teller in enumerate(system.case_numbers.told_by if system.case_numbers is not None else ()):
        if teller not in deployment.systems:
            named = ("systems", name, "case_numbers", "told_by", n)
            yield unknown(source, named, Text("系统", "system"), teller, set(deployment.systems))
    own = any(place.of in {None, name} for place in system.own_numbers)
    if own and system.case_numbers is not None and system.case_numbers.manner == "own":
        yield _fault(source, ("systems", name, "own_numbers"), "NUMBERS_BESIDE_NOTHING", *_NEVER_BOTH)


def _misplaced(
    source: Located, path: tuple[str | int, ...], place: BesideSection, sends: frozenset[str], registry: Registry
) -> Iterator[Fault]:
    yield from _unfit(source, (*path, "pattern"), place.pattern)
    if place.attribute is not None and (place.attribute in _TAKEN or place.attribute.startswith(_OURS)):
        yield _fault(source, (*path, "attribute"), "ATTRIBUTE_TAKEN", *_TAKEN_BY_OTHERS)
    known = {contract.type for contract in registry.all()}
    for n, contract in enumerate(place.contracts):
        at = (*path, "contracts", n)
        if contract not in known:
            yield unknown(source, at, Text("契约", "contract"), contract, known)
        elif all(version.subject != _CASE for version in registry.versions(contract)):
            yield _fault(source, at, "CONTRACT_CASELESS", *_NO_CASE)
        elif "*" not in sends and contract not in sends:
            yield _fault(source, at, "CONTRACT_UNSENT", *_UNSENT)
        elif place.field is not None:
            yield from _unreadable(source, (*path, "field"), place.field, contract, registry)


def _ungranted(
    deployment: "Deployment", source: Located, path: tuple[str | int, ...], name: str, of: str | None
) -> Iterator[Fault]:
    """Whose numbers it would tell has not said that it may."""
    if of is None or of == name:
        return
    owner = deployment.systems.get(of)
    if owner is None:
        yield unknown(source, path, Text("系统", "system"), of, set(deployment.systems))
    elif owner.case_numbers is None or name not in owner.case_numbers.told_by:
        yield Fault(
            "NUMBERS_UNGRANTED",
            dotted(path),
            source.at(path),
            Text(f"系统 {of} 没有准许 {name} 告知其编号。", f"System '{of}' has not let '{name}' tell its numbers."),
            Text(
                f"请在 systems.{of}.case_numbers.told_by 中加入 {name}。",
                f"Add {name} to systems.{of}.case_numbers.told_by.",
            ),
        )


def _unreadable(
    source: Located, path: tuple[str | int, ...], field: str, contract: str, registry: Registry
) -> Iterator[Fault]:
    """A field that no version of the contract has, or that can be no number of a department's."""
    versions = registry.versions(contract)
    shapes = [shape for one in versions if (shape := shape_of(one.model).at(field)) is not None]
    if not shapes:
        fields = {name for one in versions for name, shape in shape_of(one.model).leaves() if _text(shape)}
        yield unknown(source, path, Text("字段", "field"), field, fields - {_CASE})
    elif field == _CASE or not any(map(_text, shapes)):
        yield _fault(source, path, "FIELD_UNFIT", *_NO_NUMBER)
    elif any(f"$.data.{field}" in one.personal for one in versions):
        yield _fault(source, path, "FIELD_PERSONAL", *_PERSONAL)


def _text(shape: Shape) -> bool:
    return shape.kind is Kind.TEXT


def _unfit(source: Located, path: tuple[str | int, ...], pattern: str) -> Iterator[Fault]:
    try:
        groups = re.compile(pattern).groups
    except re.error:
        groups = 0
    if groups != 1:
        yield _fault(source, path, "PATTERN_UNFIT", *_ONE_GROUP)


def _fault(source: Located, path: tuple[str | int, ...], code: str, problem: Text, remedy: Text) -> Fault:
    return Fault(code, dotted(path), source.at(path), problem, remedy)


_ONE_GROUP = (
    Text("不是恰有一组的正则表达式。", "This is no regular expression with exactly one group."),
    Text("例如 BJ-([0-9]+)。", "For example BJ-([0-9]+)."),
)
_NEVER_BOTH = (
    Text(
        "该系统的 subject 总是自有编号（case_numbers.manner: own），消息里没有统一办件编号可与之对应。",
        "Its subjects are always its own numbers (case_numbers.manner: own): no message has the case number beside one.",
    ),
    Text(
        "若有的消息写统一办件编号，请改为 manner: either；否则删去 own_numbers。",
        "Write manner: either if some of its messages have the case number, or take own_numbers out.",
    ),
)
_TAKEN_BY_OTHERS = (
    Text("此属性另有含义。", "This attribute means something else."),
    Text("请另取名称，如 deptcaseno。", "Take another name, such as deptcaseno."),
)
_NO_CASE = (
    Text("此契约的消息不属于办件。", "Messages of this contract are about no case."),
    Text("请删去。", "Take it out."),
)
_UNSENT = (
    Text("该系统无权发送此契约。", "The system may not send this contract."),
    Text("请写入该系统的 sends，或从此处删去。", "Add it to the system's sends, or take it out here."),
)
_NO_NUMBER = (
    Text(
        "此字段不能是自有编号：须为文本，且不是统一办件编号。",
        "This field is no number of its own: it must be a text, and not the case number.",
    ),
    Text("请按契约目录另选字段。", "Choose another by the catalogue of contracts."),
)
_PERSONAL = (
    Text("此字段是个人信息，不能用作编号。", "This field is personal data, which is no number of a case."),
    Text("请另选字段。", "Choose another."),
)
