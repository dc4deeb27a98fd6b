# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The types of single settings: addresses, headers, pointers, statuses."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from yarl import URL

from connectors.sdk.http.template import filled, is_plain, names_in
from connectors.sdk.secret import Secret

KEY_PLACE = "{key}"

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*(?<![ \t]))?")
"""A field value of RFC 9110 section 5.5, in ASCII; an empty one is one too."""

_SECRET_BEARING = frozenset({"authorization", "proxy-authorization", "cookie"})
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def _endpoint(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError("an absolute http or https address is needed")
    url.raw_host.encode("idna")  # refuses what the resolver would choke on: a label that is empty or too long
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("an address holds no user and no password: name a secret instead")
    if url.raw_fragment:
        raise ValueError("an address to send to has no fragment")
    return value


def _header_name(value: str) -> str:
    """A field name of RFC 9110 section 5.1 that the connector does not write itself."""
    if not _TOKEN.fullmatch(value):
        raise ValueError("not a header name")
    if value.lower() in _OURS or value.lower().startswith("ce-"):
        raise ValueError("this header is written by the connector")
    return value


def _static_name(value: str) -> str:
    if value.lower() in _SECRET_BEARING:
        raise ValueError("this header carries a secret: use bearer_secret or secret_headers")
    return _header_name(value)


def _field_value(value: str) -> str:
    """A field value of RFC 9110 section 5.5, in ASCII."""
    if value and not FIELD_VALUE.fullmatch(value):
        raise ValueError("a header value is printable ASCII on one line")
    return value


def _pointer(value: str) -> str:
    """A JSON Pointer of RFC 6901."""
    if not value.startswith("/") or re.search(r"~(?![01])", value):
        raise ValueError("a JSON pointer begins with / and writes ~ as ~0")
    return value


def _address_template(value: str) -> str:
    """An address whose path and query may have places that a message fills."""
    if is_plain(value):
        return _endpoint(value)
    names = names_in(value)
    if any(name in {"content", "fields", "data"} or name.startswith(("h.", "f.", "q.")) for name in names):
        raise ValueError("an address is made first: no headers and no fields stand in it")
    if "{" in value.split("://", 1)[-1].split("/", 1)[0]:
        raise ValueError("places stand in the path or the query, never in the host")
    sample = filled(value, lambda _: "0")
    _endpoint(sample if isinstance(sample, str) else "")
    return value


def _header_template(value: str) -> str:
    if is_plain(value):
        return _field_value(value)
    if any(name in {"content", "fields", "data"} or name.startswith("f.") for name in names_in(value)):
        raise ValueError("headers are made before fields and body: sign into a header instead")
    sample = filled(value, lambda _: "0")
    _field_value(sample if isinstance(sample, str) else "")
    return value


def _query_address(value: str) -> str:
    """An address to ask at: like any other, with the key's place marked once, outside the host."""
    if value.count(KEY_PLACE) != 1:
        raise ValueError(f"the place of the idempotency key is marked once, by {KEY_PLACE}")
    filled = value.replace(KEY_PLACE, "0")
    if KEY_PLACE in value.split("://", 1)[-1].split("/", 1)[0]:
        raise ValueError("the key stands in the path or the query, never in the host")
    _endpoint(filled)
    return value


Endpoint = Annotated[str, Field(max_length=2048), AfterValidator(_endpoint)]
AddressTemplate = Annotated[str, Field(max_length=2048), AfterValidator(_address_template)]
HeaderTemplate = Annotated[str, Field(max_length=2048), AfterValidator(_header_template)]
HeaderName = Annotated[str, Field(max_length=100), AfterValidator(_header_name)]
StaticHeaderName = Annotated[str, Field(max_length=100), AfterValidator(_static_name)]
HeaderValue = Annotated[str, Field(max_length=2048), AfterValidator(_field_value)]
SecretName = Secret
QueryAddress = Annotated[str, Field(max_length=2048), AfterValidator(_query_address)]
JsonPointer = Annotated[str, Field(max_length=200), AfterValidator(_pointer)]
Success = Annotated[int, Field(ge=200, le=299)]
Failure = Annotated[int, Field(ge=400, le=599)]
Status = Annotated[int, Field(ge=200, le=599)]
