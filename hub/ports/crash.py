# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The probe of the crash tests: ends the process at a named point, as a power cut would."""

import os
import signal

from hub.ports.probe import Point

VARIABLE = "GOVHUB_CRASH_AT"
"""``point`` or ``point:n``: die when the point is reached for the nth time. Unset in production."""


class Fuse:
    """Kills this very process with SIGKILL when its point is reached for the nth time."""

    def __init__(self, point: Point, times: int) -> None:
        self._point = point
        self._left = times

    def reach(self, point: Point) -> None:
        if point is self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def fuse_of(text: str) -> Fuse | None:
    """The fuse a variable's value describes; None when it describes none."""
    name, _, times = text.partition(":")
    try:
        return Fuse(Point(name), int(times or "1"))
    except ValueError:
        return None
