# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a sender says of its bytes, as far as a dialect must know it."""

from dataclasses import dataclass

from contracts.bindings import media_type
from contracts.bindings.media_type import MediaType
from contracts.refusal import Refusal, Violation
from contracts.text import Text

_XML_TYPES = {"application/xml", "text/xml"}
_NOT_XML = Text("该方言是 XML", "This dialect is XML")
_NOT_JSON = Text("该方言是 JSON", "This dialect is JSON")


@dataclass(frozen=True, slots=True)
class Charset:
    """What was said of the encoding; None: nothing, which is not the same as UTF-8."""

    label: str | None


def of_xml(content_type: str) -> Charset | Refusal:
    """The encoding that goes with an XML content type."""
    kind = media_type.parse(content_type)
    if kind is None or not (kind.essence in _XML_TYPES or kind.essence.endswith("+xml")):
        return _content_type(_NOT_XML)
    return Charset(_charset(kind, content_type))


def no_json(content_type: str) -> Refusal | None:
    """Why this is no content type of JSON in UTF-8, if it is none."""
    kind = media_type.parse(content_type)
    return None if kind is not None and kind.is_json and kind.charset is None else _content_type(_NOT_JSON)


def _charset(kind: MediaType, content_type: str) -> str | None:
    """What the sender said, which is not the same as a sender's silence."""
    if kind.charset is not None:
        return kind.charset
    return "utf-8" if "charset" in content_type.lower() else None


def _content_type(expected: Text) -> Refusal:
    remedy = Text(
        "改正 Content-Type，或为该系统改配方言", "Correct the Content-Type, or give the system another dialect"
    )
    violation = Violation("E_CONTENT_TYPE", "$.headers.content-type", expected, remedy)
    return Refusal("E_CONTENT_TYPE", expected, (violation,))
