# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Event loops whose time-outs are confirmed only after what was already there has been read.

A process that stood still (stopped, frozen, starved, or blocked by its own code) finds every time-out run out when it goes on,
and the answers that came meanwhile unread. A timer that fires much too late shows that: it is put off for a moment, in which
the loop reads; whoever has its answer by then takes its time-out back. So a standstill puts nothing in doubt that was answered.
"""

import asyncio
import sys
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple, Unpack

_Ts = TypeVarTuple("_Ts")

STANDSTILL_SECONDS = 1.0
"""A timer that is later than this was not only busy."""
MOMENT_SECONDS = 0.5
"""For so long it is put off, and again while the loop does not come round in time."""
_MOST_TIMES = 8


class _Timer:
    """What a loop calls when a timer fires. ``handle`` is the one its maker holds, and may have cancelled since."""

    __slots__ = ("_args", "_callback", "_context", "_due", "_put_off", "_times", "handle")

    def __init__(
        self,
        due: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
        put_off: Callable[["_Timer", Context | None], float],
    ) -> None:
        self.handle: asyncio.Handle | None = None
        self._due = due
        self._callback = callback
        self._args = args
        self._context = context
        self._put_off = put_off
        self._times = 0

    def fire(self, now: float) -> None:
        if self.handle is not None and self.handle.cancelled():
            self.handle = None  # else the two hold each other
            return
        if now - self._due > STANDSTILL_SECONDS and self._times < _MOST_TIMES:
            self._times += 1
            self._due = self._put_off(self, self._context)
            return
        self.handle = None
        self._callback(*self._args)


class PatientSelectorLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop with such timers."""

    def call_at(
        self, when: float, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As asyncio's."""
        timer = _Timer(when, callback, args, context, self._put_off)
        timer.handle = handle = super().call_at(when, self._fire, timer, context=context)
        return handle

    def _fire(self, timer: _Timer) -> None:
        timer.fire(self.time())

    def _put_off(self, timer: _Timer, context: Context | None) -> float:
        due = self.time() + MOMENT_SECONDS
        super().call_at(due, self._fire, timer, context=context)
        return due


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop for a child process: asyncio's own."""
    return PatientSelectorLoop()


def new_fast_loop() -> asyncio.AbstractEventLoop:
    """A loop for the hub: uvloop's where there is one."""
    if sys.platform != "linux":
        return PatientSelectorLoop()
    import uvloop  # noqa: PLC0415  # because it exists only there

    class PatientLoop(uvloop.Loop):
        """uvloop's with such timers; its ``call_at`` is made of its ``call_later``."""

        def call_later(
            self,
            delay: float,
            callback: Callable[[Unpack[_Ts]], object],
            *args: *_Ts,
            context: Context | None = None,
        ) -> asyncio.TimerHandle:
            timer = _Timer(self.time() + max(delay, 0.0), callback, args, context, self._put_off)
            timer.handle = handle = super().call_later(delay, self._fire, timer, context=context)
            return handle

        def _fire(self, timer: _Timer) -> None:
            timer.fire(self.time())

        def _put_off(self, timer: _Timer, context: Context | None) -> float:
            super().call_later(MOMENT_SECONDS, self._fire, timer, context=context)
            return self.time() + MOMENT_SECONDS

    return PatientLoop()
