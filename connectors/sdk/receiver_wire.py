# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a call, what a receiver makes of it, and its reply cross the border of a child process.

Bytes stand in the frame's body, one behind the other; the head says how long each is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from connectors.sdk.item_wire import items_head, items_of
from connectors.sdk.receiver import MAX_ITEMS, MAX_NOTE_BYTES, Admission, Admitted, Reply, Request, TurnedAway
from connectors.sdk.source import Disposition, NotNow, Refused, Taken
from connectors.sdk.wire import Frame, crossed, crossing

Spoken: TypeAlias = tuple[Mapping[str, object], bytes]
"""A frame's head and body, on the side that says it."""

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")  # RFC 9110, 5.1
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{0,8192}")
_MAX_HEADERS = 100


def request_head(request: Request) -> dict[str, object]:
    """Everything of a request but its body."""
    return {
        "method": crossing(request.method),
        "path": crossing(request.path),
        "query": crossing(request.query),
        "headers": [[crossing(name), crossing(value)] for name, value in request.headers],
        "url": crossing(request.url),
        "peer": crossing(request.peer),
        "subject": crossing(request.subject),
    }


def request_of(head: Mapping[str, Any], body: bytes) -> Request:
    """The request again. The hub wrote the head, so it is not doubted."""
    texts = {name: crossed(value) for name, value in head.items() if name != "headers"}
    headers = tuple((crossed(name), crossed(value)) for name, value in head["headers"])
    return Request(headers=headers, body=body, **texts)


def admission_spoken(admission: object) -> Spoken | None:
    """An admission as it crosses, or None if it is none."""
    match admission:
        case Admitted(items=items, note=note):
            head, body = items_head([(item.token, item) for item in items])
            return {"admitted": head, "note": note}, body
        case TurnedAway(code=code, reply=Reply() as reply):
            head_of_reply, body = _reply_spoken(reply)
            return {**head_of_reply, "turned_away": code}, body
        case Reply():
            return _reply_spoken(admission)
        case _:
            return None


def admission_of(frame: Frame) -> Admission | None:
    """The admission again, or None if it is none: a child may write anything."""
    match frame.head:
        case {"admitted": written, "note": str(note)} if len(note.encode()) <= MAX_NOTE_BYTES:
            items = items_of(written, frame.body)
            if not items or len(items) > MAX_ITEMS or len({token for token, _ in items}) != len(items):
                return None
            return Admitted(items=tuple(replace(item, token=token) for token, item in items), note=note)
        case {"turned_away": code}:
            reply = reply_of(frame)
            known = isinstance(code, str) and _CODE.fullmatch(code)
            return TurnedAway(code=code, reply=reply) if reply is not None and known else None
        case _:
            return reply_of(frame)


def reply_spoken(reply: object) -> Spoken | None:
    """A reply as it crosses, or None if it is none."""
    return _reply_spoken(reply) if isinstance(reply, Reply) else None


def reply_of(frame: Frame) -> Reply | None:
    """The reply again, or None if it is none: also one with a header that would be two."""
    match frame.head:
        case {"status": int(status), "headers": list(written)} if 200 <= status <= 599 and len(written) <= _MAX_HEADERS:
            headers = tuple(_headers_of(written))
            return Reply(status=status, headers=headers, body=frame.body) if len(headers) == len(written) else None
        case _:
            return None


def answers_spoken(note: str, answers: Sequence[tuple[int, Disposition]]) -> Spoken:
    """What became of the messages of a call. Nothing is cut: a receiver reads the problem documents."""
    head: list[list[object]] = []
    bodies: list[bytes] = []
    for token, answer in answers:
        match answer:
            case Taken(receipt=receipt):
                head.append([token, "taken", len(receipt)])
                bodies.append(receipt)
            case Refused(code=code, problem=problem):
                head.append([token, "refused", len(problem), code])
                bodies.append(problem)
            case NotNow(retry_after=seconds):
                head.append([token, "not_now", 0, seconds])
    return {"is": "reply", "note": note, "answers": head}, b"".join(bodies)


def answers_of(head: Sequence[Sequence[Any]], body: bytes) -> list[tuple[int, Disposition]]:
    """The answers again. The hub wrote them, so they are not doubted."""
    answers: list[tuple[int, Disposition]] = []
    at = 0
    for token, kind, length, *more in head:
        told = body[at : at + length]
        at += length
        match kind:
            case "taken":
                answers.append((token, Taken(told)))
            case "refused":
                answers.append((token, Refused(more[0], told)))
            case _:
                answers.append((token, NotNow(more[0])))
    return answers


def _reply_spoken(reply: Reply) -> Spoken:
    return {"status": reply.status, "headers": [list(one) for one in reply.headers]}, reply.body


def _headers_of(written: Sequence[object]) -> Iterator[tuple[str, str]]:
    for one in written:
        match one:
            case [str(name), str(value)] if _NAME.fullmatch(name) and _VALUE.fullmatch(value):
                yield name, value
            case _:
                pass
