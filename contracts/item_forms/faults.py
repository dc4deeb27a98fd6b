# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where the faults of one form file are collected."""

from collections.abc import Sequence

from contracts.fault import Fault, Position, Severity, dotted
from contracts.located import Located
from contracts.text import Text

MOST = 100
"""Faults of one file beyond this number are not listed."""

Words = tuple[Text, Text]
"""What is wrong, and the remedy."""


class Desk:
    """Faults of a file, in the order in which they stand there. Paths count from ``below``."""

    def __init__(self, source: Located, below: tuple[str | int, ...] = ()) -> None:
        self._source = source
        self._below = below
        self._found: dict[tuple[str, str], Fault] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All of them, warnings too."""
        return tuple(sorted(self._found.values(), key=lambda fault: (fault.at.line, fault.at.column)))

    def broken(self) -> bool:
        """Whether something must be mended."""
        return any(fault.severity == "error" for fault in self._found.values())

    def full(self) -> bool:
        """Whether no further fault would be listed."""
        return len(self._found) >= MOST

    def fault(
        self,
        code: str,
        path: Sequence[str | int],
        words: Words,
        *,
        severity: Severity = "error",
        at_key: bool = False,
    ) -> None:
        """Something wrong at ``path``. The same code at the same path is told once."""
        whole = (*self._below, *path)
        at: Position = self._source.key_at(whole) if at_key else self._source.at(whole)
        if not self.full():
            self._found.setdefault((code, dotted(whole)), Fault(code, dotted(whole), at, *words, severity))

    def below(self, *path: str | int) -> "Desk":
        """A desk for a part of the file; its faults come to this one."""
        inner = Desk(self._source, (*self._below, *path))
        inner._found = self._found  # because the parts of a file share one list
        return inner
