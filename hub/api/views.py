# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one system may see of messages: the sender everything, a destination's system its own deliveries."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web

from hub.api.route import JSON
from hub.passage import Place
from hub.ports.journal import AttemptView, DeliveryView, LateAnswer, MessageView

LONGEST_NAME = 256
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def json_response(value: object, status: int = 200) -> web.Response:
    """UUIDs and times as strings, times in UTC with ``Z``."""
    return web.Response(
        status=status, body=orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z), content_type=JSON
    )


def _plain(value: object) -> str:
    """The database's own kind of UUID is one that orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def nameable(text: str) -> bool:
    """Whether a message or case could have this name at all; what could not is not asked of the journal."""
    return 0 < len(text) <= LONGEST_NAME and not _UNSTORABLE.search(text)


def visible(view: MessageView, system: str, places: Mapping[str, Place]) -> tuple[DeliveryView, ...]:
    """The deliveries of the message that this system may see. A destination that is no longer configured is nobody's."""
    if view.system == system:
        return view.deliveries
    return tuple(d for d in view.deliveries if d.destination in places and places[d.destination].system == system)


def concerns(view: MessageView, system: str, places: Mapping[str, Place]) -> bool:
    """Whether the system sent the message or is to receive it."""
    return view.system == system or bool(visible(view, system, places))


def message_document(view: MessageView, deliveries: tuple[DeliveryView, ...]) -> dict[str, Any]:
    """One message with these of its deliveries."""
    return {
        "message": view.id,
        "system": view.system,
        "id": view.sender_id,
        "contract": view.contract,
        "contractVersion": view.version,
        "case": view.case,
        "time": view.event_time,
        "acceptedAt": view.accepted_at,
        "digest": f"sha256:{view.digest.hex()}",
        "receipt": orjson.Fragment(view.receipt),
        "deliveries": [_delivery(delivery) for delivery in deliveries],
    }


def _delivery(view: DeliveryView) -> dict[str, Any]:
    return {
        "destination": view.destination,
        "delivery": view.id,
        "state": view.state.value,
        "position": view.position,
        "code": view.code,
        "detail": view.detail,
        "reference": view.reference,
        "dueAt": view.due_at,
        "answerDueAt": view.answer_due,
        "settledAt": view.settled_at,
        "blockedBy": view.blocked_by,
        "late": view.late,
        "attempts": [_attempt(attempt) for attempt in view.attempts],
    }


def _attempt(view: AttemptView) -> dict[str, Any]:
    return {
        "attempt": view.attempt,
        "state": view.state.value,
        "code": view.code,
        "detail": view.detail,
        "startedAt": view.started_at,
        "endedAt": view.ended_at,
        "toldLate": late_document(view.told_late),
    }


def late_document(late: LateAnswer | None) -> dict[str, Any] | None:
    """What came too late to decide anything."""
    if late is None:
        return None
    return {
        "state": late.state.value,
        "code": late.code,
        "detail": late.detail,
        "reference": late.reference,
        "at": late.at,
    }
