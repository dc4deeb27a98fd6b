# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A request as its far side wants it: address, headers, wrapping and signatures, filled from one message. Pure.

The order is fixed, and each step may use what those before it made: address, headers, fields, signatures, body.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import quote

from connectors.sdk.http.fields import FIELD_VALUE
from connectors.sdk.http.names import Names, signed, unfilled
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Missing, filled
from connectors.sdk.http.wrap import Wrap
from connectors.sdk.outcomes import Rejected, Unavailable
from contracts.dialects.encoding import Unencodable

_MAX_ADDRESS = 8_000


@dataclass(frozen=True, slots=True)
class Dressed:
    """What leaves. ``url`` is as it is written on the wire."""

    url: str
    headers: dict[str, str]
    body: bytes


class Recipe(Protocol):
    """What the settings say of a request: templates, and what stands around the message."""

    @property
    def url(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def wrap(self) -> Wrap | None: ...

    @property
    def signatures(self) -> tuple[Signature, ...]: ...


def dressed(recipe: Recipe, names: Names, headers: dict[str, str]) -> Dressed | Rejected | Unavailable:
    """The request by this recipe. ``headers`` are those it has in any case; those of the recipe are added.

    ``Rejected`` is about the message (it has nothing for a place), ``Unavailable`` about a secret that is not there.
    """
    url = filled(recipe.url, names, lambda value: quote(value, safe=""))
    if isinstance(url, Missing):
        return unfilled(url)
    if len(url) > _MAX_ADDRESS:
        return Rejected("ADDRESS_TOO_LONG", "The address becomes too long with what the message puts into it.")
    names.url, names.headers = url, headers
    for name, template in recipe.headers.items():
        value = filled(template, names)
        if isinstance(value, Missing):
            return unfilled(value)
        if value and not FIELD_VALUE.fullmatch(value):
            return Rejected("UNSENDABLE_HEADER", f"What the message gives the header {name} cannot be written in one.")
        headers[name] = value
    return _with_body(recipe, names)


def _with_body(recipe: Recipe, names: Names) -> Dressed | Rejected | Unavailable:
    failed = (
        _with_fields(recipe.wrap, names)
        or _signed(recipe, names, "field")
        or _with_content(recipe.wrap, names)
        or _signed(recipe, names, "header")
    )
    if failed is not None:
        return failed
    assert names.content is not None, "it was made"
    return Dressed(names.url, names.headers, names.content)


def _with_fields(wrap: Wrap | None, names: Names) -> Rejected | Unavailable | None:
    if wrap is None:
        return None
    names.headers["Content-Type"] = wrap.content_type
    data = names.document.root if wrap.json_object is not None else None
    fields = wrap.fields(names, data if isinstance(data, dict | list) else None)
    if isinstance(fields, Missing):
        return unfilled(fields)
    names.fields = fields
    return None


def _with_content(wrap: Wrap | None, names: Names) -> Rejected | Unavailable | None:
    body = names.parcel.body if wrap is None else wrap.body(names.fields, names)
    if isinstance(body, Missing):
        return unfilled(body)
    if isinstance(body, Unencodable):
        return Rejected("UNENCODABLE", "The far side's encoding does not have a character of the message.")
    names.content = body
    return None


def _signed(recipe: Recipe, names: Names, place: Literal["field", "header"]) -> Rejected | Unavailable | None:
    for signature in recipe.signatures:
        if getattr(signature, place) is not None and (failed := signed(names, signature)):
            return failed
    return None
