# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The legal clock as a deployment has it: its calendar, its closing time, and the periods that acceptances do not tell."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from contracts.codes import PeriodUnit
from contracts.families.fields import BEIJING
from contracts.legal_clock.calendar import calendar_of, published
from contracts.legal_clock.deadlines import Deadline, Lengths, Reckoned, YearUnknown, end_of, reckon
from contracts.legal_clock.facts import Facts, Period, facts_of
from contracts.legal_clock.green_channel import GreenChannel
from contracts.lifecycle.record import Record
from contracts.supervision.calendar import Calendar, UnknownYearError
from hub.config.green_channel import GreenChannelSection
from hub.config.legal_clock import LegalClockSection


@dataclass(frozen=True, slots=True)
class LegalClock:
    """Pure but for what it was made of. ``watched``: whether the deployment asks for alarms."""

    calendar: Calendar = field(default_factory=published)
    closes: time = time(17)
    presumed: bool = False
    lengths: Lengths = field(default_factory=Lengths)
    watched: bool = False
    green: GreenChannel = field(default_factory=GreenChannel)

    @classmethod
    def of(cls, section: LegalClockSection | None, green: GreenChannelSection | None = None) -> "LegalClock":
        """As a deployment says it."""
        channel = GreenChannel() if green is None else _channel(green)
        if section is None:
            return cls(green=channel)
        return cls(
            calendar=calendar_of(section.years),
            closes=section.close,
            presumed=section.approval == "presumed",
            lengths=Lengths(
                _working_days(section.promised_working_days), _working_days(section.statutory_working_days)
            ),
            watched=True,
            green=channel,
        )

    def facts(self, records: Iterable[Record]) -> Facts:
        """What the records of a case say about its periods."""
        return facts_of(records, presumed=self.presumed)

    def reckon(self, facts: Facts, now: datetime) -> Reckoned | YearUnknown:
        """The case's last days, as known now; of an item in the green channel the promise is the shorter one."""
        today = now.astimezone(BEIJING).date()
        try:
            facts, lengths = self._hastened(facts)
        except UnknownYearError as unknown:
            return YearUnknown(unknown.year)
        return reckon(facts, lengths, self.calendar, today)

    def last_day(self, begun: datetime, working_days: int) -> date | YearUnknown:
        """The last of so many working days after the day of a moment, in Beijing."""
        day = begun.astimezone(BEIJING).date()
        try:
            return end_of(day, Period(working_days, PeriodUnit.WORKING_DAY), self.calendar)
        except UnknownYearError as unknown:
            return YearUnknown(unknown.year)

    def runs_out(self, deadline: Deadline) -> datetime:
        """The moment at which its last day's work ends."""
        return datetime.combine(deadline.due, self.closes, BEIJING)

    def next_close(self, now: datetime) -> datetime:
        """Today's end of work, or tomorrow's when that is over."""
        local = now.astimezone(BEIJING)
        today = datetime.combine(local.date(), self.closes, BEIJING)
        return today if local < today else today + timedelta(days=1)

    def _hastened(self, facts: Facts) -> tuple[Facts, Lengths]:
        begun, length = facts.accepted_on, self.lengths.promised
        if begun is None or not self.green.has(facts.item):
            return facts, self.lengths
        own = self.green.own_days(facts.item)
        if own is None:
            days = None if length is None else self.green.working_days(facts.item, length.length)
            return facts, replace(self.lengths, promised=_working_days(days))
        ends = [end_of(begun, Period(own, PeriodUnit.WORKING_DAY), self.calendar)]
        if facts.promised_on is not None:
            ends.append(facts.promised_on)
        elif length is not None:
            ends.append(end_of(begun, length, self.calendar))
        return replace(facts, promised_on=min(ends)), self.lengths


def _channel(section: GreenChannelSection) -> GreenChannel:
    return GreenChannel(section.share, {code: one.promised_working_days for code, one in section.items.items()})


def _working_days(length: int | None) -> Period | None:
    return None if length is None else Period(length, PeriodUnit.WORKING_DAY)
