# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The pulse of the event loop: how late it runs, and, when something blocks it, what. 事件循环的脉搏

Whoever blocks the loop also keeps it from telling, so a thread looks on.
"""

import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Never

from structlog.typing import FilteringBoundLogger

from hub.health import Condition
from hub.ports.clock import Clock

BEAT = 0.25
_BLOCKED = 1.0  # seconds late, from which on somebody is named for it
_SERIOUS = 5.0
_REMEMBERED = 10.0
_TOLD = 60.0
_DEEPEST = 30


class Pulse:
    """``beat`` until cancelled, within ``watched``. ``lag`` is the longest delay of the last ten seconds."""

    def __init__(self, clock: Clock, log: FilteringBoundLogger, *, serious: float = _SERIOUS) -> None:
        self._serious = serious
        self._clock = clock
        self._log = log
        self._last = clock.monotonic()
        self._lags: deque[tuple[float, float]] = deque()
        self._blocked_at: datetime | None = None
        self._told_until = 0.0
        self._thread = 0
        self._told = False
        self.blocks = 0

    @property
    def lag(self) -> float:
        """Seconds; of now too, where the loop is late at this very moment."""
        now = self._clock.monotonic()
        return max((lag for at, lag in self._lags if now - at <= _REMEMBERED), default=0.0)

    async def beat(self) -> Never:
        """Beat, and note how late each beat came."""
        while True:
            self._thread = threading.get_ident()
            began = self._last = self._clock.monotonic()
            await self._clock.sleep(BEAT)
            now = self._clock.monotonic()
            self._note(now, max(0.0, now - began - BEAT))

    def conditions(self) -> Iterator[Condition]:
        """That the loop stood still for long, told for a minute after; while it does, nothing is answered at all."""
        if self._blocked_at is not None and self._clock.monotonic() < self._told_until:
            yield Condition("loop", "stood still; the log names the place", self._blocked_at)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Have a thread look on for the length of the block."""
        stop = threading.Event()
        thread = threading.Thread(target=self._look_on, args=(stop,), name="govhub watchdog", daemon=True)
        self._last = self._clock.monotonic()
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _note(self, now: float, lag: float) -> None:
        self._told = False
        while self._lags and now - self._lags[0][0] > _REMEMBERED:
            self._lags.popleft()
        self._lags.append((now, lag))
        if lag >= _BLOCKED:
            self.blocks += 1
            self._log.warning("loop blocked", ms=round(lag * 1000))
        if lag >= self._serious:
            if now >= self._told_until:
                self._blocked_at = self._clock.now() - timedelta(seconds=lag)
            self._told_until = now + _TOLD

    def _look_on(self, stop: threading.Event) -> None:
        while not stop.wait(BEAT):
            late = self._clock.monotonic() - self._last - BEAT
            if late >= _BLOCKED and not self._told and self._thread:
                self._told = True
                self._log.warning("loop blocked", ms=round(late * 1000), stack=self._stack())

    def _stack(self) -> list[str]:
        """Where the loop's thread is: files, lines and names, no values."""
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001  # because nothing else shows another thread's stack
        stack = traceback.extract_stack(frame)[-_DEEPEST:] if frame is not None else []
        return [f"{one.filename}:{one.lineno} {one.name}" for one in stack]
