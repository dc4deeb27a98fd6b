# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When people are left alone: by working day and clock, in Beijing time. 免打扰时段"""

from datetime import date, datetime, timedelta

from contracts.families.fields import BEIJING
from contracts.supervision.calendar import Calendar, UnknownYearError, is_working
from hub.processors.message_platform.config import Talking

_AHEAD = 40
"""Days looked ahead; no holiday is longer."""


def quiet_until(talking: Talking, moment: datetime, calendar: Calendar) -> datetime | None:
    """When the quiet hours at this moment end; None: it is no quiet hour. With no hours on any day: after forty days."""
    local = moment.astimezone(BEIJING)
    for ahead in range(_AHEAD):
        day = local.date() + timedelta(days=ahead)
        hours = talking.working_days if working_day(talking, day, calendar) else talking.other_days
        if hours is None:
            continue
        begin, end = (datetime.combine(day, one, BEIJING) for one in (hours.begin, hours.end))
        if local < begin:
            return begin
        if local < end:
            return None
    return local + timedelta(days=_AHEAD)


def working_day(talking: Talking, day: date, calendar: Calendar) -> bool:
    """What is said here counts, then the deployment's calendar (调休); of a year that it does not have, the weekday."""
    if day in talking.made_working:
        return True
    if day in talking.made_free:
        return False
    try:
        return is_working(day, calendar)
    except UnknownYearError:
        return day.weekday() < 5
