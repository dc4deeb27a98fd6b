# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the templates of a request may ask for, and its signatures among that. Pure but for the secrets that are asked for."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from connectors.sdk.http.place import Document, written
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Missing, Moment
from connectors.sdk.outcomes import Rejected, Unavailable
from connectors.sdk.parcel import Parcel
from connectors.sdk.secret import Secret
from contracts.bindings import media_type
from contracts.dialects.encoding import Encoding, named


@dataclass(slots=True)
class Names:
    """What a template may ask for. It fills up while the request is made."""

    parcel: Parcel
    moment: Moment
    secret: Callable[[str], str]
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    method: str = "POST"
    criteria: Mapping[str, str] = field(default_factory=dict)
    document: Document = field(init=False)
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    content: bytes | None = None

    def __post_init__(self) -> None:
        self.document = Document(self.parcel.body, _charset(self.parcel.content_type))

    def __call__(self, name: str) -> str | None:  # noqa: C901, PLR0912  # because it is a table
        kind, _, rest = name.partition(".")
        match kind:
            case "key":
                return self.parcel.idempotency_key
            case "body":
                return _text(self.parcel)
            case "body64":
                return base64.b64encode(self.parcel.body).decode()
            case "content_type":
                return self.parcel.content_type
            case "attributes":
                return _json(self.parcel.attributes)
            case "content":
                return None if self.content is None else self.content.decode("utf-8", "surrogateescape")
            case "c":
                return self.criteria.get(rest)
            case "ce":
                return self.parcel.attributes.get(rest)
            case "h":
                return next((value for known, value in self.headers.items() if known.lower() == rest.lower()), None)
            case "f":
                return written(self.fields.get(rest))
            case "secret":
                return self._secret(rest)
            case "method":
                return self.method
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
        name = self.secrets.get(alias)
        try:
            return None if name is None else self.secret(name)
        except KeyError:
            return None


def signed(names: Names, signature: Signature) -> Rejected | Unavailable | None:
    """Make one signature, and put it where it goes; or why it cannot be made."""
    try:
        key = names.secret(signature.secret)
    except KeyError:
        return Unavailable(f"SECRET_MISSING: no secret {signature.secret.name}")
    plain = {name: text for name, value in names.fields.items() if (text := written(value)) is not None}
    made = signature.made(names, key, plain, signature.field or "")
    if isinstance(made, Missing):
        return unfilled(made)
    if signature.header is not None:
        names.headers[signature.header] = made
    else:
        names.fields[signature.field or ""] = made
    return None


def unfilled(missing: Missing) -> Rejected | Unavailable:
    """What a place that nothing fills comes to. A place stands for a word of the configuration, so it may be shown."""
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


def _json(attributes: Mapping[str, str]) -> str | None:
    """The attributes as a JSON object; None where one is no Unicode text."""
    try:
        return orjson.dumps(dict(attributes)).decode()
    except orjson.JSONEncodeError:
        return None
