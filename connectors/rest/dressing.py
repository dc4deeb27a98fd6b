# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A request as its far side wants it: address, headers, wrapping and signatures, filled from one message. Pure.

The order is fixed, and each step may use what those before it made: address, headers, fields, signatures, body.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from connectors.rest.config import RestConfig
from connectors.rest.request import FIELD_VALUE
from connectors.sdk import Parcel, Rejected, Unavailable
from connectors.sdk.http.place import Document, written
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Missing, Moment, filled
from contracts.bindings import media_type
from contracts.dialects.encoding import Encoding, Unencodable, named

_MAX_ADDRESS = 8_000


@dataclass(frozen=True, slots=True)
class Dressed:
    """What leaves. ``url`` is as it is written on the wire."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Names:
    """What a template may ask for. It fills up while the request is made."""

    config: RestConfig
    parcel: Parcel
    moment: Moment
    secret: Callable[[str], str]
    document: Document = field(init=False)
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    content: bytes | None = None

    def __post_init__(self) -> None:
        self.document = Document(self.parcel.body, _charset(self.parcel.content_type))

    def __call__(self, name: str) -> str | None:  # noqa: C901  # because it is a table
        kind, _, rest = name.partition(".")
        match kind:
            case "key":
                return self.parcel.idempotency_key
            case "body":
                return _text(self.parcel)
            case "content":
                return None if self.content is None else self.content.decode("utf-8", "surrogateescape")
            case "ce":
                return self.parcel.attributes.get(rest)
            case "h":
                return next((value for known, value in self.headers.items() if known.lower() == rest.lower()), None)
            case "f":
                return written(self.fields.get(rest))
            case "secret":
                return self._secret(rest)
            case "method":
                return self.config.method
            case "path" | "query":
                path, _, query = self.url.split("://", 1)[-1].partition("?")
                return query if kind == "query" else "/" + path.partition("/")[2]
            case "q":
                return dict(parse_qsl(self.url.partition("?")[2], keep_blank_values=True)).get(rest)
            case "query_values":
                return "".join(value for _, value in sorted(parse_qsl(self.url.partition("?")[2])))
            case _:
                return self.document.text(name) if name.startswith("/") else self.moment.resolve(name)

    def _secret(self, alias: str) -> str | None:
        name = self.config.secrets.get(alias)
        try:
            return None if name is None else self.secret(name)
        except KeyError:
            return None


def dressed(
    config: RestConfig, parcel: Parcel, headers: dict[str, str], moment: Moment, secret: Callable[[str], str]
) -> Dressed | Rejected | Unavailable:
    """The request that carries this parcel. ``headers`` are those it has in any case; their templates are filled here.

    ``Rejected`` is about the message (it has nothing for a place), ``Unavailable`` about a secret that is not there.
    """
    names = Names(config, parcel, moment, secret)
    url = filled(config.url, names, lambda value: quote(value, safe=""))
    if isinstance(url, Missing):
        return _unfilled(url)
    if len(url) > _MAX_ADDRESS:
        return Rejected("ADDRESS_TOO_LONG", "The address becomes too long with what the message puts into it.")
    names.url, names.headers = url, headers
    for name, template in config.headers.items():
        value = filled(template, names)
        if isinstance(value, Missing):
            return _unfilled(value)
        if value and not FIELD_VALUE.fullmatch(value):
            return Rejected("UNSENDABLE_HEADER", f"What the message gives the header {name} cannot be written in one.")
        headers[name] = value
    return _with_body(names)


def _with_body(names: Names) -> Dressed | Rejected | Unavailable:
    failed = _with_fields(names) or _signed(names, "field") or _with_content(names) or _signed(names, "header")
    if failed is not None:
        return failed
    assert names.content is not None, "it was made"
    return Dressed(names.url, names.headers, names.content)


def _with_fields(names: Names) -> Rejected | Unavailable | None:
    wrap = names.config.wrap
    if wrap is None:
        return None
    names.headers["Content-Type"] = wrap.content_type
    data = names.document.root if wrap.json_object is not None else None
    fields = wrap.fields(names, data if isinstance(data, dict | list) else None)
    if isinstance(fields, Missing):
        return _unfilled(fields)
    names.fields = fields
    return None


def _with_content(names: Names) -> Rejected | Unavailable | None:
    wrap = names.config.wrap
    body = names.parcel.body if wrap is None else wrap.body(names.fields, names)
    if isinstance(body, Missing):
        return _unfilled(body)
    if isinstance(body, Unencodable):
        return Rejected("UNENCODABLE", "The far side's encoding does not have a character of the message.")
    names.content = body
    return None


def _signed(names: Names, place: Literal["field", "header"]) -> Rejected | Unavailable | None:
    for signature in names.config.signatures:
        if getattr(signature, place) is not None and (failed := _sign(names, signature)):
            return failed
    return None


def _sign(names: Names, signature: Signature) -> Rejected | Unavailable | None:
    try:
        key = names.secret(signature.secret)
    except KeyError:
        return Unavailable(f"SECRET_MISSING: no secret {signature.secret.name}")
    plain = {name: text for name, value in names.fields.items() if (text := written(value)) is not None}
    made = signature.made(names, key, plain, signature.field or "")
    if isinstance(made, Missing):
        return _unfilled(made)
    if signature.header is not None:
        names.headers[signature.header] = made
    else:
        names.fields[signature.field or ""] = made
    return None


def _unfilled(missing: Missing) -> Rejected | Unavailable:
    """A place stands for a word of the configuration, so it may be shown."""
    if missing.name.startswith("secret."):
        return Unavailable(f"SECRET_MISSING: nothing for {missing.name}")
    return Rejected("TEMPLATE_UNFILLED", f"The message has nothing for {{{missing.name}}}.")


def _charset(content_type: str) -> str | None:
    kind = media_type.parse(content_type)
    return kind.charset if kind is not None else None


def _text(parcel: Parcel) -> str | None:
    """The body as text, by its charset; None where it is none."""
    encoding = named(_charset(parcel.content_type) or "utf-8") or Encoding.UTF_8
    text = encoding.decode(parcel.body)
    return text if isinstance(text, str) else None
