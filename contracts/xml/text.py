# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Text and names as XML 1.0 writes them, and what it cannot write."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from contracts.dialects.encoding import Encoding, Unencodable
from contracts.refusal import Refusal, Violation
from contracts.text import Text

MOST = 100
"""Fields with a character that cannot be expressed beyond this number are not listed."""

_NOT_XML = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"  # all but XML 1.0 production 2, Char
_FORBIDDEN = re.compile(f"[{_NOT_XML}]")
special = re.compile(f"[&<>\r{_NOT_XML}]").search
NAME = re.compile("(?![xX][mM][lL])[A-Za-z_\u4e00-\u9fa5][A-Za-z0-9_.\u4e00-\u9fa5-]{0,127}")
"""Of XML's names those that every parser knows: letters of ASCII and the ideographs of its fourth edition."""

_CHARACTER = Text(
    "{encoding} 的 XML 能表示的字符；第 {index} 个字符 {character} 不能",
    "characters that XML in {encoding} can express; character {index} is {character}",
)
_CHARACTERS = Text(
    "有 {count} 个字段含有 {encoding} 的 XML 无法表示的字符",
    "{count} field(s) hold a character that XML in {encoding} cannot express",
)
_REMEDY = Text(
    "改用该编码有的字符，或改用 GB18030 或 UTF-8",
    "Use characters which that encoding has, or another encoding: GB18030 or UTF-8",
)


def is_name(name: str) -> bool:
    """Whether an element may be called so."""
    return NAME.fullmatch(name) is not None


@lru_cache(maxsize=8192)
def tags(name: str) -> tuple[str, str]:
    """Start and end tag of an element. The name is a field map's or a contract's, so a wrong one is a bug."""
    if not is_name(name):
        raise ValueError(f"no name of an XML element: {name!r}")
    return f"<{name}>", f"</{name}>"


def escaped(text: str) -> str:
    """Character data that reads back as this text, line breaks and white space included.

    A text with a character that XML does not have becomes a single NUL, which :func:`encoded` refuses.
    """
    if special(text) is None:
        return text
    if _FORBIDDEN.search(text) is not None:
        return "\x00"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def encoded(xml: str, encoding: Encoding, texts: Callable[[], Iterable[tuple[str, str]]]) -> bytes | Refusal:
    """The bytes of a document made with :func:`escaped`.

    ``texts`` gives the JSON path and the content of every field, and is asked only when one cannot be expressed.
    """
    if "\x00" not in xml:
        body = encoding.encode(xml)
        if not isinstance(body, Unencodable):
            return body
    found = (_inexpressible(path, text, encoding) for path, text in texts())
    violations = tuple(violation for violation in found if violation is not None)
    detail = _CHARACTERS.filled(count=len(violations), encoding=encoding.value)
    return Refusal("E_CHARACTER", detail, violations[:MOST])


def _inexpressible(path: str, text: str, encoding: Encoding) -> Violation | None:
    forbidden = _FORBIDDEN.search(text)
    body = encoding.encode(text)
    found = Unencodable(forbidden[0], forbidden.start()) if forbidden is not None else None
    if isinstance(body, Unencodable) and (found is None or body.index < found.index):
        found = body
    if found is None:
        return None
    expected = _CHARACTER.filled(encoding=encoding.value, index=found.index + 1, character=found)
    return Violation("E_V_CHARACTER", path, expected, _REMEDY)


def declaration(encoding: Encoding) -> str:
    """The XML declaration of a document in this encoding."""
    return f'<?xml version="1.0" encoding="{encoding.value}"?>\n'


def quoted(text: str) -> str:
    """An attribute value with its quotes."""
    return '"' + escaped(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;") + '"'
