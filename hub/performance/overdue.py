# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A performance report that was due and is not sent: since when, and why, for health. 绩效报告逾期"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.health import Condition
from hub.performance.period import Period

_GRACE = timedelta(minutes=10)


@dataclass(slots=True)
class Overdue:
    """As this hub last looked. What it could not send is told at once, what is another hub's to send after ten minutes."""

    period: Period | None = None
    due_at: datetime | None = None
    trouble: str = ""
    _seen_at: datetime | None = None
    _told: bool = False

    def look(self, period: Period | None, due_at: datetime | None, trouble: str, now: datetime) -> None:
        """The first period that is due and not sent, None: there is none; and what kept this hub from sending it just now."""
        if period is None or period != self.period:
            self.period, self.due_at, self.trouble, self._seen_at = period, due_at, "", now
        self.trouble = trouble or self.trouble
        self._told = bool(self.trouble) or now - (self._seen_at or now) >= _GRACE

    def conditions(self) -> Iterator[Condition]:
        """What is in the way of the report."""
        if self._told and self.period is not None and self.due_at is not None:
            reason = f"the report of {self.period.first} to {self.period.last} is not sent: {self.trouble or 'not yet'}"
            yield Condition("performance", reason, self.due_at)
