# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where something stands in a JSON or XML document, also inside a text in it. Pure.

/data/receiptNo            a JSON pointer (RFC 6901); an index into an array is a number from 0
/RESULT/STATUS             in XML: names without namespaces, from the root; ``STATUS[1]`` is the second one
/RESULT/@code              an attribute
/apiResultData>>/errorCode the text there is a document itself, JSON or XML by its first character
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, TypeAlias

import orjson
from pydantic import AfterValidator, Field

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.refusal import Refusal
from contracts.xml.tree import Element, Tree, local, parse_tree, serialised, undeclared

_INTO = ">>"
_INDEX = re.compile(r"0|[1-9][0-9]{0,4}")
_STEP = re.compile(r"(@?[^\[\]/@]+)(?:\[(0|[1-9][0-9]{0,4})\])?")
_ESCAPE = re.compile(r"~(?![01])")

Said: TypeAlias = JsonValue | Element
"""A document, or a part of one; None stands for what is not there, and for JSON's null."""


def _place(value: str) -> str:
    for part in value.split(_INTO):
        if not part.startswith("/") or _ESCAPE.search(part):
            raise ValueError("a place begins with / and writes ~ as ~0; >> goes into a text that is a document")
    return value


Place = Annotated[str, Field(max_length=300), AfterValidator(_place)]


@dataclass(slots=True)
class Document:
    """A body that is read when the first place in it is asked for. What is neither JSON nor XML has no places.

    ``charset`` is that of the Content-Type, for XML; None when absent. ``strict``: JSON that two readers may read differently
    (:mod:`contracts.strict_json`) has no places either, for what is taken over and not just looked at.
    """

    body: bytes | None
    charset: str | None = None
    strict: bool = False
    _said: Said = field(default=None, init=False)
    _read: bool = field(default=False, init=False)

    @classmethod
    def of(cls, said: Said) -> "Document":
        """One that was read already."""
        document = cls(None)
        document._said, document._read = said, True
        return document

    def at(self, place: str) -> Said:
        """What stands there, or None."""
        said = self.root
        first, *others = place.split(_INTO)
        found = _resolved(said, first)
        for part in others:
            text = written(found)
            found = None if text is None else _resolved(parsed(undeclared(text), strict=self.strict), part)
        return found

    def text(self, place: str) -> str | None:
        """What stands there as text; numbers and true/false as JSON writes them. None: nothing, or no plain value."""
        return written(self.at(place))

    @property
    def root(self) -> Said:
        """The document itself."""
        if not self._read:
            self._read = True
            self._said = parsed(self.body, self.charset, strict=self.strict)
        return self._said


def parsed(body: bytes | None, charset: str | None = None, *, strict: bool = False) -> Said:
    """A document by its first character; None when it is none."""
    if not body:
        return None
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        tree = parse_tree(body.lstrip(b" \t\r\n"), charset)
        return tree.root if isinstance(tree, Tree) else None
    if strict:
        known = strict_json.parse(body)
        return None if isinstance(known, Refusal) else known
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value


def written(said: Said) -> str | None:
    """A plain value as text; an element without elements as its text. None for anything else."""
    match said:
        case str():
            return said
        case bool() | int() | float():
            return orjson.dumps(said).decode()
        case Element():
            return None if len(said) else (said.text or "")
        case _:
            return None


def body_of(said: Said) -> bytes | None:
    """A part of a document as a document of its own, in UTF-8: a text as it is, else JSON or XML. None: nothing is there."""
    match said:
        case None:
            return None
        case str():
            return undeclared(said)
        case Element():
            return serialised(said)
        case _:
            return orjson.dumps(said)


def _resolved(said: Said, pointer: str) -> Said:
    if isinstance(said, Element):
        return _in_xml(said, pointer)
    for token in _tokens(pointer):
        if isinstance(said, dict):
            said = said.get(token)
        elif isinstance(said, list) and _INDEX.fullmatch(token) and int(token) < len(said):
            said = said[int(token)]
        else:
            return None
    return said


def _in_xml(root: Element, pointer: str) -> Said:
    first, *others = _tokens(pointer)
    if _STEP.fullmatch(first) is None or first != local(root):
        return None
    found = root
    for token in others:
        step = _STEP.fullmatch(token)
        if step is None:
            return None
        name, index = step[1], int(step[2] or 0)
        if name.startswith("@"):
            return next((value for key, value in found.items() if key.rpartition("}")[2] == name[1:]), None)
        below = [child for child in found if local(child) == name]
        if index >= len(below):
            return None
        found = below[index]
    return found


@lru_cache(maxsize=4096)
def _tokens(pointer: str) -> tuple[str, ...]:
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
