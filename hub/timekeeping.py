# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the machine's wall clock can be believed: it jumps, or others have another time. 时钟监视

Nothing of the path hangs on it: leases, time-outs and back-off go by the monotonic clock, and the order of the journal by its
positions. What is written down, and what is judged by its time (certificates, keys, senders' clocks, legal limits), does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from structlog.typing import FilteringBoundLogger

from hub.health import Condition
from hub.ports.clock import Clock, SystemClock

DATABASE = "the database"
TIMESTAMPS = "the time stamping authority"
TOLERANCE = 2.0
"""Seconds by which clocks may differ before anybody is told."""
TOLD_FOR = 600.0
"""Seconds for which a jump is told in health."""
_UNHEARD = 3600.0
"""Seconds after which what somebody else's clock said counts no more."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """How far the machine was ahead of somebody, in seconds, and when that was seen by the monotonic clock."""

    ahead: float
    at: float


@dataclass(slots=True)
class ClockWatch:
    """One per hub. Everything computes only."""

    clock: Clock = field(default_factory=SystemClock)
    _last: tuple[datetime, float] | None = None
    _jump: tuple[float, datetime, float] | None = None
    _heard: dict[str, _Heard] = field(default_factory=dict)

    def tick(self, log: FilteringBoundLogger) -> None:
        """Compare the wall clock with the monotonic one since the last tick; to be done every second or so."""
        before, now, monotonic = self.clock.monotonic(), self.clock.now(), self.clock.monotonic()
        if monotonic - before > TOLERANCE / 4:
            return  # the process stood still between the two
        if self._last is not None:
            jumped = (now - self._last[0]).total_seconds() - (monotonic - self._last[1])
            if abs(jumped) > TOLERANCE:
                self._jump = (jumped, now, monotonic)
                log.warning("clock jumped", seconds=round(jumped, 1))
        self._last = (now, monotonic)

    def heard(self, whose: str, theirs: datetime, asked: tuple[datetime, float], accuracy: float = 0.0) -> None:
        """What somebody's clock said in answer to a question of that moment, by both clocks. ``accuracy``: by how many seconds
        it may be off by its own word. Where the wall clock jumped meanwhile, nothing can be told of it.
        """
        now, monotonic = self.clock.now(), self.clock.monotonic()
        under_way = monotonic - asked[1]
        if abs((now - asked[0]).total_seconds() - under_way) > TOLERANCE / 2:
            return
        ahead = (now - theirs).total_seconds() - under_way / 2
        unsure = under_way / 2 + accuracy
        known = 0.0 if abs(ahead) <= unsure else ahead - unsure if ahead > 0 else ahead + unsure
        self._heard[whose] = _Heard(known, monotonic)

    def moment(self) -> tuple[datetime, float]:
        """Now, by both clocks: what :meth:`heard` wants to know of a question."""
        return self.clock.now(), self.clock.monotonic()

    def offsets(self) -> dict[str, float]:
        """By how many seconds at least the machine is ahead of whom; negative: behind."""
        monotonic = self.clock.monotonic()
        return {whose: one.ahead for whose, one in self._heard.items() if monotonic - one.at < _UNHEARD}

    def conditions(self) -> Iterator[Condition]:
        """What a person should see to."""
        now, monotonic = self.clock.now(), self.clock.monotonic()
        if self._jump is not None and monotonic - self._jump[2] < TOLD_FOR:
            seconds, at, seen = self._jump
            way = "forwards" if seconds > 0 else "backwards"
            since = min(at, now - timedelta(seconds=monotonic - seen))
            yield Condition("clock", f"the machine's clock jumped {abs(seconds):.0f} s {way}", since)
        for whose, ahead in sorted(self.offsets().items()):
            if abs(ahead) > TOLERANCE:
                way = "ahead of" if ahead > 0 else "behind"
                yield Condition("clock", f"the machine's clock is {abs(ahead):.0f} s {way} that of {whose}", now)
