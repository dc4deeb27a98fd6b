# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The legal clock as a deployment has it: its calendar, its closing time, and the periods that acceptances do not tell."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from contracts.codes import PeriodUnit
from contracts.families.fields import BEIJING
from contracts.legal_clock.calendar import calendar_of, published
from contracts.legal_clock.deadlines import Deadline, Lengths, Reckoned, YearUnknown, reckon
from contracts.legal_clock.facts import Facts, Period, facts_of
from contracts.lifecycle.record import Record
from contracts.supervision.calendar import Calendar
from hub.config.legal_clock import LegalClockSection


@dataclass(frozen=True, slots=True)
class LegalClock:
    """Pure but for what it was made of. ``watched``: whether the deployment asks for alarms."""

    calendar: Calendar = field(default_factory=published)
    closes: time = time(17)
    presumed: bool = False
    lengths: Lengths = field(default_factory=Lengths)
    watched: bool = False

    @classmethod
    def of(cls, section: LegalClockSection | None) -> "LegalClock":
        """As a deployment says it."""
        if section is None:
            return cls()
        return cls(
            calendar=calendar_of(section.years),
            closes=section.close,
            presumed=section.approval == "presumed",
            lengths=Lengths(
                _working_days(section.promised_working_days), _working_days(section.statutory_working_days)
            ),
            watched=True,
        )

    def facts(self, records: Iterable[Record]) -> Facts:
        """What the records of a case say about its periods."""
        return facts_of(records, presumed=self.presumed)

    def reckon(self, facts: Facts, now: datetime) -> Reckoned | YearUnknown:
        """The case's last days, as known now."""
        return reckon(facts, self.lengths, self.calendar, now.astimezone(BEIJING).date())

    def runs_out(self, deadline: Deadline) -> datetime:
        """The moment at which its last day's work ends."""
        return datetime.combine(deadline.due, self.closes, BEIJING)

    def next_close(self, now: datetime) -> datetime:
        """Today's end of work, or tomorrow's when that is over."""
        local = now.astimezone(BEIJING)
        today = datetime.combine(local.date(), self.closes, BEIJING)
        return today if local < today else today + timedelta(days=1)


def _working_days(length: int | None) -> Period | None:
    return None if length is None else Period(length, PeriodUnit.WORKING_DAY)
