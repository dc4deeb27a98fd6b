# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a webhook's templates may ask of a request that came in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_to_bytes

from connectors.sdk import Request
from connectors.sdk.http.place import Document
from contracts.bindings import media_type
from contracts.dialects.encoding import Encoding, named

_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 1_000


@dataclass(frozen=True)
class Heard:
    """A request, and by name whatever is in it. None: nothing is there, or it stands there twice."""

    request: Request

    def __call__(self, name: str) -> str | None:  # because it is a table
        kind, _, rest = name.partition(".")
        match kind:
            case "body" | "content":
                return self.request.body.decode("utf-8", "surrogateescape")
            case "h":
                return self.request.header(rest) or None
            case "f":
                return self.fields.get(rest)
            case "q":
                return self.values.get(rest)
            case "query":
                return self.request.query
            case "query_values":
                return "".join(value for _, value in sorted(self.values.items()))
            case "method":
                return self.request.method
            case "path":
                return self.request.path
            case _:
                return self.document.text(name) if name.startswith("/") else None

    @cached_property
    def document(self) -> Document:
        """The body as a document."""
        return Document(self.request.body, self.charset, strict=True)

    @cached_property
    def charset(self) -> str | None:
        """What the Content-Type says of the encoding."""
        kind = media_type.parse(self.request.header("Content-Type"))
        return kind.charset if kind is not None else None

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The query's values."""
        return _once(_pairs(self.request.query.encode("utf-8", "surrogateescape"), Encoding.UTF_8))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The form's fields; of another body there are none."""
        kind = media_type.parse(self.request.header("Content-Type"))
        if kind is None or kind.essence != _FORM:
            return {}
        return _once(_pairs(self.request.body, named(self.charset or "utf-8") or Encoding.UTF_8))


def _pairs(text: bytes, encoding: Encoding) -> list[tuple[str, str]]:
    """The pairs of a form; nothing of it when it is too long or not of its encoding."""
    if text.count(b"&") >= _MAX_FIELDS:
        return []
    pairs = []
    for piece in text.split(b"&"):
        if piece:
            name, _, value = piece.replace(b"+", b" ").partition(b"=")
            left, right = encoding.decode(unquote_to_bytes(name)), encoding.decode(unquote_to_bytes(value))
            if not (isinstance(left, str) and isinstance(right, str)):
                return []
            pairs.append((left, right))
    return pairs


def _once(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """By name. One that stands twice is left out: two readers would take it for two things."""
    names = [name for name, _ in pairs]
    return (
        {name: value for name, value in pairs if names.count(name) == 1}
        if len(set(names)) != len(names)
        else dict(pairs)
    )
