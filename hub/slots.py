# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How many sends a destination takes at a time, first come, first served.

Every delivery takes a slot, and most wait for one: so a waiter is one future and one timer, and a slot that is given back
goes to the first of them and to nobody else.
"""

import asyncio
from collections import deque


class Slots:
    """So many, for the tasks of one event loop."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[asyncio.Future[bool]] = deque()

    @property
    def wanted(self) -> int:
        """How many wait for one."""
        return sum(not turn.done() for turn in self._waiting)

    def stop(self) -> None:
        """The hub stops: nobody is to wait for anything but a slot."""

    async def take(self, patience: float) -> "Slot | None":
        """A slot, to be released after the sending; None when none came free within so many seconds."""
        if self._free:
            self._free -= 1
            return Slot(self)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(patience, _too_late, turn)
        try:
            return Slot(self) if await turn else None
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():  # it came at that very moment
                self.give_back()
            raise
        finally:
            timer.cancel()

    def give_back(self) -> None:
        """One is free again; :meth:`Slot.release` says so once."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1


class Slot:
    """One of them. Given back once, however often it is said."""

    __slots__ = ("_slots",)

    def __init__(self, slots: Slots) -> None:
        self._slots: Slots | None = slots

    def release(self) -> None:
        """Let the next one send."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.give_back()


def _too_late(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
