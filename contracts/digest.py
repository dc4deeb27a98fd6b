# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What "the same message" means: one digest over what its sender says, whatever the mode it was sent in."""

import hashlib
import struct
from typing import Final

from contracts.bindings.event_format import attributes_of, write_content
from contracts.cloudevent import CloudEvent
from contracts.timestamps import instant

_DOMAIN: Final = b"govhub-content-1\x00"
_TRANSPORT: Final = frozenset({"traceparent", "tracestate"})
"""The W3C trace context changes from hop to hop and from attempt to attempt; it is not what the sender says."""

_NO_DATA: Final = b"\x00"
_JSON_DATA: Final = b"\x01"
_BYTES_DATA: Final = b"\x02"


def content_digest(event: CloudEvent) -> bytes:
    """SHA-256 (32 bytes) over every attribute and the data.

    Layout: a domain, the number of attributes, then name and value of each in order of name, then the kind of data and
    the data; every part stands behind its length as 8 bytes, big-endian, so no two events share an encoding. ``time``
    counts as an instant: the same moment in another offset is the same. JSON data counts by its canonical text.
    """
    attributes = {name: value for name, value in attributes_of(event).items() if name not in _TRANSPORT}
    if event.time is not None:
        attributes["time"] = instant(event.time)
    parts = [_DOMAIN, struct.pack(">Q", len(attributes))]
    for name in sorted(attributes):
        for text in (name, attributes[name]):
            encoded = text.encode()
            parts += (struct.pack(">Q", len(encoded)), encoded)
    data = write_content(event)
    kind = _NO_DATA if event.data is None else _BYTES_DATA if isinstance(event.data, bytes) else _JSON_DATA
    parts += (kind, struct.pack(">Q", len(data)), data)
    return hashlib.sha256(b"".join(parts)).digest()
