# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers the hub makes: UUIDv7 (RFC 9562), ordered by time, monotonic within this process; and salts."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Protocol
from uuid import UUID, SafeUUID

from hub.ports.clock import Clock

_RANDOM_BITS = 62
_COUNTER_BITS = 12
_RANDOM_BYTES = 8
_SALT_BYTES = 32
_AHEAD = 64
"""Ids for which randomness is fetched at a time: asking the system costs as much as all the rest of an id."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_WORD = Struct(">Q")


class Ids(Protocol):
    """A maker of ids. Not thread-safe; one per process."""

    def new(self) -> UUID:
        """A UUIDv7 greater than every one given before by this maker."""
        ...

    def salt(self) -> bytes:
        """32 random bytes."""
        ...


class TimeOrderedIds:
    """48 bits of milliseconds, a 12-bit counter within the millisecond, 62 random bits.

    When the wall clock steps back, or a millisecond's counter is used up, the time part runs ahead of the clock
    instead of repeating: ids stay ordered and unique.
    """

    def __init__(self, clock: Clock, entropy: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._entropy = entropy
        self._millis = 0
        self._counter = 0
        self._random: list[int] = []
        self._salts: list[bytes] = []

    def new(self) -> UUID:
        millis = _millis(self._clock.now())
        if millis > self._millis:
            self._millis, self._counter = millis, 0
        else:
            self._counter += 1
            if self._counter >> _COUNTER_BITS:
                self._millis, self._counter = self._millis + 1, 0
        if not self._random:
            fetched = self._entropy(_RANDOM_BYTES * _AHEAD)
            self._random = [word >> (64 - _RANDOM_BITS) for (word,) in _WORD.iter_unpack(fetched)]
        return uuid_of(self._millis << 80 | 0x7 << 76 | self._counter << 64 | 0b10 << 62 | self._random.pop())

    def salt(self) -> bytes:
        if not self._salts:
            fetched = self._entropy(_SALT_BYTES * _AHEAD)
            self._salts = [fetched[at : at + _SALT_BYTES] for at in range(0, len(fetched), _SALT_BYTES)]
        return self._salts.pop()


def uuid_of(number: int) -> UUID:
    """The UUID of a number below 2**128, as ``UUID(int=number)`` in a third of its time: a message makes or reads ten."""
    identifier = object.__new__(UUID)
    object.__setattr__(identifier, "int", number)
    object.__setattr__(identifier, "is_safe", SafeUUID.unknown)
    return identifier


def _millis(moment: datetime) -> int:
    """Whole milliseconds since the epoch. In integers: a float's rounding can fall into the next millisecond."""
    return (moment - _EPOCH) // _MILLISECOND


def first_of(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: a bound for ranges, never an id."""
    return UUID(int=_millis(moment) << 80 | 0x7 << 76 | 0b10 << 62)


def moment_of(identifier: UUID) -> float:
    """Seconds since the epoch at which a UUIDv7 was made."""
    return (identifier.int >> 80) / 1000
