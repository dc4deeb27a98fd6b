# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The address that a message names itself. Whether it may be called is the egress's to say. Pure."""

from yarl import URL

from connectors.sdk import Rejected
from connectors.sdk.http.place import Document

_LONGEST = 2_048
_INVALID = Rejected("CALLBACK_INVALID", "The message names no http or https address to send to.")


def callback(body: bytes, place: str) -> URL | Rejected:
    """The address that stands there in the body."""
    text = Document(body).text(place) or ""
    if not 0 < len(text) <= _LONGEST or not text.isprintable():
        return _INVALID
    try:
        url = URL(text)
    except ValueError:
        return _INVALID
    return url.with_fragment(None) if url.scheme in {"http", "https"} and url.raw_host else _INVALID
