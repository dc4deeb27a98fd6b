# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Frames as bytes: compact JSON with a version, under a media type of our own."""

from typing import Any
from uuid import UUID

import orjson

from hub.ports.bus import Foreign, Frame, Offer, QueueName

MEDIA_TYPE = "application/vnd.govhub.frame+json"
VERSION = 1
_PARTITIONS = 2**15  # what the journal has room for


def encode(frame: Frame) -> bytes:
    """The body of the message that carries a frame."""
    return orjson.dumps(
        {
            "v": VERSION,
            "id": frame.id,
            "group": frame.queue.group,
            "partition": frame.queue.partition,
            "offers": [_written(offer, frame.queue) for offer in frame.offers],
        }
    )


def _written(offer: Offer, queue: QueueName) -> list[object]:
    """The partition is told where it is not the queue's own."""
    return [offer.delivery, offer.destination, *([] if offer.partition == queue.partition else [offer.partition])]


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
    if not isinstance(identifier, str) or not isinstance(offers, list) or not all(map(_is_offer, offers)):
        return Foreign("ids or destinations missing")
    try:
        return Frame(
            UUID(identifier),
            queue,
            tuple(
                Offer(UUID(delivery), name, elsewhere[0] if elsewhere else queue.partition)
                for delivery, name, *elsewhere in offers
            ),
        )
    except ValueError:
        return Foreign("ids that are no UUIDs")


def _is_offer(values: Any) -> bool:
    """Delivery and destination, and perhaps a partition."""
    match values:
        case [str(), str()]:
            return True
        case [str(), str(), int(partition)]:
            return not isinstance(partition, bool) and 0 <= partition < _PARTITIONS
        case _:
            return False
