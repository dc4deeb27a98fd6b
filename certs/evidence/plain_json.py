# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""JSON with one reading, by the standard library alone: no duplicate keys, no floats, no NaN, bounded in depth."""

import json
from typing import Any

MAX_DEPTH = 16
MAX_BYTES = 64 * 2**20


class PlainError(ValueError):
    """Not such JSON."""


def parse(data: bytes) -> Any:
    """What it says. Raises ``PlainError``."""
    if len(data) > MAX_BYTES:
        raise PlainError("too large")
    try:
        text = data.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise PlainError(str(error)) from None
    if _depth(found) > MAX_DEPTH:
        raise PlainError("too deep")
    return found


def canonical(value: object) -> bytes:
    """The one form in which this package writes JSON of its own: sorted keys, no spaces, UTF-8, a newline at the end."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PlainError("a key stands twice")
    return found


def _refuse(text: str) -> Any:
    raise PlainError(f"not a whole number: {text[:20]}")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
