# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From the bytes of an XML document to UTF-8, when everything that speaks of its encoding says the same.

Three things may name the encoding: a byte order mark, the charset of the Content-Type, and the XML declaration. RFC 7303
orders them; but two receivers may still read the same bytes differently, so here they must agree. Without any of them a
document is UTF-8 (XML 1.0, section 4.3.3). GB2312 and GB18030 agree with each other: see :mod:`contracts.dialects.encoding`.
"""

import re
from dataclasses import dataclass

from contracts.dialects.encoding import Encoding, Undecodable, Unencodable, named
from contracts.refusal import Refusal
from contracts.text import Text

_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"<\x00", b"\x00<", b"\x00\x00\x00<")
_BEGINS = re.compile(rb"<\?xml(?=[\s?])")
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(["'])(?P<version>1\.[0-9]+)\1"""
    rb"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})\3)?"""
    rb"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>"""
)
# Two ideographs or more in UTF-8. A text in GB18030 all of whose runs are accidentally UTF-8 with such pairs does not occur.
_IDEOGRAPHS = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")

_PLACED = Text("（第 {line} 行第 {column} 列）", " (line {line} column {column})")
_EMPTY = Text("正文为空", "The body is empty")
_TWO_BYTES = Text("不支持 UTF-16、UTF-32", "UTF-16 and UTF-32 are not supported")
_DECLARED_BADLY = Text("XML 声明不正确", "The XML declaration is not well-formed")
_VERSION = Text("只支持 XML 1.0", "Only XML 1.0 is supported")
_UNKNOWN = Text("声明的编码不受支持", "The encoding that is named is not supported")
_CONFLICT = Text(
    "字节序标记、charset 与 XML 声明所称的编码不一致",
    "Byte order mark, charset and XML declaration name different encodings",
)
_UNTRUE = Text("正文不是 {encoding} 编码", "The body is not {encoding}")
_IS_UTF_8 = Text("声明为 {encoding}，正文却是 UTF-8", "The declaration says {encoding}, but the body is UTF-8")


@dataclass(frozen=True, slots=True)
class Source:
    """``body`` is UTF-8 without byte order mark, its declaration included; markup begins at byte ``start``.

    ``encoding`` is what the sender used. Only a body that came in UTF-8 may hold bytes that are none.
    """

    body: bytes
    start: int
    encoding: Encoding


def source(body: bytes, charset: str | None) -> Source | Refusal:
    """The document in UTF-8, or why its encoding is refused. ``charset`` is that of the Content-Type, None when absent."""
    if body.startswith(_WIDE):
        return Refusal("E_XML_ENCODING", _TWO_BYTES)
    marked = body.startswith(_BOM)
    if marked:
        body = body[len(_BOM) :]
    if not body or body.isspace():
        return Refusal("E_EMPTY_BODY", _EMPTY)
    declaration = _DECLARATION.match(body)
    if declaration is None and _BEGINS.match(body):
        return Refusal("E_XML_MALFORMED", placed(_DECLARED_BADLY, 1, 1))
    if declaration is not None and declaration["version"] != b"1.0":
        return Refusal("E_XML_MALFORMED", placed(_VERSION, 1, 1))
    said = declaration["encoding"] if declaration is not None else None
    encoding = _agreed(marked, charset, said.decode() if said is not None else None)
    if isinstance(encoding, Refusal):
        return encoding
    start = declaration.end() if declaration is not None else 0
    return Source(body, start, encoding) if encoding is Encoding.UTF_8 else _from_gb(body, start, encoding)


def _agreed(marked: bool, charset: str | None, declared: str | None) -> Encoding | Refusal:  # noqa: FBT001  # because it is a fact
    stated = [Encoding.UTF_8] if marked else []
    for label in (charset, declared):
        if label is None:
            continue
        known = named(label)
        if known is None:
            return Refusal("E_XML_ENCODING", _UNKNOWN)
        stated.append(known)
    if not stated:
        return Encoding.UTF_8
    if len({known is Encoding.UTF_8 for known in stated}) > 1:
        return Refusal("E_XML_ENCODING", _CONFLICT)
    return stated[-1]


def _from_gb(body: bytes, start: int, encoding: Encoding) -> Source | Refusal:
    text = encoding.decode(body)
    if isinstance(text, Undecodable):
        return untrue(encoding, body[: text.index].decode("gb18030", "replace"))
    if _IDEOGRAPHS.search(body) and isinstance(Encoding.UTF_8.decode(body), str):
        return Refusal("E_XML_ENCODING", _IS_UTF_8.filled(encoding=encoding.value))
    utf_8 = Encoding.UTF_8.encode(text)
    if isinstance(utf_8, Unencodable):
        return untrue(encoding, text[: utf_8.index])
    return Source(utf_8, start, encoding)


def untrue(encoding: Encoding, before: str) -> Refusal:
    """The refusal of bytes that are not of their encoding, after this text."""
    return Refusal("E_XML_ENCODING", placed(_UNTRUE.filled(encoding=encoding.value), *end_of(before)))


def end_of(before: str) -> tuple[int, int]:
    """Line and column, from 1 and in characters, of what follows this text."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines), len(lines[-1]) + 1


def placed(text: Text, line: int, column: int) -> Text:
    """The text with its place in the document."""
    where = _PLACED.filled(line=line, column=column)
    return Text(text.zh + where.zh, text.en + where.en)
