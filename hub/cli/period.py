# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A period as people write it: 7d, 12h, 30m. 时段"""

from datetime import timedelta

from contracts.text import Text
from hub.cli.telling import stop


def period_of(text: str, *, as_json: bool) -> timedelta:
    """How long that is; ends the command when it is no period."""
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdecimal() and 0 < int(number) <= 3650 and unit in {"d", "h", "m"}):
        stop(
            Text("时段写法不对。", "This is not a period."),
            Text("请写如 7d、12h 或 30m。", "Write 7d, 12h or 30m."),
            as_json=as_json,
        )
    return timedelta(**{{"d": "days", "h": "hours", "m": "minutes"}[unit]: int(number)})
