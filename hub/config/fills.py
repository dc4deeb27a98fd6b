# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether what routes fill into records has a place there: in the contract, at the destination, for its purpose. 内容充实"""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.contract import Contract
from contracts.fault import dotted
from contracts.located import Fault, nearest
from contracts.registry import Registry
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.terms import Agreed, carried
from routing.carriage import Target
from routing.purposes import limit
from routing.table import RouteTable


def unfit(deployment: Deployment, table: RouteTable, registry: Registry, agreed: Agreed) -> Iterator[Fault]:
    """Fields that the contract or the destination does not have, that hold no text, or that its purpose would take out again."""
    for order, route in enumerate(table.routes):
        for n, target in enumerate(route.to):
            written = tuple(_written(target))
            brought = carried(deployment, route, registry) if written else []
            for place, name in written:
                path = ("routes", order, "to", n, *place)
                code, problem, remedy = _wrong(deployment, table, agreed, target, name, brought)
                if code:
                    yield Fault(code, dotted(path), table.source.at(path), problem, remedy)


def _written(target: Target) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("fill", name), name) for name in target.fill)
    yield from ((("ask", m, "field"), ask.field) for m, ask in enumerate(target.ask) if ask.field is not None)


def _wrong(
    deployment: Deployment, table: RouteTable, agreed: Agreed, target: Target, name: str, brought: list[Contract]
) -> tuple[str, Text, Text]:
    section = deployment.destinations.get(target.destination)
    terms = agreed.terms.get(section.system) if section is not None else None
    purpose = table.purposes.get(target.purpose or table.serves.get(target.destination, ""))
    for contract in brought:
        if name not in contract.model.model_fields:
            meant = nearest(name, contract.model.model_fields)
            problem = Text(
                f"契约 {contract.type}@{contract.version} 没有字段“{name}”。",
                f"The contract {contract.type}@{contract.version} has no field '{name}'.",
            )
            return "E_ROUTE_FIELD_UNKNOWN", problem, _meant(meant)
        if name == contract.subject or not _holds_text(contract, name):
            return "E_ROUTE_FILL_TYPE", *_NO_TEXT
        ways = terms.of(contract.schema_uri) if terms is not None else ()
        if ways and not any(name in way.contract.model.model_fields for way in ways):
            return "E_ROUTE_FILL_UNSPOKEN", *_UNSPOKEN
        kept = limit(purpose, contract) if purpose is not None else None
        if kept is not None and kept.tree is not None and name not in kept.tree:
            return "E_ROUTE_FILL_PURPOSE", *_NOT_ITS_PURPOSE
    return "", Text("", ""), Text("", "")


def _holds_text(contract: Contract, name: str) -> bool:
    schema = contract.json_schema()
    said: Mapping[str, Any] = schema["properties"][name]
    members = [one for one in said.get("anyOf", (said,)) if one.get("type") != "null"]
    return any(_resolved(schema, one).get("type") == "string" for one in members)


def _resolved(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = said.get("$ref", "")
    found: Mapping[str, Any] = schema.get("$defs", {}).get(reference.rpartition("/")[2], {}) if reference else said
    return found


def _meant(name: str | None) -> Text:
    if name is not None:
        return Text(f"是否应为“{name}”？", f"Did you mean '{name}'?")
    return Text("请按契约改正字段，或缩小路由。", "Correct the field by the contract, or narrow the route.")


_NO_TEXT = (
    Text("此字段不是可补充的文本字段。", "This field is none that a text can be filled into."),
    Text("只补充文本字段，办件编号除外。", "Only fields that hold a text are filled, and not the case number."),
)
_UNSPOKEN = (
    Text("目的地所用的契约版本没有此字段。", "The versions that the destination speaks do not have this field."),
    Text(
        "请删去，或在其系统的 speaks 中写明有此字段的版本。",
        "Remove it, or have its system speak a version that has it.",
    ),
)
_NOT_ITS_PURPOSE = (
    Text(
        "目的地的用途不含此字段，补充后又会略去。",
        "The destination's purpose does not keep this field: it would be left out again.",
    ),
    Text("请删去，或在该用途的 fields 中写明。", "Remove it, or name it in the purpose's fields."),
)
