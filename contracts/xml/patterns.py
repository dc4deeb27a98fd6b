# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
r"""Regular expressions of JSON Schema in the language of XML Schema (part 2, appendix F), matching the same XML texts.

XML Schema anchors every pattern at both ends, takes ``^`` and ``$`` for characters, and has neither ``\x`` nor ``\u``. The
classes ``.``, ``\d``, ``\w`` and ``\s`` mean different things in the two languages and in their engines; contracts do not
use them, and a pattern that does is refused as the mistake of a contract's author.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<code>\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4})"
    r"|(?P<control>\\[nrt])"
    r"|(?P<escape>\\[^0-9A-Za-z])"
    r"|(?P<group>\((?:\?:)?(?!\?))"
    r"|(?P<class>\[\^?(?:\\.|[^\]\\])+\])"
    r"|(?P<syntax>[)|])"
    r"|(?P<times>[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?![?+])"
    r"|(?P<literal>[^\\()\[\]{}|*+?.^$])"
)
_MEMBER = re.compile(r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[nrt]|\\[^0-9A-Za-z]|[^\\]")
_ENDS = re.compile(r"(?<!\\)(?:\\\\)*\$\Z")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_SPECIAL = frozenset("\\|.?*+(){}-[]^")
# Production 2 of XML 1.0, Char: no other character can stand in the text of a document.
_XML = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_ANYTHING = r"[\s\S]*"


def xsd_pattern(pattern: str) -> str:
    """The value of an ``xs:pattern`` that fits the same texts as a pattern of our contracts.

    ValueError for a pattern outside the subset that both languages share: an author's mistake.
    """
    before = "" if pattern.startswith("^") else _ANYTHING
    after = "" if _ENDS.search(pattern) else _ANYTHING
    inner = pattern.removeprefix("^")
    inner = inner[:-1] if not after else inner
    translated = "".join(_translated(inner))
    if _alternates(inner):
        if pattern.startswith("^") or not after:
            raise ValueError(f"an anchor would bind one alternative only: {pattern}")
        translated = f"({translated})"
    return f"{before}{translated}{after}"


def _translated(pattern: str) -> Iterator[str]:
    for found in _tokens(pattern):
        text = found[0]
        match found.lastgroup:
            case "class":
                yield _class(text)
            case "group":
                yield "("
            case "syntax" | "times":
                yield text
            case _:
                yield _literal(_character(text))


def _tokens(pattern: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if found is None:
            raise ValueError(f"not in the common subset of regular expressions: {pattern} at {position}")
        yield found
        position = found.end()


def _alternates(pattern: str) -> bool:
    """Whether there is an alternative outside every group."""
    depth = 0
    for found in _tokens(pattern):
        if found.lastgroup == "group":
            depth += 1
        elif found[0] == ")":
            depth -= 1
        elif found[0] == "|" and depth == 0:
            return True
    return False


def _character(text: str) -> str:
    if text[:2] in {"\\x", "\\u"}:
        return chr(int(text.lstrip("\\xu"), 16))
    if text.startswith("\\"):
        return _CONTROL.get(text[1], text[1])
    return text


def _literal(character: str) -> str:
    if not any(low <= ord(character) <= high for low, high in _XML):
        raise ValueError(f"U+{ord(character):04X} cannot stand in XML")
    if character in "\n\r\t":
        return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}[character]
    return f"\\{character}" if character in _SPECIAL else character


def _class(text: str) -> str:
    """A class with only the characters that XML has."""
    negated = text.startswith("[^")
    ranges = [
        (max(low, first), min(high, last))
        for first, last in _ranges(text[2 if negated else 1 : -1])
        for low, high in _XML
        if first <= high and last >= low
    ]
    if not ranges:
        if negated:
            return r"[\s\S]"
        raise ValueError(f"no character of XML is in {text}")
    return f"[{'^' if negated else ''}{''.join(_member(low, high) for low, high in ranges)}]"


def _member(low: int, high: int) -> str:
    ends = [_literal(chr(end)) for end in dict.fromkeys((low, high))]
    return ("-" if high > low + 1 else "").join(ends)


def _ranges(members: str) -> Iterator[tuple[int, int]]:
    found = _MEMBER.findall(members)
    position = 0
    while position < len(found):
        first = ord(_character(found[position]))
        if position + 2 < len(found) and found[position + 1] == "-":
            yield first, ord(_character(found[position + 2]))
            position += 3
        else:
            yield first, first
            position += 1
