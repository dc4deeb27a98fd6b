# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What runs out soon: certificates and API keys, told 30, 14, 7 and 1 days before, and once they have. 到期预警"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from structlog.typing import FilteringBoundLogger

WARN_DAYS = (30, 14, 7, 1)


@dataclass(frozen=True, slots=True)
class Expiring:
    """Something of somebody's with an end. ``mark`` tells two of a kind apart: a serial number, or part of a digest."""

    holder: str
    kind: str
    mark: str
    until: datetime

    def left(self, now: datetime) -> timedelta:
        """How long it lasts; negative: it is over."""
        return self.until - now

    def step(self, now: datetime) -> int | None:
        """The least number of days of :data:`WARN_DAYS` that are left at most; 0: it is over; None: it is far away."""
        left = self.left(now)
        if left <= timedelta():
            return 0
        return min((days for days in WARN_DAYS if left <= timedelta(days=days)), default=None)


@dataclass(slots=True)
class ExpiryWatch:
    """Everything of one hub that has an end, as the background last gathered it."""

    known: Sequence[Expiring] = ()
    _told: dict[Expiring, int] = field(default_factory=dict)

    def gather(self, found: Iterable[Expiring]) -> None:
        """From now on these, the nearest end first."""
        self.known = sorted(set(found), key=lambda one: (one.until, one.holder, one.kind, one.mark))
        self._told = {one: step for one, step in self._told.items() if one in self.known}

    def soon(self, now: datetime) -> Iterator[Expiring]:
        """Those that are warned of."""
        return (one for one in self.known if one.step(now) is not None)

    def tell(self, now: datetime, log: FilteringBoundLogger) -> None:
        """One line for each at each step, never twice."""
        for one in self.soon(now):
            step = one.step(now)
            if step is not None and self._told.get(one) != step:
                self._told[one] = step
                log.warning(
                    "expired" if step == 0 else "expires soon",
                    holder=one.holder, kind=one.kind, mark=one.mark, until=one.until.isoformat(timespec="seconds"),
                    days=step,
                )  # fmt: skip
