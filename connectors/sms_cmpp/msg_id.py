# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The gateway's number of a message, which has no year, and what makes it unique for ever. Pure.

CMPP V3.0.0 (QB-GF-028-2003), 7.4.3.2: 64 bits of month 4, day 5, hour 5, minute 6, second 6, gateway 22, sequence 16. The same
number comes again after a year at the latest, so it counts together with the gateway and the day of submission.
"""

from datetime import date, datetime, timedelta

_DAYS_APART = 183


def msg_id(moment: datetime, gateway: int, sequence: int) -> int:
    """A number as a gateway makes it; ``moment`` is its local time."""
    fields = ((moment.month, 5), (moment.day, 5), (moment.hour, 6), (moment.minute, 6), (moment.second, 22))
    number = 0
    for value, next_bits in fields:
        number = (number | value) << next_bits
    return (number | (gateway & 0x3FFFFF)) << 16 | (sequence & 0xFFFF)


def submitted_on(number: int, today: date) -> date | None:
    """The day a number says, in the year that brings it nearest to today; None when it says no day.

    A number of 31 December that is seen on 1 January is of last year, and one from a gateway whose clock is ahead of ours
    may be of the next.
    """
    month, day = number >> 60, number >> 55 & 31
    days = [made for year in (today.year - 1, today.year, today.year + 1) if (made := _date(year, month, day))]
    nearest = min(days, key=lambda one: abs(one - today), default=None)
    return nearest if nearest is not None and abs(nearest - today) <= timedelta(days=_DAYS_APART) else None


def reference(gateway: str, number: int, today: date) -> str:
    """What a delivery is known by for ever: gateway, day of submission, number. Where the number says no day, its year counts."""
    day = submitted_on(number, today)
    return f"{gateway}:{day.strftime('%Y%m%d') if day is not None else today.year}:{number:016x}"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
