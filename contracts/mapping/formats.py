# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a dialect writes one value: days and moments by pattern, flags by two texts, amounts in yuan or fen.

A format turns a canonical value into the dialect's text and back. What it cannot carry it says: a :class:`Lossy` text,
or a :class:`Misfit` for a text of another form. It never guesses and never raises on a value of its kind.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.families.fields import BEIJING
from contracts.refusal import Refusal
from contracts.text import Text


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that the other side cannot take: a code of :data:`contracts.violation_codes.VIOLATION_CODES`, and why."""

    code: str
    expected: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Lossy:
    """A text that says less than the value did."""

    text: str
    why: Text


ToText: TypeAlias = Callable[[Any], str | Lossy | Misfit]
FromText: TypeAlias = Callable[[str], JsonValue | Misfit]


@dataclass(frozen=True, slots=True)
class Format:
    """Both directions of one way of writing. ``lossy`` says that a value may come back with less in it."""

    write: ToText
    read: FromText
    longest: int | None = None
    """Characters of the longest text it writes, where that is known."""


_TOKENS = {"YYYY": ("%Y", 4), "MM": ("%m", 2), "DD": ("%d", 2), "hh": ("%H", 2), "mm": ("%M", 2), "ss": ("%S", 2)}
_SPLIT = re.compile("(YYYY|MM|DD|hh|mm|ss)")
_LITERAL = re.compile(r"[-/:. T年月日时分秒]*")
_DAY_TOKENS = {"YYYY", "MM", "DD"}
_TIME_TOKENS = ("hh", "mm", "ss")
_REWRITE = Text("按该写法填写", "Write it in that form")
_FINER = Text("该方言不写更细的时间", "The dialect writes no finer time")
_CORRECT = Text("改正数值", "Correct the number")


def tokens_of(pattern: str) -> frozenset[str] | None:
    """The tokens of a pattern such as ``YYYY-MM-DD hh:mm:ss``; None when it is no such pattern."""
    parts = _SPLIT.split(pattern)
    tokens, literals = parts[1::2], parts[::2]
    if len(set(tokens)) != len(tokens) or not all(_LITERAL.fullmatch(literal) for literal in literals):
        return None
    times = [token for token in _TIME_TOKENS if token in tokens]
    whole = set(tokens) >= _DAY_TOKENS and times == list(_TIME_TOKENS[: len(times)])
    return frozenset(tokens) if whole and len(pattern) <= 40 else None


def fills(pattern: str) -> bool:
    """Whether something of a moment, down to the second, is not written by this pattern."""
    return not frozenset(_TIME_TOKENS) <= (tokens_of(pattern) or frozenset())


def _matcher(pattern: str) -> tuple[re.Pattern[str], str]:
    parts = _SPLIT.split(pattern)
    expression = "".join(
        f"(?P<{part}>[0-9]{{{_TOKENS[part][1]}}})" if part in _TOKENS else re.escape(part) for part in parts
    )
    return re.compile(expression), "".join(_TOKENS[part][0] if part in _TOKENS else part for part in parts)


def _reader(pattern: str) -> Callable[[str], datetime | Misfit]:
    expression, _ = _matcher(pattern)
    matches, no = expression.fullmatch, Misfit("E_V_FORMAT", Text(f"写法 {pattern}", f"the form {pattern}"), _REWRITE)

    def read(text: str) -> datetime | Misfit:
        match = matches(text)
        if match is None:
            return no
        part = {"hh": 0, "mm": 0, "ss": 0, **{name: int(digits) for name, digits in match.groupdict().items()}}
        try:
            return datetime(part["YYYY"], part["MM"], part["DD"], part["hh"], part["mm"], part["ss"], tzinfo=BEIJING)
        except ValueError:
            return no

    return read


def moment(pattern: str) -> Format:
    """Moments in Beijing time by a pattern. What the pattern leaves out is lost on writing and read as zero."""
    parse, form, tokens = _reader(pattern), _writer(pattern), tokens_of(pattern) or frozenset()
    coarse = {"microsecond": 0} | {
        name: 0 for name, token in zip(("hour", "minute", "second"), _TIME_TOKENS, strict=True) if token not in tokens
    }

    def write(value: str) -> str | Lossy:
        told = datetime.fromisoformat(value)
        if told.utcoffset() != BEIJING.utcoffset(None):
            told = told.astimezone(BEIJING)
        text = form(told)
        exact = (told.microsecond == 0 and not len(coarse) > 1) or told == told.replace(**coarse)  # type: ignore[arg-type]
        return text if exact else Lossy(text, _FINER)

    def read(text: str) -> JsonValue | Misfit:
        told = parse(text)
        return told.isoformat() if isinstance(told, datetime) else told

    return Format(write, read, len(pattern))


def day(pattern: str) -> Format:
    """Days by a pattern without a time."""
    parse, form = _reader(pattern), _writer(pattern)

    def write(value: str) -> str:
        return form(date.fromisoformat(value))

    def read(text: str) -> JsonValue | Misfit:
        told = parse(text)
        return told.date().isoformat() if isinstance(told, datetime) else told

    return Format(write, read, len(pattern))


def _writer(pattern: str) -> Callable[[date], str]:
    parts = [part for part in _SPLIT.split(pattern) if part]
    names = {"YYYY": "year", "MM": "month", "DD": "day", "hh": "hour", "mm": "minute", "ss": "second"}
    template = "".join(f"{{0.{names[part]}:0{_TOKENS[part][1]}d}}" if part in names else part for part in parts)
    return template.format


def flag(yes: str, no: str) -> Format:
    """A flag by two texts."""
    texts = Misfit("E_V_CODE", Text(f"{yes} 或 {no}", f"{yes} or {no}"), Text("改用这两个值之一", "Use one of the two"))
    known: dict[str, JsonValue | Misfit] = {yes: True, no: False}
    return Format(lambda value: yes if value else no, lambda text: known.get(text, texts), max(len(yes), len(no)))


_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_YUAN = re.compile(r"(-?)(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,2}))?")
_NOT_WHOLE = Misfit("E_V_FORMAT", Text("整数", "a whole number"), _CORRECT)
_NOT_YUAN = Misfit(
    "E_V_FORMAT", Text("元，至多两位小数，如 12.50", "yuan with at most two decimals such as 12.50"), _CORRECT
)


def _read_whole(text: str) -> JsonValue | Misfit:
    return int(text) if _WHOLE.fullmatch(text) else _NOT_WHOLE


def _read_yuan(text: str) -> JsonValue | Misfit:
    match = _YUAN.fullmatch(text)
    if match is None:
        return _NOT_YUAN
    sign, yuan, fen = match.groups()
    amount = int(yuan) * 100 + int((fen or "").ljust(2, "0"))
    return -amount if sign else amount


def _write_yuan(fen: int) -> str:
    return str(Decimal(fen).scaleb(-2).quantize(Decimal("0.01")))


def _read_json(text: str) -> JsonValue | Misfit:
    value = strict_json.parse(text.encode(errors="surrogatepass"))
    return Misfit("E_V_FORMAT", Text("JSON 文本", "a JSON text"), _REWRITE) if isinstance(value, Refusal) else value


WHOLE = Format(str, _read_whole)
"""A whole number as digits."""

YUAN = Format(_write_yuan, _read_yuan)
"""Canonical fen, the dialect's yuan with two decimals."""

JSON = Format(lambda value: strict_json.canonical(value).decode(), _read_json)
"""Anything, as the text of its canonical JSON."""

_NO_SEPARATOR = Text("各项不含分隔文字", "items that do not hold the separating text")
_GAP = Misfit(
    "E_V_MISSING", Text("每一项都有，或都没有", "all of them or none"), Text("补全各项", "Fill in all of them")
)
_OTHERWISE = Text("改写该项", "Word the item differently")


def joined(separator: str) -> Format:
    """Several texts in one. One that holds the separator cannot be written, nor a list in which one is missing."""
    misfit = Misfit("E_V_FORMAT", _NO_SEPARATOR, _OTHERWISE)

    def write(values: list[str | None]) -> str | Misfit:
        if None in values:
            return _GAP
        text = separator.join(map(str, values))
        return text if text.split(separator) == values else misfit

    return Format(write, lambda text: list[JsonValue](text.split(separator)))
