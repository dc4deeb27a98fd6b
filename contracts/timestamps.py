# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Moments on the wire: RFC 3339 text to and from timezone-aware datetimes."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def parse_timestamp(text: str) -> datetime | None:
    """The moment an RFC 3339 timestamp names, with its offset; None when it names none.

    Fractions beyond microseconds are cut off. A leap second (``:60``) and a moment outside the years 1 to 9999 of UTC
    cannot be held and are None.
    """
    if not _RFC3339.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.year in {MINYEAR, MAXYEAR}:
            moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def timestamp(moment: datetime) -> str:
    """RFC 3339 text of a timezone-aware moment in its own offset; ``Z`` when that is UTC."""
    text = moment.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def instant(moment: datetime) -> str:
    """The one text of an instant whatever its offset: UTC with six decimals, so that texts compare as instants do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
