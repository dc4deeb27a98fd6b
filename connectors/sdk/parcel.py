# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a sink is handed: one rendered message on its way to one destination."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Everything a connector may know about a delivery, serialisable.

    ``idempotency_key`` is the same in every attempt and unique per delivery; it is always sent to the far side.
    ``body`` are the exact bytes to carry, already in the destination's version and format: a sink never changes them.
    ``attributes`` are the CloudEvents attributes under their plain names (``id``, ``type``, ``subject``, …).
    ``traceparent`` is the W3C trace context of this hop, well-formed or empty: for a protocol's own header of that name.
    ``attempt`` counts from 1. ``timeout`` is the longest the send may take, in seconds.
    """

    idempotency_key: str
    content_type: str
    body: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)
    traceparent: str = ""
    attempt: int = 1
    timeout: float = 30.0
