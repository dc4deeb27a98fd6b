# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""References inside a form's schema: they stay inside, lead somewhere, and never in a circle.

A form is a sheet of finite depth. Without circles its fields can be listed, its personal ones masked, and the work of
holding data against it is bounded by the schema's unfolded size.
"""

from collections.abc import Iterator
from typing import Any

from contracts.item_forms.faults import Desk
from contracts.item_forms.shape import PREFIX, Node, Place, target
from contracts.located import nearest
from contracts.text import Text

MAX_UNFOLDED = 5000
"""Subschemas, each counted as often as references repeat it."""

MAX_DEPTH = 100
"""Subschemas inside each other, with references followed."""

_ONE = ("items", "contains", "not", "if", "then", "else", "additionalProperties")
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "dependentSchemas")


def inside(node: Node, place: Place) -> Iterator[tuple[Place, Any]]:
    """The subschemas that stand directly in a node, except definitions. Ill-typed keywords have none."""
    for keyword, value in node.items():
        if keyword in _ONE:
            yield (*place, keyword), value
        elif keyword in _LISTED and isinstance(value, list):
            yield from (((*place, keyword, index), one) for index, one in enumerate(value))
        elif keyword in _NAMED and isinstance(value, dict):
            yield from (((*place, keyword, name), one) for name, one in value.items())


def everything(schema: Node) -> Iterator[tuple[Place, Node]]:
    """Every subschema that is an object, where it stands, each once."""
    yield from _below((), schema)
    definitions = schema.get("$defs")
    for name, one in (definitions if isinstance(definitions, dict) else {}).items():
        yield from _below(("$defs", name), one)


def _below(place: Place, node: Any) -> Iterator[tuple[Place, Node]]:
    if isinstance(node, dict):  # as deep as the file is at most
        yield place, node
        for at, inner in inside(node, place):
            yield from _below(at, inner)


def check(desk: Desk, schema: Node) -> bool:
    """Whether references are as they must be; what is not is told at the desk."""
    for place, node in everything(schema):
        if "$ref" in node:
            _lead(desk, schema, place, node["$ref"])
    if desk.broken():
        return False
    size, height = _Unfolding(desk, schema).measure((), schema)
    if (size > MAX_UNFOLDED or height > MAX_DEPTH) and not desk.broken():
        desk.fault("FORM_SCHEMA_SIZE", (), _SIZE)
    return not desk.broken()


def _lead(desk: Desk, schema: Node, place: Place, reference: Any) -> None:
    name = target(reference)
    if name is None or "/" in name:
        desk.fault("FORM_REF_OUTSIDE", (*place, "$ref"), _OUTSIDE)
        return
    definitions = schema.get("$defs")
    known = definitions if isinstance(definitions, dict) else {}
    if name not in known:
        guess = nearest(name, known)
        hint = Text(f"是否指 {PREFIX}{guess}？", f"Did you mean {PREFIX}{guess}?") if guess else _DEFINE
        desk.fault("FORM_REF_MISSING", (*place, "$ref"), (_NOWHERE, hint))


class _Unfolding:
    """How many subschemas are met when every reference is followed, and how deep they stand inside each other."""

    def __init__(self, desk: Desk, schema: Node) -> None:
        self._desk = desk
        self._definitions = schema.get("$defs", {})
        self._known: dict[str, tuple[int, int]] = {}
        self._open: list[str] = []

    def measure(self, place: Place, node: Any, depth: int = 0) -> tuple[int, int]:
        """Number and depth, both at least 1. What is too deep to be followed counts as too deep."""
        if not isinstance(node, dict):
            return 1, 1
        if depth > MAX_DEPTH:
            return 1, MAX_DEPTH + 1
        parts = [self.measure(at, inner, depth + 1) for at, inner in inside(node, place)]
        name = target(node.get("$ref"))
        if name in self._open:
            self._desk.fault("FORM_REF_CIRCLE", (*place, "$ref"), _CIRCLE)
        elif name is not None:
            parts.append(self._definition(name, depth))
        return 1 + sum(size for size, _ in parts), 1 + max((height for _, height in parts), default=0)

    def _definition(self, name: str, depth: int) -> tuple[int, int]:
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self.measure(("$defs", name), self._definitions[name], depth + 1)
            self._open.pop()
        return self._known[name]


_OUTSIDE = (
    Text("引用只能指向本文件的 $defs。", "A reference leads to this file's own $defs and nowhere else."),
    Text("写成 #/$defs/名称，并把所需定义抄入 $defs。", "Write #/$defs/NAME, and copy what is needed into $defs."),
)
_NOWHERE = Text("引用所指的定义不存在。", "The reference leads to nothing.")
_DEFINE = Text("请在 $defs 中加上该定义。", "Define it under $defs.")
_CIRCLE = (
    Text("引用构成循环；表单的层数必须有限。", "The references run in a circle; a form has a finite depth."),
    Text("请写出所需的层数。", "Write out the levels that are needed."),
)
_SIZE = (
    Text(
        f"展开引用后超过 {MAX_UNFOLDED} 个子模式或 {MAX_DEPTH} 层。",
        f"With references followed there are over {MAX_UNFOLDED} subschemas or {MAX_DEPTH} levels.",
    ),
    Text("请精简，尤其是重复引用。", "Make it smaller; look at what references repeat."),
)
