# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The one XML parser at the border. It knows elements and text, and refuses whatever two parsers may read differently.

What it takes: XML 1.0 with namespaces, in which every element holds either text or elements. Character references, the five
predefined entities and CDATA are text. Comments between elements and white space between tags mean nothing; white space in
a text is kept as it is, line ends as XML 1.0 section 2.11 says. ``xsi:nil`` leaves its element out.

What it refuses, each with a code, line and column: DOCTYPE anywhere (even in a comment or CDATA, where it waits for the
next parser), so that there are no entities and nothing external; processing instructions; comments in the midst of text;
other attributes; text beside elements; more than one namespace; and anything beyond its limits, before it costs memory.

Expat reads, through the element tree of the standard library: it frees every name with its document, where libxml2 under
lxml keeps the names of all documents of a thread for ever, so that a hostile sender could fill the memory.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, NoReturn, TypeAlias
from xml.parsers import expat

from contracts.dialects.encoding import Encoding
from contracts.refusal import Refusal
from contracts.text import Text
from contracts.xml.source import Source, end_of, placed, source, untrue

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 64
"""Elements inside each other, the root counted as one."""

MAX_MARKUP = 100_000
"""Tags, start and end counted apart, and other markup."""

MAX_ATTRIBUTES = 1_000
"""Counted only where there are so many equals signs that it matters."""

Content: TypeAlias = dict[str, Any]
"""What an element holds, by local name: a text, the content of one element, or a list for a repeated element."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = f"{{{XSI}}}nil"
_TRUE, _FALSE = {"true", "1"}, {"false", "0"}
_HINTS = frozenset({_NIL, f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})
_ATTRIBUTE = re.compile(rb"=\s*[\"']")
_UNDEFINED_ENTITY = 11  # expat's XML_ERROR_UNDEFINED_ENTITY

_TOO_LARGE = Text("XML 文档超过 {limit} 字节", "The XML is larger than {limit} bytes")
_TOO_MANY = Text("XML 标记超过 {limit} 个", "The XML has more than {limit} pieces of markup")
_TOO_MANY_ATTRIBUTES = Text("XML 属性超过 {limit} 个", "The XML has more than {limit} attributes")
_DOCTYPE = Text("XML 中有 DOCTYPE", "The XML has a DOCTYPE")
_MALFORMED = Text("正文不是格式正确的 XML", "The body is not well-formed XML")
_ENTITY = Text("XML 中有未定义的实体", "The XML refers to an unknown entity")
_INSTRUCTION = Text("XML 中有处理指令", "The XML has a processing instruction")
_COMMENT = Text("文字中间有注释", "A comment stands in the midst of a text")
_TOO_DEEP = Text("XML 嵌套超过 {limit} 层", "The XML is nested more than {limit} levels deep")
_ATTRIBUTES = Text("元素带有属性", "An element has attributes")
_NIL_FULL = Text("xsi:nil 的值不是布尔值，或其元素有内容", "xsi:nil is no boolean, or its element is not empty")
_MIXED = Text("元素既有文字又有子元素", "An element holds both text and elements")
_NAMESPACE = Text("元素不在所要求的命名空间中", "An element is not in the namespace it should be in")
_REPEATED = Text("只有文字的元素重复", "An element that holds text is repeated")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document: the local name and the namespace (empty: none) of its root, which every element shares."""

    name: str
    namespace: str
    content: Content
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the tree is refused, and at which element."""

    code: str
    text: Text
    element: ET.Element


_NOTHING = _Trouble("", Text("", ""), ET.Element("nothing"))
"""Stands for an element that is there to say that it has no value."""


def parse(
    body: bytes,
    charset: str | None = None,
    *,
    namespace: str | None = None,
    repeated_texts: bool = False,
    empty_arrays: Container[str] = frozenset(),
) -> Parsed | Refusal:
    """What a document says, or why it was refused. Never raises, whatever the bytes; no text of the refusal repeats any.

    ``charset`` is that of the Content-Type. ``namespace`` is the one that every element must be in; empty: in none; None:
    in any, but all in the same. A repeated element that holds text is refused unless ``repeated_texts``. ``xsi:nil`` leaves
    its element out, save where it is called as one of ``empty_arrays`` and becomes an empty list.
    """
    if len(body) > MAX_BYTES:
        return Refusal("E_XML_LIMIT", _TOO_LARGE.filled(limit=MAX_BYTES))
    said = source(body, charset)
    if isinstance(said, Refusal):
        return said
    refused = forbidden(said)
    if refused is not None:
        return refused
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314  # because what is dangerous has been refused
    try:
        parser.feed(said.body)
        root = parser.close()
    except ET.ParseError as error:
        return not_well_formed(said.body, error.code, *error.position)
    tree = _Tree(said, root.tag, repeated_texts=repeated_texts, empty_arrays=empty_arrays)
    return _judged(root, said, namespace, tree)


def forbidden(said: Source) -> Refusal | None:
    """What can be refused before the tree is built, and must be: what would cost much, and what a tree does not tell."""
    body = said.body
    if body.count(b"<") > MAX_MARKUP:
        return Refusal("E_XML_LIMIT", _TOO_MANY.filled(limit=MAX_MARKUP))
    if body.count(b"=") > MAX_ATTRIBUTES and next(islice(_ATTRIBUTE.finditer(body), MAX_ATTRIBUTES, None), None):
        return Refusal("E_XML_LIMIT", _TOO_MANY_ATTRIBUTES.filled(limit=MAX_ATTRIBUTES))
    if body.find(b"!", said.start) < 0 and body.find(b"?", said.start) < 0:  # one character is found fastest
        return None
    doctype = body.find(b"<!DOCTYPE", said.start)
    if doctype >= 0:
        return Refusal("E_XML_DOCTYPE", placed(_DOCTYPE, *end_of(body[:doctype].decode("utf-8", "replace"))))
    if body.find(b"<?", said.start) >= 0 or body.find(b"<!--", said.start) >= 0:
        return _Inspection().refusal(body)
    return None


def _judged(root: ET.Element, said: Source, namespace: str | None, tree: "_Tree") -> Parsed | Refusal:
    stated = tree.prefix[1:-1]
    if namespace is not None and stated != namespace:
        return _refusal(_Trouble("E_XML_NAMESPACE", _NAMESPACE, root), root, said.body)
    trouble = _attributes(root)
    if trouble is not None:
        return _refusal(trouble, root, said.body)
    content = tree.content(root, 1)
    if isinstance(content, _Trouble):
        return _refusal(content, root, said.body)
    return Parsed(root.tag[tree.skip :], stated, content, said.encoding)


def _is_plain(body: bytes, start: int) -> bool:
    """Whether, by its bytes alone, no element but the root has attributes and all are in the root's namespace."""
    opened = body.find(b">", start)
    return body.find(b"=", opened) < 0 and body.find(b"xmlns:", start, opened) < 0


class _Tree:
    """Reads a tree whose elements are in one namespace, that of its root."""

    __slots__ = ("empty_arrays", "plain", "prefix", "repeated_texts", "skip")

    def __init__(self, said: Source, root: str, *, repeated_texts: bool, empty_arrays: Container[str]) -> None:
        self.skip = root.rfind("}") + 1
        self.prefix = root[: self.skip]
        self.plain = _is_plain(said.body, said.start)
        self.repeated_texts = repeated_texts
        self.empty_arrays = empty_arrays

    def content(self, element: ET.Element, level: int) -> Content | _Trouble:  # noqa: C901  # because calls would double its cost
        """What an element that has elements in it holds; ``level`` is its own, the root's is 1."""
        if level == MAX_DEPTH and len(element):
            return _Trouble("E_XML_DEPTH", _TOO_DEEP.filled(limit=MAX_DEPTH), element[0])
        plain, skip = self.plain, self.skip
        mixed = element.text is not None and not element.text.isspace()
        held: Content = {}
        again: list[tuple[str, Any]] = []
        for child in element:
            if not plain and (said := self._beside(child)) is not None:
                if said is not _NOTHING:
                    return said
                if (name := child.tag[skip:]) in self.empty_arrays:
                    held.setdefault(name, [])
                continue
            if (tail := child.tail) is not None and not tail.isspace():
                mixed = True
            value: Any = child.text or ""
            if len(child):
                value = self.content(child, level + 1)
                if value.__class__ is _Trouble:
                    return value
            name = child.tag[skip:]
            if name in held:
                again.append((name, value))
            else:
                held[name] = value
        if mixed:
            return _Trouble("E_XML_MIXED", _MIXED, element)
        return self._gathered(element, held, again) if again else held

    def _gathered(self, element: ET.Element, held: Content, again: list[tuple[str, Any]]) -> Content | _Trouble:
        """The content with every repeated element, the first and those that came again, in one list."""
        many: dict[str, list[Any]] = {}
        for name, value in again:
            many.setdefault(name, [held[name]]).append(value)
        for name, values in many.items():
            alike = self._alike(values)
            if alike is None:
                second = next(islice(element.iterfind(f"{self.prefix}{name}"), 1, None))
                return _Trouble("E_XML_REPEATED", _REPEATED, second)
            held[name] = alike
        return held

    def _beside(self, child: ET.Element) -> _Trouble | None:
        """What is to be said about an element's namespace and attributes; :data:`_NOTHING`: it says nothing itself."""
        if not child.tag.startswith(self.prefix) or child.tag[self.skip] == "{":
            return _Trouble("E_XML_NAMESPACE", _NAMESPACE, child)
        if not child.keys():
            return None
        trouble = _attributes(child)
        return _NOTHING if trouble is None and child.get(_NIL, "").strip() in _TRUE else trouble

    def _alike(self, values: list[Any]) -> list[Any] | None:
        """The elements of one name, or None where they may not be repeated. Among groups an empty element is a group."""
        if all(isinstance(value, str) for value in values):
            return values if self.repeated_texts else None
        if any(isinstance(value, list) or (isinstance(value, str) and value.strip()) for value in values):
            return None
        return [{} if isinstance(value, str) else value for value in values]


def _attributes(element: ET.Element) -> _Trouble | None:
    if not _HINTS.issuperset(element.keys()):
        return _Trouble("E_XML_ATTRIBUTE", _ATTRIBUTES, element)
    nil = element.get(_NIL)
    if nil is None or nil.strip() in _FALSE:
        return None
    empty = not len(element) and not element.text
    return None if empty and nil.strip() in _TRUE else _Trouble("E_XML_ATTRIBUTE", _NIL_FULL, element)


def _refusal(trouble: _Trouble, root: ET.Element, body: bytes) -> Refusal:
    """Only what is refused pays for its place, which the tree does not know."""
    number = next(number for number, element in enumerate(root.iter()) if element is trouble.element)
    return Refusal(trouble.code, placed(trouble.text, *_place_of(body, number)))


def not_well_formed(body: bytes, code: int, line: int, column: int) -> Refusal:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return untrue(Encoding.UTF_8, body[: error.start].decode())
    entity = code == _UNDEFINED_ENTITY
    return Refusal(
        "E_XML_ENTITY" if entity else "E_XML_MALFORMED",
        placed(_ENTITY if entity else _MALFORMED, line, column + 1),
    )


class _Found(Exception):  # noqa: N818  # because it is no error: there is no other way to stop expat
    """What was looked for, at this line and column."""

    def __init__(self, reader: expat.XMLParserType) -> None:
        super().__init__()
        self.place = (reader.CurrentLineNumber, reader.CurrentColumnNumber + 1)


def _place_of(body: bytes, number: int) -> tuple[int, int]:
    """Line and column, from 1, of an element's start tag; elements are numbered from 0 in document order."""
    reader = expat.ParserCreate("utf-8")
    numbers = count()

    def start(_name: str, _attributes: object) -> None:
        if next(numbers) == number:
            raise _Found(reader)

    reader.StartElementHandler = start
    try:
        reader.Parse(body, True)  # noqa: FBT003  # because expat takes no keyword
    except _Found as found:
        return found.place
    raise AssertionError("the element came from this body")


class _Inspection:
    """Looks for processing instructions, and for comments that touch a text."""

    def __init__(self) -> None:
        self._reader = expat.ParserCreate("utf-8")
        self._reader.StartElementHandler = self._tag
        self._reader.EndElementHandler = self._tag
        self._reader.CharacterDataHandler = self._text
        self._reader.CommentHandler = self._comment
        self._reader.ProcessingInstructionHandler = self._instruction
        self._run = False  # whether there has been text since the last tag
        self._commented: tuple[int, int] | None = None  # where a comment has stood since the last tag
        self._refusal: Refusal | None = None

    def refusal(self, body: bytes) -> Refusal | None:
        """The first that is found; None also for what is not well-formed, which the parser will tell."""
        with suppress(_Found, expat.ExpatError):
            self._reader.Parse(body, True)  # noqa: FBT003  # because expat takes no keyword
        return self._refusal

    def _place(self) -> tuple[int, int]:
        return self._reader.CurrentLineNumber, self._reader.CurrentColumnNumber + 1

    def _stop(self, code: str, text: Text, place: tuple[int, int]) -> NoReturn:
        self._refusal = Refusal(code, placed(text, *place))
        raise _Found(self._reader)

    def _text(self, text: str) -> None:
        self._run = self._run or not text.isspace()

    def _comment(self, _text: str) -> None:
        self._commented = self._commented or self._place()

    def _instruction(self, _target: str, _text: str) -> None:
        self._stop("E_XML_INSTRUCTION", _INSTRUCTION, self._place())

    def _tag(self, *_: object) -> None:
        if self._run and self._commented is not None:
            self._stop("E_XML_COMMENT", _COMMENT, self._commented)
        self._run, self._commented = False, None
