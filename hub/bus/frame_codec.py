# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Frames as bytes: compact JSON with a version, under a media type of our own."""

from typing import Any, TypeGuard
from uuid import UUID

import orjson

from hub.ports.bus import Foreign, Frame, Offer, QueueName

MEDIA_TYPE = "application/vnd.govhub.frame+json"
VERSION = 1


def encode(frame: Frame) -> bytes:
    """The body of the message that carries a frame."""
    return orjson.dumps(
        {
            "v": VERSION,
            "id": frame.id,
            "group": frame.queue.group,
            "partition": frame.queue.partition,
            "offers": [list(offer) for offer in frame.offers],
        }
    )


def decode(body: bytes, media_type: str | None, queue: QueueName) -> Frame | Foreign:
    """The frame in a message that came from ``queue``, or why there is none.

    The reason never quotes the message: whatever it is, it is not ours to show.
    """
    if media_type != MEDIA_TYPE:
        return Foreign("another media type")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Foreign("not JSON")
    if not isinstance(content, dict) or content.get("v") != VERSION:
        return Foreign(f"not version {VERSION} of a frame")
    if (content.get("group"), content.get("partition")) != (queue.group, queue.partition):
        return Foreign("a frame of another queue")
    return _frame(content.get("id"), content.get("offers"), queue)


def _frame(identifier: Any, offers: Any, queue: QueueName) -> Frame | Foreign:
    if not _texts([identifier]) or not isinstance(offers, list) or not all(_texts(offer, 2) for offer in offers):
        return Foreign("ids or destinations missing")
    try:
        return Frame(UUID(identifier), queue, tuple(Offer(UUID(delivery), name) for delivery, name in offers))
    except ValueError:
        return Foreign("ids that are no UUIDs")


def _texts(values: Any, number: int = 1) -> TypeGuard[list[str]]:
    return isinstance(values, list) and len(values) == number and all(isinstance(value, str) for value in values)
