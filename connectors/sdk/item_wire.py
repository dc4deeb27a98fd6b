# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a source's items and their answers cross the border of a child process: many in a frame, their bodies behind it.

A header's value crosses with its type: JSON has no bytes, no moments and no whole numbers of any size.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

import orjson

from connectors.sdk.source import Disposition, Item, NotNow, Refused, Signed, Taken
from connectors.sdk.wire import MAX_BODY_BYTES, MAX_HEAD_BYTES

FRAME_BYTES = 32 * 1024 * 1024
"""What the bodies in one frame come to, unless one alone is longer."""
MAX_ITEMS = 1_000
"""The most items, and the most answers, in one frame."""

_HEAD_ROOM = MAX_HEAD_BYTES // 2
_MAX_CONTENT_TYPE = 1_000
_MAX_SIGNATURE = 64 * 1024
_MAX_PROBLEM = 8 * 1024
_MAX_RECEIPT = 8 * 1024
_TOKENS = 1 << 62


def portion(items: Sequence[Item]) -> int:
    """How many of these, from the first, fit into one frame: one at least."""
    head = body = 0
    for number, item in enumerate(items[:MAX_ITEMS]):
        head += _head_bytes(item)
        body += len(item.body) + (0 if item.signed is None else len(item.signed.over))
        if number and (head > _HEAD_ROOM or body > FRAME_BYTES):
            return number
    return min(len(items), MAX_ITEMS)


def items_head(items: Sequence[tuple[int, Item]]) -> tuple[list[dict[str, object]], bytes]:
    """Items under the numbers they are settled by, and their bodies one behind the other.

    A body that no frame can hold is cut to what one holds, which is more than any hub takes: so it is refused there, with
    everything that belongs to a refusal. Headers that no frame can hold stay behind.
    """
    bodies = (piece[:MAX_BODY_BYTES] for _, item in items for piece in _bodies(item))
    return [_written(token, item) for token, item in items], b"".join(bodies)


def items_of(head: object, body: bytes) -> list[tuple[int, Item]] | None:
    """The items again, or None if they are none: a child may write anything."""
    if not isinstance(head, list) or len(head) > MAX_ITEMS:
        return None
    items: list[tuple[int, Item]] = []
    at = 0
    for written in head:
        match written:
            case {
                "token": int(token),
                "content_type": str() | None as content_type,
                "length": int(length),
                "headers": list(headers),
            } if 0 <= token < _TOKENS and 0 <= length <= len(body) - at:
                known = _headers_of(headers)
                if known is None or len(content_type or "") > _MAX_CONTENT_TYPE:
                    return None
                found = _signed_of(written.get("signed"), body[at + length :])
                if found is False:
                    return None
                piece = body[at : at + length]
                items.append((token, Item(token=0, content_type=content_type, body=piece, headers=known, signed=found)))
                at += length + (0 if found is None else len(found.over))
            case _:
                return None
    return items if at == len(body) else None


def answers_head(answers: Sequence[tuple[int, Disposition]]) -> list[list[object]]:
    """Answers as JSON."""
    return [[token, *_answer(answer)] for token, answer in answers]


def answers_of(head: Sequence[Sequence[object]]) -> Iterator[tuple[int, Disposition]]:
    """The answers again. The hub wrote them, so they are not doubted."""
    for written in head:
        match written:
            case [int(token), "taken", str(receipt)]:
                yield token, Taken(base64.b64decode(receipt))
            case [int(token), "not_now", int() | float() as seconds]:
                yield token, NotNow(seconds)
            case [int(token), "refused", str(code), str(problem)]:
                yield token, Refused(code, problem.encode())
            case _:
                pass


def _answer(answer: Disposition) -> list[object]:
    match answer:
        case Taken(receipt=receipt):
            return ["taken", base64.b64encode(receipt[:_MAX_RECEIPT]).decode()]
        case NotNow(retry_after=seconds):
            return ["not_now", seconds]
        case Refused(code=code, problem=problem):
            return ["refused", code, problem[:_MAX_PROBLEM].decode("utf-8", "replace")]


def _written(token: int, item: Item) -> dict[str, object]:
    fits = _head_bytes(item) <= _HEAD_ROOM
    return {
        "token": token,
        "content_type": item.content_type[:_MAX_CONTENT_TYPE] if item.content_type is not None else None,
        "length": min(len(item.body), MAX_BODY_BYTES),
        "headers": _headers_head(item.headers) if fits else [],
        "signed": _signed_head(item.signed),
    }


def _bodies(item: Item) -> tuple[bytes, ...]:
    return (item.body,) if item.signed is None else (item.body, item.signed.over)


def _signed_head(signed: Signed | None) -> list[object] | None:
    if signed is None:
        return None
    over = min(len(signed.over), MAX_BODY_BYTES)
    return [signed.signature[:_MAX_SIGNATURE], over, signed.content_type[:_MAX_CONTENT_TYPE]]


def _signed_of(written: object, rest: bytes) -> Signed | Literal[False] | None:
    """The signature again, its bytes being the first of the rest; False: it is none."""
    match written:
        case None:
            return None
        case [str(signature), int(length), str(content_type)] if 0 <= length <= len(rest):
            return Signed(signature=signature, over=rest[:length], content_type=content_type)
        case _:
            return False


def _head_bytes(item: Item) -> int:
    return (
        len(orjson.dumps(_headers_head(item.headers)))
        + len(item.content_type or "")
        + 200
        + _signature_bytes(item.signed)
    )


def _signature_bytes(signed: Signed | None) -> int:
    return 0 if signed is None else min(len(signed.signature), _MAX_SIGNATURE) + len(signed.content_type)


def _headers_head(headers: Mapping[str, object]) -> list[list[object]]:
    return [[name, *_value(value)] for name, value in headers.items()]


def _value(value: object) -> tuple[str, object]:
    match value:
        case bool():
            return "flag", value
        case int():
            return "number", str(value)
        case str():
            return "text", value
        case datetime():
            return "moment", value.isoformat()
        case bytes() | bytearray() | memoryview():
            return "bytes", base64.b64encode(value).decode()
        case _:
            return "text", str(value)


def _headers_of(written: Sequence[object]) -> dict[str, object] | None:
    headers: dict[str, object] = {}
    for one in written:
        try:
            match one:
                case [str(name), "flag", bool(value)]:
                    headers[name] = value
                case [str(name), "text", str(value)]:
                    headers[name] = value
                case [str(name), "number", str(value)] if len(value) <= _MAX_CONTENT_TYPE:
                    headers[name] = int(value)
                case [str(name), "moment", str(value)]:
                    headers[name] = datetime.fromisoformat(value)
                case [str(name), "bytes", str(value)]:
                    headers[name] = base64.b64decode(value, validate=True)
                case _:
                    return None
        except ValueError:
            return None
    return headers
