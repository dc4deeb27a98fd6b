# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The headers of one request."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote

from connectors.rest.config import RestConfig
from connectors.sdk import Parcel, Rejected, Unavailable
from connectors.sdk.http.fields import FIELD_VALUE

_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,64}")
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_not_plain = re.compile(r"[^!#$&-~]").search


def request_headers(
    config: RestConfig, parcel: Parcel, secret: Callable[[str], str]
) -> dict[str, str] | Rejected | Unavailable:
    """The headers that carry this parcel, or why there can be none.

    ``Rejected`` is about the parcel (something in it cannot be written in a header), ``Unavailable`` about the
    destination (a secret is missing or cannot be sent).
    """
    headers = {
        **config.headers,
        "Accept-Encoding": "identity",
        "Content-Type": parcel.content_type,
        config.idempotency_header: parcel.idempotency_key,
    }
    if parcel.traceparent:
        headers["traceparent"] = parcel.traceparent
    if config.idempotency != "native":
        # On a kept connection a far side may hang up just as we write, and nobody would know what it read.
        headers["Connection"] = "close"
    if not (FIELD_VALUE.fullmatch(parcel.content_type) and FIELD_VALUE.fullmatch(parcel.idempotency_key)):
        return Rejected("UNSENDABLE_HEADER", "The content type or the idempotency key cannot be written in a header.")
    if config.mode == "binary":
        attributes = _attribute_headers(parcel.attributes)
        if isinstance(attributes, Rejected):
            return attributes
        headers |= attributes
    credentials = secret_headers(config, secret)
    if isinstance(credentials, Unavailable):
        return credentials
    return headers | credentials if credentials else headers


def secret_headers(config: RestConfig, secret: Callable[[str], str]) -> dict[str, str] | Unavailable:
    """The headers that prove who we are, with the secrets' present values."""
    if not (config.secret_headers or config.bearer_secret):
        return {}
    wanted = dict(config.secret_headers)
    if config.bearer_secret:
        wanted["Authorization"] = config.bearer_secret
    headers = {}
    for header, name in wanted.items():
        try:
            value = secret(name)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {name.name}")
        if not FIELD_VALUE.fullmatch(value):
            return Unavailable(f"SECRET_UNSENDABLE: secret {name.name} cannot be written in a header")
        headers[header] = f"Bearer {value}" if header == "Authorization" and config.bearer_secret else value
    return headers


def _attribute_headers(attributes: Mapping[str, str]) -> dict[str, str] | Rejected:
    """The attributes as ``ce-`` headers (CloudEvents 1.0.2, HTTP binding, section 3.1.3).

    ``datacontenttype`` is the Content-Type and never a header of its own.
    """
    headers = {}
    for name, value in attributes.items():
        if name == "datacontenttype":
            continue
        header = _header_of(name)
        if not header:
            return Rejected("UNSENDABLE_ATTRIBUTE", "An attribute's name is not a CloudEvents name.")
        try:
            headers[header] = value if _not_plain(value) is None else percent_encoded(value)
        except UnicodeEncodeError:
            return Rejected("UNSENDABLE_ATTRIBUTE", f"The attribute {name} is not Unicode text.")
    return headers


@lru_cache(maxsize=256)
def _header_of(name: str) -> str:
    """The header that carries an attribute; empty when it is no name of one. Names are few, and none is personal."""
    return f"ce-{name}" if _ATTRIBUTE_NAME.fullmatch(name) else ""


def percent_encoded(value: str) -> str:
    """A string in the form of the CloudEvents HTTP binding, section 3.1.3.2: UTF-8, ``%XX`` for all but plain ASCII."""
    return quote(value, safe=_PLAIN)
