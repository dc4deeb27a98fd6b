# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every row reports, as Jepsen does: kept as JSON lines, and printed at the end of a run, in however many processes.

A plugin of pytest: it names the file of the reports and the seed before any process is started.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import randbelow
from tempfile import mkstemp
from typing import Final

import orjson
import pytest

from tests.faults.oracle import Counts
from tests.faults.sizes import SEED, chosen

VARIABLE: Final = "GOVHUB_FAULTS_REPORT"
"""A file to which every report is added. Unset: one of this run alone."""

_kept: list[Path] = []

HEAD: Final = (
    "row", "size", "rep", "seed", "attempts", "acked", "ok", "lost", "unexpected", "duplicated", "recovered", "waiting",
    "s", "verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One repetition of one row. ``figures`` are what its criterion measures; ``findings`` empty: green."""

    row: str
    size: str
    repetition: int
    seed: int
    counts: Counts
    seconds: float
    figures: dict[str, float | str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()

    @property
    def line(self) -> tuple[str, ...]:
        c = self.counts
        return (
            self.row, self.size, str(self.repetition), str(self.seed), str(c.attempts), str(c.acknowledged), str(c.ok),
            str(c.lost), str(c.unexpected), str(c.duplicated), str(c.recovered), str(c.waiting), f"{self.seconds:.0f}",
            "green" if not self.findings else "RED",
        )  # fmt: skip


def add(report: Report) -> None:
    """Keep a report."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    with Path(os.environ[VARIABLE]).open("ab") as file:
        file.write(orjson.dumps({"day": day, **asdict(report)}, option=orjson.OPT_APPEND_NEWLINE))


def read(path: Path) -> list[Report]:
    """All that is in a file, in order."""
    told = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    return [
        Report(**{**one, "counts": Counts(**one["counts"]), "findings": tuple(one["findings"])})
        for one in told
        if one.pop("day")
    ]


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault(SEED, str(randbelow(1_000_000)))
    if VARIABLE not in os.environ:
        handle, name = mkstemp(prefix="govhub-faults-", suffix=".jsonl")
        os.close(handle)
        os.environ[VARIABLE] = name
        _kept.append(Path(name))


def pytest_unconfigure(config: pytest.Config) -> None:
    for path in _kept:
        path.unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    made = read(Path(os.environ[VARIABLE]))
    if made:
        terminalreporter.section(f"fault suite, size {chosen().name}, seed {os.environ[SEED]}")
        for line in table(made):
            terminalreporter.write_line(line)


def table(made: Sequence[Report]) -> list[str]:
    """All of them, in columns, each with its figures below."""
    lines = [HEAD, *(report.line for report in made)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    told = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    out = [told[0]]
    for report, line in zip(made, told[1:], strict=True):
        out.append(line)
        if report.figures:
            out.append("    " + ", ".join(f"{name} {_short(value)}" for name, value in report.figures.items()))
        out += [f"    ! {finding}" for finding in report.findings[:20]]
    return out


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"
