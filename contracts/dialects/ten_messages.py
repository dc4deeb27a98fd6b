# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Documents as flat messages, such as the ten from 申办 to 领取登记: a name and its fields, ``{"AcceptOB": {"SBLSH": "…"}}``."""

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.dialects.document import Document
from contracts.dialects.flat_json import misshapen, parsed, texts
from contracts.refusal import Refusal
from contracts.text import Text

MEDIA_TYPE = "application/vnd.govhub.messages+json"

_ONE = Text("一个报文名，其值为各字段", "one message name whose value holds the fields")


def write(document: Document) -> bytes:
    """The message as JSON."""
    fields: dict[str, JsonValue] = {name: str(cell) for name, cell in document.fields.items()}
    return strict_json.canonical({document.name: fields})


def read(body: bytes) -> Document | Refusal:
    """The document that a message in JSON is, or why it was refused. Never raises, whatever the bytes."""
    value = parsed(body)
    if isinstance(value, Refusal):
        return value
    if len(value) != 1:
        return misshapen("$", _ONE)
    ((name, fields),) = value.items()
    if not isinstance(fields, dict):
        return misshapen("$", _ONE)
    found = texts(fields, "$")
    return found if isinstance(found, Refusal) else Document(name, found)
