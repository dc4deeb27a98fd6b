# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A WSDL with the files that it imports: those that lie beside it or below, by relative addresses. Nothing is fetched.

An address of a network names a file nobody put here: it is passed over, and an operation that needs it is refused with what
is missing. So is one that leads out of the WSDL's own folder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from connectors.soap.wsdl import WSDL, XSD, Unusable
from contracts.xml.parser import MAX_BYTES
from contracts.xml.tree import Element, Tree, parse_tree

_MOST_FILES = 50
_MOST_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Described:
    """One file of a description. ``namespace``: what it is included into, for a schema that names none itself."""

    body: bytes
    namespace: str = ""


def description_of(file: Path) -> tuple[Described, ...] | Unusable:
    """The WSDL, then every file it leads to, each once. Blocks; reads :data:`_MOST_FILES` files of 8 MiB together at most."""
    found: list[Described] = []
    seen: set[tuple[Path, str]] = set()
    waiting = [(file.resolve(), "")]
    size = 0
    while waiting:
        path, namespace = waiting.pop(0)
        if (path, namespace) in seen:
            continue
        seen.add((path, namespace))
        body = _bytes_of(path)
        if isinstance(body, Unusable):
            if not found:
                return body
            continue  # what it would have said is missed where it is needed
        tree = parse_tree(body)
        if isinstance(tree, Tree) and namespace and tree.root.get("targetNamespace"):
            namespace = ""  # it names its own, whatever includes it
            if (path, namespace) in seen:
                continue
            seen.add((path, namespace))
        size += len(body)
        if len(found) >= _MOST_FILES or size > _MOST_BYTES:
            return Unusable(f"it imports more than {_MOST_FILES} files or {_MOST_BYTES} bytes")
        found.append(Described(body, namespace))
        if isinstance(tree, Tree):  # else whoever reads it is told why it cannot be
            waiting += _led_to(path, tree.root, namespace, file.resolve().parent)
    return tuple(found)


def _bytes_of(path: Path) -> bytes | Unusable:
    try:
        if not path.is_file():
            return Unusable("the file cannot be read: it is none")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one too large is refused by the parser
    except OSError as error:
        return Unusable(f"the file cannot be read: {type(error).__name__}")


def _led_to(path: Path, root: Element, namespace: str, home: Path) -> Iterator[tuple[Path, str]]:
    for address, into in _addresses(root, namespace):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path or "\0" in parts.path:
            continue
        led = (path.parent / unquote(parts.path)).resolve()
        if led.is_relative_to(home):
            yield led, into


def _addresses(root: Element, namespace: str) -> Iterator[tuple[str, str]]:
    for one in root.iter(f"{{{WSDL}}}import"):
        yield one.get("location", ""), ""
    for schema in root.iter(f"{{{XSD}}}schema"):
        own = schema.get("targetNamespace", namespace)
        for one in schema:
            if one.tag == f"{{{XSD}}}import":
                yield one.get("schemaLocation", ""), ""
            elif one.tag in {f"{{{XSD}}}include", f"{{{XSD}}}redefine"}:
                yield one.get("schemaLocation", ""), own
