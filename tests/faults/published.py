# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/reliability.md, from the reports of runs: ``python -m tests.faults.published FILE``.

A row stands in it once for each size it was run at; repetitions are counted, never assumed, and one that was red is told.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from tests.faults.reports import Report, read

_HEAD = (
    "| Row | Size | Repetitions | Seeds | Date | Messages acknowledged | Lost | Duplicated | Unexpected | Recovered "
    "| Waiting for a person | Figures, the worst |"
)


def written(reports: Sequence[Report], day: str) -> Iterator[str]:
    """The lines of the table."""
    yield _HEAD
    yield "|" + "---|" * (_HEAD.count("|") - 1)
    grouped: defaultdict[tuple[str, str], list[Report]] = defaultdict(list)
    for report in reports:
        if report.repetition:  # 0: not a row but a warm-up
            grouped[report.row, report.size].append(report)
    for (row, size), them in sorted(grouped.items()):
        green = sum(not one.findings for one in them)
        verdict = f"{green}" if green == len(them) else f"{green} of {len(them)} green"
        seeds = ", ".join(str(one.seed) for one in them)
        totals = [
            sum(getattr(one.counts, name) for one in them)
            for name in ("acknowledged", "lost", "duplicated", "unexpected", "recovered", "waiting")
        ]
        yield f"| {row} | {size} | {verdict} | {seeds} | {day} | {' | '.join(map(str, totals))} | {_worst(them)} |"


def _worst(them: Sequence[Report]) -> str:
    names = dict.fromkeys(name for one in them for name in one.figures)
    return "; ".join(f"{name} {_figure([one.figures[name] for one in them if name in one.figures])}" for name in names)


def _figure(values: Sequence[float | str]) -> str:
    numbers = [value for value in values if not isinstance(value, str)]
    return f"{max(numbers):.3g}" if numbers else str(values[0])


if __name__ == "__main__":
    file = Path(sys.argv[1])
    days = {orjson.loads(line)["day"] for line in file.read_bytes().splitlines()}
    print("\n".join(written(read(file), " / ".join(sorted(days)))))
