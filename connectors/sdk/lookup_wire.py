# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a question and what was found cross the border of a child process; the records are JSON in the frame's body."""

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.sdk.lookup import Found, NotFound, Question
from connectors.sdk.receiver_wire import Spoken
from connectors.sdk.wire import Frame, crossed, crossing

MOST_RECORDS = 1_000
"""The most records of one answer."""
MAX_RECORDS_BYTES = 8 * 1024 * 1024
"""What they may come to as JSON: it is read in the hub's process."""


def question_head(question: Question) -> dict[str, object]:
    """All of a question but its time-out, which the child is told as what is left of it."""
    return {
        "criteria": {crossing(name): crossing(value) for name, value in question.criteria.items()},
        "purpose": crossing(question.purpose),
        "traceparent": crossing(question.traceparent),
    }


def question_of(head: Mapping[str, Any], seconds: float) -> Question:
    """The question again. The hub wrote the head, so it is not doubted."""
    return Question(
        criteria={crossed(name): crossed(value) for name, value in head["criteria"].items()},
        purpose=crossed(head["purpose"]),
        traceparent=crossed(head["traceparent"]),
        timeout=seconds,
    )


def found_spoken(found: Found | NotFound) -> Spoken | None:
    """What was found, or that nothing was, as it crosses; None if it is not JSON or too long."""
    match found:
        case NotFound():
            return {"is": "told", "found": False}, b""
        case Found(records=records, complete=complete):
            try:
                body = orjson.dumps([dict(record) for record in records])
            except (TypeError, ValueError):
                return None
            return ({"is": "told", "found": True, "complete": complete}, body) if _fits(body) else None


def found_of(frame: Frame) -> Found | NotFound | None:
    """What was found again, or None if it is nothing of the kind: a child may write anything."""
    match frame.head:
        case {"found": False}:
            return NotFound()
        case {"found": True, "complete": bool(complete)} if _fits(frame.body):
            records = _records(frame.body)
            return Found(tuple(records), complete) if records else None
        case _:
            return None


def _fits(body: bytes) -> bool:
    return len(body) <= MAX_RECORDS_BYTES


def _records(body: bytes) -> list[dict[str, Any]] | None:
    try:
        records = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(records, list) or len(records) > MOST_RECORDS:
        return None
    return records if all(isinstance(record, dict) for record in records) else None
