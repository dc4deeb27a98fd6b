# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A long text from the parts in which it comes in, in any order and more than once. 3GPP TS 23.040, 9.2.3.24."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_CONCATENATED_8: Final = 0x00
_CONCATENATED_16: Final = 0x08
_LENGTHS: Final = {_CONCATENATED_8: 3, _CONCATENATED_16: 4}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part belongs: which message, part ``number`` of ``total``."""

    reference: int
    total: int
    number: int


def opened(content: bytes) -> tuple[Place | None, bytes]:
    """What the header of a part says, and the text behind it. A header that does not add up is text."""
    if not content or content[0] + 1 > len(content):
        return None, content
    header, text = content[1 : content[0] + 1], content[content[0] + 1 :]
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if _LENGTHS.get(kind) == length == len(value):
            place = Place(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
            return (place if 1 <= place.number <= place.total else None), text
        at += 2 + length
    return None, text


@dataclass(slots=True)
class _Waiting(Generic[T]):
    since: float
    parts: dict[int, T] = field(default_factory=dict)


class Assembly(Generic[T]):
    """Parts that wait for the others. A message that is not whole after ``seconds`` is given up: what is there comes out."""

    def __init__(self, seconds: float, most: int = 1_000) -> None:
        self._seconds = seconds
        self._most = most
        self._waiting: dict[tuple[Hashable, int, int], _Waiting[T]] = {}

    def add(self, sender: Hashable, place: Place, part: T, now: float) -> list[T] | None:
        """All parts in their order when this one was the last; a repeated part takes the place of the first."""
        key = (sender, place.reference, place.total)
        waiting = self._waiting.setdefault(key, _Waiting(now))
        waiting.parts[place.number] = part
        if len(waiting.parts) < place.total:
            return None
        del self._waiting[key]
        return _ordered(waiting.parts)

    def overdue(self, now: float) -> list[list[T]]:
        """What is not whole and has waited for too long, oldest first; also what is more than fits."""
        ordered = sorted(self._waiting, key=lambda key: self._waiting[key].since)
        excess = max(len(ordered) - self._most, 0)
        late = [
            key
            for index, key in enumerate(ordered)
            if index < excess or now - self._waiting[key].since >= self._seconds
        ]
        return [_ordered(self._waiting.pop(key).parts) for key in late]

    def drop(self) -> None:
        """Forget what waits: whoever sent it will send it again."""
        self._waiting.clear()

    @property
    def waiting(self) -> int:
        """How many messages are not whole."""
        return len(self._waiting)


def _ordered(parts: dict[int, T]) -> list[T]:
    return [parts[number] for number in sorted(parts)]
