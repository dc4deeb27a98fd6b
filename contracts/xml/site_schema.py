# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The XML Schema (1.0) of a site's map: what its XML documents look like, for the site's own people.

It says which elements there are, in which order the hub writes them, which are required, how long they may be in
characters, and what they mean. How the site writes a day or a code is the map's matter and is not said here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import assert_never

from contracts.mapping.plan import Constant, Each, Group, Item, Leaf, Message, Source
from contracts.mapping.shape import Shape, shape_of
from contracts.mapping.site_map import SiteMap
from contracts.text import Text
from contracts.xml.declarations import Element, annotation, element, named, restriction, schema

_AT_MOST = Text("最多 {most} 个字符", "at most {most} characters")
_BYTES = Text("按 {encoding} 最多 {most} 字节", "at most {most} bytes of {encoding}")


@dataclass(slots=True)
class _Node:
    """An element of the site's documents; several messages may say something about the same one."""

    about: list[Text] = field(default_factory=list)
    required: bool = False
    longest: int | None = None
    many: bool = False
    inside: "dict[str, _Node]" = field(default_factory=dict)
    orders: list[tuple[str, ...]] = field(default_factory=list)
    """The names inside, in the order of each message."""


def site_xsd(site_map: SiteMap) -> bytes:
    """The XML Schema of a map whose carrier is XML, in UTF-8, without a namespace; every message name may be a root."""
    roots: dict[str, _Node] = {}
    for message in site_map.messages:
        told = _around([message.contract.title], message.items, _Place(message, None))
        roots[message.name] = _merged(roots[message.name], told) if message.name in roots else told
    lines: list[str] = []
    widths = set[int]()
    for name, root in roots.items():
        lines += _complex(name, name, root, widths)
    simple = [line for most in sorted(widths) for line in _width(most)]
    return schema("", "1", [*lines, *simple])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the record a part of the map is: the shape that its paths begin at, when they do not begin at the top."""

    message: Message
    shape: Shape | None


def _around(about: list[Text], items: Sequence[Item], place: _Place, *, many: bool = False) -> _Node:
    nodes: dict[str, _Node] = {}
    for item in items:
        node = _node(item, place)
        nodes[item.name] = _merged(nodes[item.name], node, together=True) if item.name in nodes else node
    return _Node(about, many=many, inside=nodes, orders=[tuple(nodes)])


def _node(item: Item, place: _Place) -> _Node:
    match item:
        case Leaf(source=source, limit=limit):
            about = _title(source)
            if limit is not None and limit.bytes:
                about.append(_BYTES.filled(most=limit.most, encoding=place.message.encoding.value))
            return _Node(about, required=item.required, longest=_longest(item, place))
        case Constant():
            return _Node()
        case Group():
            return _around([], item.items, place)
        case Each(source=source):
            around = shape_of(place.message.contract.model) if source.from_top else place.shape
            shape = around.at(".".join(source.steps)) if around is not None else None
            return _around(_title(source), item.items, replace(place, shape=shape), many=True)
        case _:
            assert_never(item)


def _title(source: Source) -> list[Text]:
    return [Text(source.title, "")] if source.title else []


def _longest(leaf: Leaf, place: _Place) -> int | None:
    """A limit that the contract keeps anyway is not in the plan any more; then the contract's own holds."""
    if leaf.limit is not None:
        return None if leaf.limit.bytes else leaf.limit.most
    if leaf.format is not None or leaf.source.many is not None or leaf.source.foreign:
        return None
    around = shape_of(place.message.contract.model) if leaf.source.from_top else place.shape
    shape = around.at(".".join(leaf.source.steps)) if around is not None else None
    return shape.longest if shape is not None else None


def _merged(first: _Node, second: _Node, *, together: bool = False) -> _Node:
    """What both allow. ``together``: two items of one message, else two messages of one name."""
    inside = dict(first.inside)
    for name, node in second.inside.items():
        inside[name] = _merged(inside[name], node) if name in inside else node
    for name, node in inside.items():
        if not together and (name not in first.inside or name not in second.inside):
            node.required = False
    bounds = first.longest, second.longest
    return _Node(
        [*first.about, *(text for text in second.about if text not in first.about)],
        required=(first.required or second.required) if together else (first.required and second.required),
        longest=None if None in bounds else max(bound for bound in bounds if bound is not None),
        many=first.many or second.many,
        inside=inside,
        orders=[*first.orders, *second.orders],
    )


def _ordered(node: _Node) -> list[str] | None:
    """The names inside in an order that every message keeps; None when two messages contradict each other."""
    before: dict[str, set[str]] = {name: set() for name in node.inside}
    for order in node.orders:
        for earlier, later in pairwise(order):
            before[later].add(earlier)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError:
        return None


def _complex(name: str, type_: str, node: _Node, widths: set[int]) -> list[str]:
    """The root element and the types below it; the type of a group is called by its path, such as ``申请.材料``."""
    lines = element(Element(name, type_, tuple(node.about)))
    return lines + _group(type_, node, widths)


def _group(type_: str, node: _Node, widths: set[int]) -> list[str]:
    elements: list[str] = []
    below: list[str] = []
    order = _ordered(node)
    for name in order or node.inside:
        child = node.inside[name]
        if child.inside:
            inner = f"{type_}.{name}"
            below += _group(inner, child, widths)
        elif child.longest is not None:
            widths.add(child.longest)
            inner = f"an..{child.longest}"
        else:
            inner = "xs:string"
        most = None if child.many and order is not None else 1
        least = int(child.required and order is not None)
        elements += element(Element(name, inner, tuple(child.about), least=least, most=most))
    kind, any_order = ("sequence", "") if order is not None else ("choice", ' minOccurs="0" maxOccurs="unbounded"')
    body = [f"<xs:{kind}{any_order}>", *(f"  {line}" for line in elements), f"</xs:{kind}>"]
    return named("complexType", type_, body) + below


def _width(most: int) -> list[str]:
    about = annotation(_AT_MOST.filled(most=most))
    return named("simpleType", f"an..{most}", [*about, *restriction("xs:string", [("maxLength", most)])])
