# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Documents of a dialect as XML: an element for every field, in order, and nothing else."""

from collections.abc import Iterator, Mapping

from contracts.dialects.document import Document, Fields
from contracts.dialects.encoding import Encoding
from contracts.refusal import Refusal
from contracts.xml.parser import parse
from contracts.xml.text import declaration, encoded, escaped, quoted, tags


def read(body: bytes, charset: str | None = None, *, namespace: str | None = None) -> Document | Refusal:
    """The document that some XML is, or why it was refused. Never raises, whatever the bytes.

    ``charset`` and ``namespace`` as for :func:`contracts.xml.parser.parse`. An element without elements is a text, the
    empty text too; a group with nothing in it is therefore read as an empty text. One that stands once is one group of
    fields, even where its map knows it as a repeated one.
    """
    parsed = parse(body, charset, namespace=namespace)
    if isinstance(parsed, Refusal):
        return parsed
    return Document(parsed.name, parsed.content)


def write(document: Document, encoding: Encoding = Encoding.UTF_8, namespace: str = "") -> bytes | Refusal:
    """The document as XML in this encoding, which its declaration names; :func:`read` gives back the same texts.

    Names of fields are a map's, and are names of XML elements (:func:`contracts.xml.text.is_name`). A character that
    XML or the encoding does not have is refused with its field and itself; nothing is replaced or left out.
    """
    opening, closing = tags(document.name)
    if namespace:
        opening = f"{opening[:-1]} xmlns={quoted(namespace)}>"
    parts = [declaration(encoding), opening]
    _write(document.fields, parts)
    parts.append(closing)
    return encoded("".join(parts), encoding, lambda: _texts("$", document.fields))


def _write(fields: Fields, parts: list[str]) -> None:
    for name, cell in fields.items():
        opening, closing = tags(name)
        if isinstance(cell, str):
            parts.append(f"{opening}{escaped(cell)}{closing}")
            continue
        for group in (cell,) if isinstance(cell, Mapping) else cell:
            parts.append(opening)
            _write(group, parts)
            parts.append(closing)


def _texts(path: str, fields: Fields) -> Iterator[tuple[str, str]]:
    """Path and text of every field. The names are of our own maps, so they are shown."""
    for name, cell in fields.items():
        here = f"{path}.{name}"
        yield here, name
        if isinstance(cell, str):
            yield here, cell
        elif isinstance(cell, Mapping):
            yield from _texts(here, cell)
        else:
            for index, group in enumerate(cell):
                yield from _texts(f"{here}[{index}]", group)
