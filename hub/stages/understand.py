# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Into canonical JSON, whatever dialect its sender wrote it in. 方言读入"""

from collections.abc import Sequence
from dataclasses import replace

from contracts.bindings import media_type
from contracts.cloudevent import CloudEvent
from contracts.dialects.dialect import CANONICAL, Dialect
from contracts.refusal import Refusal, Violation
from contracts.registry import Registry
from contracts.strict_json import canonical
from contracts.text import Text

_OTHER = Text("报文与信封的 type 不是同一契约。", "The document and the envelope's type are two contracts.")
_EXPECTED = Text("与报文相符的契约", "the contract that the document is of")
_REMEDY = Text("请改正 type，或改正报文。", "Correct type, or the document.")


def understand(registry: Registry, dialects: Sequence[Dialect], event: CloudEvent) -> CloudEvent | Refusal:
    """The event with its data in canonical JSON. A dialect of the sender's is known by the content type of the data;
    an event in none of them is left as it is.
    """
    kind = media_type.parse(event.datacontenttype)
    if kind is None:
        return event
    dialect = next((one for one in dialects if kind.essence == _essence(one)), None)
    if dialect is None:
        return event
    named = registry.by_schema(event.dataschema) if event.dataschema else None
    if event.dataschema and (named is None or named.type != event.type):
        return event  # what it names is wrong, whatever the data are: that is told first
    body = event.data if isinstance(event.data, bytes) else canonical(event.data)
    decoded = dialect.decode(body, event.datacontenttype, named)
    if isinstance(decoded, Refusal):
        return decoded
    if decoded.contract.type != event.type:
        return Refusal("E_DIALECT_NAME", _OTHER, (Violation("E_DIALECT_NAME", "$.type", _EXPECTED, _REMEDY),))
    return replace(
        event, data=dict(decoded.data), dataschema=decoded.contract.schema_uri, datacontenttype="application/json"
    )


def _essence(dialect: Dialect) -> str | None:
    """The media type by which a dialect is known; canonical JSON needs no translation."""
    kind = media_type.parse(dialect.content_type)
    return None if dialect.name == CANONICAL or kind is None else kind.essence
