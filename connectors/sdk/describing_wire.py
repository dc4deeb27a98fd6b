# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What crosses between the hub and the process that describes a third party's connectors. What comes back is doubted."""

import json
import re
import socket
import struct
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.sdk.wire import MAX_HEAD_BYTES, Malformed, frame_bytes
from contracts.fault import Fault, Position
from contracts.text import Text
from contracts.yaml_source import Located, Place

_LENGTHS = struct.Struct(">II")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_MOST_FAULTS = 200
_MAX_TEXT = 500
_MAX_LINE = 10_000_000


def say(link: socket.socket, head: Mapping[str, object], body: bytes = b"") -> bool:
    """Write one frame; whether it is one. Raises ``OSError`` when nobody listens, ``TimeoutError`` when nobody does in time."""
    frame = frame_bytes(head, body)
    if isinstance(frame, Malformed):
        return False
    link.sendall(frame)
    return True


def hear(link: socket.socket, max_body: int) -> tuple[Mapping[str, Any], bytes] | None:
    """The next frame's head and body; None at the end, or when what comes is none. Raises ``TimeoutError``."""
    lengths = _exactly(link, _LENGTHS.size)
    if lengths is None:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    if head_length > MAX_HEAD_BYTES or body_length > max_body:
        return None
    head, body = _exactly(link, head_length), _exactly(link, body_length)
    if head is None or body is None:
        return None
    try:
        read = orjson.loads(head)
    except orjson.JSONDecodeError:
        return None
    return (read, body) if isinstance(read, dict) else None


def _exactly(link: socket.socket, length: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < length:
        try:
            piece = link.recv(min(length - len(pieces), 65_536))
        except ConnectionError:
            return None
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


def located_bytes(located: Located) -> bytes:
    """A part of a document with the places of everything in it."""
    written = {"value": located.value, "file": located.file, "root": _place_list(located.root)}
    return json.dumps(written).encode()


def located_of(written: bytes) -> Located:
    """The part again. Only for what the hub wrote."""
    read = json.loads(written)
    return Located(read["value"], read["file"], _place(read["root"]))


def _place_list(place: Place) -> list[object]:
    return [place.value, place.key, [[key, _place_list(inner)] for key, inner in place.children.items()]]


def _place(written: list[Any]) -> Place:
    value, key, children = written
    return Place(tuple(value), None if key is None else tuple(key), {one: _place(inner) for one, inner in children})


def fault_dict(fault: Fault) -> dict[str, object]:
    """A fault as it crosses; the file is known on the other side."""
    return {
        "code": fault.code,
        "path": fault.path[:_MAX_TEXT],
        "at": [fault.at.line, fault.at.column],
        "said": [text[:_MAX_TEXT] for text in (*fault.problem, *fault.remedy)],
    }


def faults_of(written: object, file: str) -> tuple[Fault, ...] | None:
    """The faults again, or None if they are none: whoever wrote them may write anything."""
    if not isinstance(written, list) or not 0 < len(written) <= _MOST_FAULTS:
        return None
    faults = [_fault(one, file) for one in written]
    return None if None in faults else tuple(fault for fault in faults if fault is not None)


def _fault(written: object, file: str) -> Fault | None:
    match written:
        case {
            "code": str(code),
            "path": str(path),
            "at": [int(line), int(column)],
            "said": [str(a), str(b), str(c), str(d)],
        }:
            if not _CODE.fullmatch(code) or not (0 < line <= _MAX_LINE and 0 < column <= _MAX_LINE):
                return None
            return Fault(
                code,
                plain(path),
                Position(file, line, column),
                Text(plain(a), plain(b)),
                Text(plain(c), plain(d)),
            )
        case _:
            return None


def plain(text: str) -> str:
    """A stranger's text as one line that a terminal can be shown, cut to size."""
    return "".join(char if char.isprintable() else " " for char in text[:_MAX_TEXT])
