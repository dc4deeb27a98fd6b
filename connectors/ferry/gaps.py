# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is missing: bundles that have not come though later ones have, and since when."""

from collections.abc import Collection

from connectors.ferry.acknowledgement import MISSING_MOST
from connectors.sdk import Context


class Gaps:
    """``missing`` are sequence numbers, in order; ``since`` is when the first was missed (RFC 3339), empty without one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.missing: tuple[int, ...] = ()
        self.since = ""

    def see(self, position: int, held: Collection[int]) -> None:
        """The last bundle that came in its turn, and those that wait behind a gap."""
        missing: list[int] = []
        after = position
        for sequence in sorted(held):
            missing += range(after + 1, min(sequence, after + 2 + MISSING_MOST))
            after = sequence
            if len(missing) >= MISSING_MOST:
                break
        before, self.missing = self.missing, tuple(missing[:MISSING_MOST])
        if self.missing and not before:
            self.since = self._context.now().isoformat(timespec="seconds")
            self._context.log.warning("bundles missing", numbers=spans(self.missing), since=self.since)
        elif before and not self.missing:
            self._context.log.info("no bundles missing", since=self.since)
            self.since = ""
        if before != self.missing:
            self._context.metrics.gauge("missing", len(self.missing))

    @property
    def told(self) -> str:
        """In words; empty when nothing is missing."""
        return f"bundles missing: {spans(self.missing)}, since {self.since}" if self.missing else ""


def spans(numbers: Collection[int]) -> str:
    """``3-5, 9`` for 3, 4, 5 and 9; of very many only the first."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    told = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found[:20])
    return told + (", …" if len(found) > 20 else "")
