# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Texts with places in them that a message fills: ``/cases/{ce.subject}?t={now.ms}``. Pure but for what is injected.

A place is ``{name}`` or ``{name|filter|filter}``; ``{{`` and ``}}`` are braces. Names:

    key                 the idempotency key                     body         the message's body as text
    body64              the same in base64, whatever it is      content_type, attributes   its type; its attributes in JSON
    content             the body of the request, as it is sent  data         its body as JSON, where JSON is written
    ce.NAME             an attribute of the event               /PLACE       a value in the body (:mod:`.place`)
    h.NAME              a header                                 f.NAME       a field of the form or JSON object
    c.NAME              a criterion of a question, empty where it may be and is not given
    q.NAME, query       a query value, the query as written     query_values the query's values, in the order of their names
    method, path        of the request                          fields       the fields, ordered and joined (:mod:`.signature`)
    now.ms, now.s       the time of day since 1970              now.iso, now.compact   RFC 3339; yyyyMMddHHmmss in Beijing
    nonce               32 random hexadecimal digits            secret.NAME  a secret, where secrets are possible
    code, detail        of a refusal, in replies                message, receipt   of what was taken, in replies

Filters: ``md5 sha1 sha256 sm3`` (hexadecimal), ``base64 unbase64 hex url java_url xml json upper lower trim``, and for moments
``from_ms from_s from_compact`` (to RFC 3339).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated, Final, TypeAlias
from urllib.parse import quote, quote_plus

import orjson
from pydantic import AfterValidator, Field

from contracts.xml.text import escaped

BEIJING: Final = timezone(timedelta(hours=8))
_COMPACT = "%Y%m%d%H%M%S"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}|]+)((?:\|[a-z0-9_]+)*)\}|[{}]|[^{}]+")
_NAME = re.compile(
    r"key|body|body64|content_type|attributes|content|data|code|detail|message|receipt|method|path|query|query_values|fields|nonce|now\.(?:ms|s|iso|compact)|(?:ce|c|h|f|q|secret)\.[^{}|]{1,100}|/.*"
)

Resolve: TypeAlias = Callable[[str], str | None]
"""What stands for a name; None: there is nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A place that nothing fills; ``name`` is what stands in it, a word of the configuration."""

    name: str


@dataclass(frozen=True, slots=True)
class _Blank:
    name: str
    filters: tuple[str, ...]


def _epoch(value: str, per_second: int) -> str:
    moment = _EPOCH + timedelta(microseconds=int(value) * (1_000_000 // per_second))
    return moment.isoformat().replace("+00:00", "Z")


def _compact(value: str) -> str:
    return datetime.strptime(value, _COMPACT).replace(tzinfo=BEIJING).isoformat()


def _digest(name: str) -> Callable[[str], str]:
    return lambda value: hashlib.new(name, value.encode(), usedforsecurity=False).hexdigest()


def xml_text(value: str) -> str:
    """Character data, or the inside of an attribute, that reads back as this text. Raises ``ValueError`` where XML has none."""
    text = escaped(value)
    if "\x00" in text:
        raise ValueError("a character that XML does not have")
    return text.replace('"', "&quot;").replace("'", "&#39;")


def java_url(value: str) -> str:
    """As ``java.net.URLEncoder`` writes it: a space is ``+``, ``*-._`` stay, ``~`` does not."""
    return quote_plus(value, safe="*-._").replace("~", "%7E")


FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sm3": _digest("sm3"),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "unbase64": lambda value: base64.b64decode(value, validate=True).decode(),
    "hex": lambda value: value.encode().hex(),
    "url": lambda value: quote(value, safe=""),
    "java_url": java_url,
    "xml": xml_text,
    "json": lambda value: orjson.dumps(value).decode()[1:-1],
    "upper": str.upper,
    "lower": str.lower,
    "trim": str.strip,
    "from_ms": lambda value: _epoch(value, 1000),
    "from_s": lambda value: _epoch(value, 1),
    "from_compact": _compact,
}


def _compiled(text: str) -> tuple[str | _Blank, ...]:
    pieces: list[str | _Blank] = []
    for matched in _PIECE.finditer(text):
        piece = matched[0]
        if matched[1] is not None:
            filters = tuple(matched[2].split("|")[1:])
            unknown = [name for name in filters if name not in FILTERS]
            if unknown or not _NAME.fullmatch(matched[1]):
                raise ValueError(
                    f"{{{matched[1]}}}: nothing of that name can stand in a template"
                    if not unknown
                    else f"no filter is called {', '.join(unknown)}"
                )
            pieces.append(_Blank(matched[1], filters))
        elif piece in {"{", "}"}:
            raise ValueError("a single brace: write {{ or }} for a brace")
        else:
            pieces.append(piece.replace("{{", "{").replace("}}", "}"))
    return tuple(pieces)


compiled = lru_cache(maxsize=2048)(_compiled)
"""The pieces of a template. Raises ``ValueError`` where it is none; a setting has been checked."""


def _template(value: str) -> str:
    _compiled(value)
    return value


Template = Annotated[str, Field(max_length=4096), AfterValidator(_template)]


def names_in(template: str) -> frozenset[str]:
    """What a template asks for."""
    return frozenset(piece.name for piece in compiled(template) if isinstance(piece, _Blank))


def is_plain(template: str) -> bool:
    """Whether it has no places."""
    return "{" not in template and "}" not in template


def filled(template: str, resolve: Resolve, escape: Callable[[str], str] = str) -> str | Missing:
    """The text. ``escape`` is applied to whatever fills a place, after its filters, so that no value can break out of it.

    A value that a filter cannot read (a moment that is none) is missing too.
    """
    if is_plain(template):
        return template
    parts = []
    for piece in compiled(template):
        if isinstance(piece, str):
            parts.append(piece)
            continue
        value = resolve(piece.name)
        try:
            for name in piece.filters if value is not None else ():
                assert value is not None, "only what is there is filtered"
                value = FILTERS[name](value)
            value = None if value is None else escape(value)
        except (ValueError, OverflowError, binascii.Error):  # also text that UTF-8 cannot write
            value = None
        if value is None:
            return Missing(piece.name)
        parts.append(value)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of day and the chance of one request: all of its places see the same."""

    now: datetime
    nonce: str

    def resolve(self, name: str) -> str | None:
        """``now.…`` and ``nonce``."""
        match name:
            case "nonce":
                return self.nonce
            case "now.ms":
                return str((self.now - _EPOCH) // timedelta(milliseconds=1))
            case "now.s":
                return str((self.now - _EPOCH) // timedelta(seconds=1))
            case "now.iso":
                return self.now.astimezone(BEIJING).isoformat(timespec="seconds")
            case "now.compact":
                return self.now.astimezone(BEIJING).strftime(_COMPACT)
            case _:
                return None
