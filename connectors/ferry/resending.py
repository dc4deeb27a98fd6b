# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which bundles are put into the outbox again, and when."""

from collections.abc import Callable, Sequence, Set

_AT_A_TIME = 100
_ASKED_SHARE = 10
"""What is asked for is not sent again before this part of the usual time has passed: it may be on its way."""


class Resending:
    """``seconds`` after it was put, an unacknowledged bundle is due; what this process has never put is due at once."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._put: dict[int, float] = {}

    def is_new(self, sequence: int) -> bool:
        """Whether this process has not put it yet."""
        return sequence not in self._put

    def put(self, sequence: int) -> None:
        """It was put just now."""
        self._put[sequence] = self._monotonic()

    def due(self, unacknowledged: Sequence[int], asked_for: Set[int]) -> list[int]:
        """Those that are due, the oldest first, a number at a time. Those that are acknowledged are forgotten."""
        now = self._monotonic()
        first = unacknowledged[0] if unacknowledged else None
        self._put = {one: when for one, when in self._put.items() if first is not None and one >= first}
        due = [
            one
            for one in unacknowledged
            if one not in self._put
            or now - self._put[one] >= (self._seconds / _ASKED_SHARE if one in asked_for else self._seconds)
        ]
        return due[:_AT_A_TIME]
