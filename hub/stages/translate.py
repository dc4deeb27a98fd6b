# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Into the destination's version and format. 转换

Translation happens at delivery and not at acceptance, so a mended translation plus a replay is enough.
"""

from dataclasses import dataclass

import orjson

from connectors.sdk import Parcel, Rendering
from hub.ports.journal import Claim


@dataclass(frozen=True, slots=True)
class Form:
    """How a destination wants its messages."""

    rendering: Rendering
    timeout: float


_STRUCTURED = "application/cloudevents+json; charset=utf-8"


def translate(claim: Claim, form: Form) -> Parcel:
    """The claimed message as a parcel. The idempotency key is the delivery's id: the same in every attempt."""
    attributes: dict[str, str] = {**orjson.loads(claim.attributes), "govhubmessage": str(claim.message_id)}
    match form.rendering:
        case Rendering.DATA:
            content_type, body = attributes.get("datacontenttype", "application/json"), claim.canonical
        case Rendering.STRUCTURED:
            content_type = _STRUCTURED
            body = orjson.dumps({**attributes, "data": orjson.Fragment(claim.canonical)})
    return Parcel(
        idempotency_key=str(claim.delivery_id),
        content_type=content_type,
        body=body,
        attributes=attributes,
        attempt=claim.attempt,
        timeout=form.timeout,
    )
