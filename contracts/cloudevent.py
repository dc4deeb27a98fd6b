# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The envelope: a CloudEvent (CloudEvents 1.0.2), as a value.

The bindings in :mod:`contracts.bindings` read and write it; nothing else in the hub knows how it looks on a wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

JsonValue: TypeAlias = Any
"""What a strict JSON parser yields: dict, list, str, int, float, bool, None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One event.

    ``subject`` is the case number (统一办件编号), an opaque string. ``time`` is timezone-aware.
    ``extensions`` holds every attribute that has no field here, in the string form of the specification.
    ``data`` is the parsed JSON value, or ``bytes`` when ``datacontenttype`` is not JSON, or ``None``.
    """

    id: str
    source: str
    type: str
    subject: str | None = None
    dataschema: str | None = None
    datacontenttype: str = "application/json"
    time: datetime | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    data: JsonValue | bytes = None
