# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The structure of a form's schema: its objects, lists and fields, with references followed.

Only references to ``#/$defs/NAME`` exist, and none runs in a circle: :mod:`contracts.item_forms.references` sees to that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.personal import PersonalClass

Node = Mapping[str, Any]
Place = tuple[str | int, ...]
"""Where a node stands below the schema's root."""

PREFIX = "#/$defs/"
ELEMENTS = "[*]"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the form: its way from the top (``[*]`` for every element), and the nodes that describe it.

    ``said`` holds what stands at the field first, then what its references say.
    """

    way: tuple[str, ...]
    said: tuple[tuple[Place, Node], ...]

    def get(self, keyword: str) -> Any:
        """What the nearest node says; None: none says anything."""
        return next((node[keyword] for _, node in self.said if keyword in node), None)

    @property
    def place(self) -> Place:
        """Where the field itself stands."""
        return self.said[0][0]

    @property
    def types(self) -> frozenset[str]:
        """Its JSON types as the schema names them."""
        named = self.get("type")
        listed = named if isinstance(named, list) else [named]
        return frozenset(one for one in listed if isinstance(one, str))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its members, if it is an object."""
        members = self.get("properties")
        return members if isinstance(members, dict) else {}


def fields(schema: Node) -> Iterator[Field]:
    """Every field, the form itself first, each before what is inside it."""
    yield from _fields(schema, (), schema, ())


def _fields(root: Node, place: Place, node: Any, way: tuple[str, ...]) -> Iterator[Field]:
    said = tuple(_said(root, place, node))
    if not said:
        return
    field = Field(way, said)
    yield field
    for at, one in said:
        members = one.get("properties")
        for name, inner in (members if isinstance(members, dict) else {}).items():
            yield from _fields(root, (*at, "properties", name), inner, (*way, name))
        elements = one.get("prefixItems")
        for index, inner in enumerate(elements if isinstance(elements, list) else ()):
            yield from _fields(root, (*at, "prefixItems", index), inner, (*way, ELEMENTS))
        yield from _fields(root, (*at, "items"), one.get("items"), (*way, ELEMENTS))


def _said(root: Node, place: Place, node: Any) -> Iterator[tuple[Place, Node]]:
    while isinstance(node, dict):
        yield place, node
        name = target(node.get("$ref"))
        if name is None:
            return
        place, node = ("$defs", name), root.get("$defs", {}).get(name)


def target(reference: Any) -> str | None:
    """The name of the definition a reference leads to; None for whatever else it is."""
    if isinstance(reference, str) and reference.startswith(PREFIX):
        return reference.removeprefix(PREFIX)
    return None


def field_at(schema: Node, way: tuple[str | int, ...]) -> Field | None:
    """The field that the data's path leads to, if the schema has it."""
    place, node = Place(), schema
    for step in way:
        found = None
        for at, one in _said(schema, place, node):
            found = found or _inside(one, step, at)
        if found is None:
            return None
        place, node = found
    said = tuple(_said(schema, place, node))
    return Field(tuple(ELEMENTS if isinstance(step, int) else step for step in way), said) if said else None


def _inside(node: Node, step: str | int, at: Place) -> tuple[Place, Any] | None:
    if isinstance(step, str):
        members = node.get("properties")
        if isinstance(members, dict) and step in members:
            return (*at, "properties", step), members[step]
        return None
    first = node.get("prefixItems")
    if isinstance(first, list) and step < len(first):
        return (*at, "prefixItems", step), first[step]
    return ((*at, "items"), node["items"]) if "items" in node else None


def path_of(way: tuple[str, ...], root: str = "$") -> str:
    """The way as people write it: ``$.staff[*].name``."""
    return root + "".join(step if step == ELEMENTS else f".{step}" for step in way)


def personal(schema: Node) -> Iterator[tuple[tuple[str, ...], PersonalClass]]:
    """Every personal field and its class."""
    for field in fields(schema):
        marked = field.get("x-personal")
        if marked is not None and marked != "none":
            yield field.way, PersonalClass(marked)


def codes(node: Node) -> Mapping[str, str] | None:
    """A code list: ``oneOf`` (or ``anyOf``) of nothing but ``const`` and ``title``. Each code and what it means."""
    choices = node.get("oneOf", node.get("anyOf"))
    if not isinstance(choices, list) or not choices:
        return None
    if not all(
        isinstance(one, dict) and set(one) <= {"const", "title", "description"} and "const" in one for one in choices
    ):
        return None
    return {str(one["const"]): str(one.get("title", "")) for one in choices}
