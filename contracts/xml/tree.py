# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""XML of protocols: envelopes, service descriptions and answers, whose elements have attributes and several namespaces.

As hardened as :mod:`contracts.xml.parser`, by the same means: what is dangerous is refused before a tree is built. What a
message *says* is read by the other parser, which takes nothing that two readers may read differently.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from contracts.refusal import Refusal
from contracts.text import Text
from contracts.xml.parser import MAX_BYTES, MAX_DEPTH, forbidden, not_well_formed
from contracts.xml.source import source

Element: TypeAlias = ET.Element
"""``tag`` and the keys of attributes are ``{namespace}local``, or ``local`` without a namespace."""

_TOO_LARGE = Text("XML 文档超过 {limit} 字节", "The XML is larger than {limit} bytes")
_TOO_DEEP = Text("XML 嵌套超过 {limit} 层", "The XML is nested more than {limit} levels deep")


@dataclass(frozen=True, slots=True)
class Tree:
    """A document. ``prefixes`` are the namespaces by prefix; one that stands for two in different places is not among them."""

    root: Element
    prefixes: Mapping[str, str]


def parse_tree(body: bytes, charset: str | None = None) -> Tree | Refusal:
    """The document, or why it was refused. Never raises, whatever the bytes; no text of the refusal repeats any.

    ``charset`` is that of the Content-Type, None when absent.
    """
    if len(body) > MAX_BYTES:
        return Refusal("E_XML_LIMIT", _TOO_LARGE.filled(limit=MAX_BYTES))
    said = source(body, charset)
    if isinstance(said, Refusal):
        return said
    if (refused := forbidden(said)) is not None:
        return refused
    builder = _Builder()
    parser = ET.XMLParser(target=builder, encoding="utf-8")  # noqa: S314  # because what is dangerous has been refused
    try:
        parser.feed(said.body)
        root = parser.close()
    except ET.ParseError as error:
        return not_well_formed(said.body, error.code, *error.position)
    if _is_deep(root):
        return Refusal("E_XML_DEPTH", _TOO_DEEP.filled(limit=MAX_DEPTH))
    return Tree(root, {prefix: uri for prefix, uri in builder.prefixes.items() if uri is not None})


def local(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """The namespace, empty for none."""
    return element.tag[1:].rpartition("}")[0] if element.tag.startswith("{") else ""


def undeclared(text: str) -> bytes:
    """A document that came as a text inside another, in UTF-8. What its XML declaration says of the encoding was true of the
    bytes it once had, and is left out.
    """
    text = text.removeprefix("\ufeff").lstrip()
    if text.startswith("<?xml") and (end := text.find("?>")) > 0:
        text = text[end + 2 :].lstrip()
    return text.encode("utf-8", "surrogatepass")


def serialised(element: Element) -> bytes:
    """The element as a document of its own, in UTF-8. Namespaces keep their names, prefixes may change."""
    tail, element.tail = element.tail, None
    try:
        return ET.tostring(element, encoding="unicode").encode("utf-8", "replace")
    finally:
        element.tail = tail


class _Builder(ET.TreeBuilder):
    """Builds the tree, and remembers what the prefixes stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: dict[str, str | None] = {}

    def start_ns(self, prefix: str | None, uri: str | None) -> None:
        """A prefix begins to stand for a namespace."""
        name, meant = prefix or "", uri or ""
        self.prefixes[name] = meant if self.prefixes.get(name, meant) == meant else None


def _is_deep(root: Element) -> bool:
    """Whether elements stand inside each other beyond the limit."""
    level, row = 1, [root]
    while row:
        if level > MAX_DEPTH:
            return True
        row = [child for element in row for child in element]
        level += 1
    return False
