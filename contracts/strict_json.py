# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The one JSON parser at the border: RFC 8259 read with the strictness of I-JSON (RFC 7493).

Every party that later reads the same bytes must see the same value. So whatever two parsers may read differently is
refused here: duplicate keys, numbers outside the common range, lone surrogates, anything that is not UTF-8.
"""

import re
from collections.abc import Callable
from typing import Any

import jiter
import orjson

from contracts.cloudevent import JsonValue
from contracts.refusal import Refusal
from contracts.text import Text

MAX_DEPTH = 64
"""Arrays and objects inside each other, the outermost counted as one."""

_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)
_INFINITIES = (float("inf"), float("-inf"))
_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
_PLACE = re.compile(r"line (\d+) column (\d+)$")

_NOT_UTF8 = Text("正文不是有效的 UTF-8 文本（第 {offset} 字节）", "The body is not valid UTF-8 (byte {offset})")
_SURROGATE = Text(
    "JSON 字符串中有不成对的代理字符（第 {line} 行第 {column} 列）",
    "A JSON string holds a lone surrogate (line {line} column {column})",
)
_MALFORMED = Text(
    "正文不是正确的 JSON（第 {line} 行第 {column} 列）", "The body is not JSON (line {line} column {column})"
)
_DUPLICATE = Text(
    "同一对象中有重复的键（第 {line} 行第 {column} 列）", "An object repeats a key (line {line} column {column})"
)
_NAN = Text(
    "JSON 不允许 NaN 与 Infinity（第 {line} 行第 {column} 列）",
    "JSON has no NaN and no Infinity (line {line} column {column})",
)
_TOO_DEEP = Text("JSON 嵌套超过 {limit} 层", "The JSON is nested more than {limit} levels deep")
_NUMBER = Text(
    "JSON 中有超出范围的数：整数应在 ±2^63 之内，小数应在双精度范围之内",
    "A number is out of range: integers lie within ±2^63, others within double precision",
)
_EMPTY = Text("正文为空", "The body is empty")


def parse(body: bytes, *, depth: int = MAX_DEPTH) -> JsonValue | Refusal:
    """The value of a JSON text, or why it was refused. Never raises, whatever the bytes.

    One leading UTF-8 byte order mark is ignored, as RFC 8259 section 8.1 allows. Time and memory are linear in the
    size of the body. No text of the refusal repeats anything of the body; places are line and column, from 1.
    """
    if body.startswith(_BOM):
        body = body[3:]
    plain = _plain(body)
    if plain is not None:
        shallow = _times(body, b"{") + _times(body, b"[") <= depth
        return plain if shallow else _out_of_bounds(plain, depth) or plain
    try:
        # Only keys are cached: values may be personal data and must not outlive their message in a parser's cache.
        value = jiter.from_json(body, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys")
    except ValueError as error:
        return _reason(body, str(error), depth)
    return _out_of_bounds(value, depth) or value


def canonical(value: JsonValue) -> bytes:
    """The one UTF-8 text of a JSON value: keys sorted by code point, no white space, shortest numbers.

    ``value`` comes from :func:`parse` or from a validated model; other values are a bug. Equal values give equal bytes.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _plain(body: bytes) -> JsonValue:
    """The value of a text as most programs write it: without white space, in UTF-8, nothing escaped needlessly.

    A text that its value gives back byte for byte repeats no key, has no lone surrogate and no number that anybody reads
    otherwise, so nothing more need be asked about these. None: it is written otherwise, or wrong; integers beyond 2^53
    count as such. Asked first, since to write a value is quicker than to watch every key while reading.
    """
    text = body.strip(_BLANKS)
    value_of_first_key = text.find(b'":') + 2
    if (b"\\" in text and b"\\u" in text) or text[value_of_first_key : value_of_first_key + 1].isspace():
        return None
    try:
        value = orjson.loads(text)
        return value if orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER) == text else None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None


def _times(body: bytes, byte: bytes) -> int:
    """How often a byte occurs; ``bytes.count`` looks at every byte by itself and takes four times as long."""
    return len(body) - len(body.replace(byte, b""))


def _out_of_bounds(value: JsonValue, depth: int) -> Refusal | None:  # noqa: C901  # because calls would double its cost
    """Level by level, so that depth is exact; jiter itself yields infinity for 1e400 and accepts big integers.

    Most of a message is strings, and this runs for every message: the common case comes first.
    """
    level: list[Any] = [[value]]
    for _ in range(depth + 1):
        deeper: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                if (kind := type(item)) is str:
                    continue
                if kind is int:
                    if item > _LARGEST or item < _SMALLEST:
                        return Refusal("E_JSON_NUMBER", _NUMBER)
                elif kind is dict or kind is list:
                    deeper.append(item)
                elif kind is float and item in _INFINITIES:
                    return Refusal("E_JSON_NUMBER", _NUMBER)
        if not deeper:
            return None
        level = deeper
    return Refusal("E_JSON_DEPTH", _TOO_DEEP.filled(limit=depth))


def _reason(body: bytes, message: str, depth: int) -> Refusal:
    """Tell the failures of the parser apart. Only refused bodies pay for this."""
    if not body.strip():
        return Refusal("E_EMPTY_BODY", _EMPTY)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return Refusal("E_ENCODING", _NOT_UTF8.filled(offset=error.start))
    if "recursion limit" in message:
        return Refusal("E_JSON_DEPTH", _TOO_DEEP.filled(limit=depth))
    if "number out of range" in message:
        return Refusal("E_JSON_NUMBER", _NUMBER)
    place = _PLACE.search(message)
    line, column = place.groups() if place else ("?", "?")
    code, detail = _classify(body, message)
    return Refusal(code, detail.filled(line=line, column=column))


def _classify(body: bytes, message: str) -> tuple[str, Text]:
    if "Detected duplicate key" in message:
        return "E_JSON_DUPLICATE_KEY", _DUPLICATE
    if "hex escape" in message:
        return "E_ENCODING", _SURROGATE
    if _parses(lambda: jiter.from_json(body, allow_inf_nan=True, cache_mode="none")):
        return "E_JSON_NUMBER", _NAN
    return "E_JSON_MALFORMED", _MALFORMED


def _parses(read: Callable[[], object]) -> bool:
    try:
        read()
    except ValueError:
        return False
    return True
