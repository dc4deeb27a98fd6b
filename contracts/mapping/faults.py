# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a map whose YAML has the right form: collected in one place while it is checked."""

from collections.abc import Iterable

from contracts.fault import Fault, Severity, dotted
from contracts.located import nearest
from contracts.mapping.layers import Layered
from contracts.text import Text

Path = tuple[str | int, ...]

MOST = 200
"""Faults of one map beyond this number are not collected."""


class Faults:
    """Everything found so far; each at the line that has to be mended."""

    def __init__(self, layered: Layered) -> None:
        self._layered = layered
        self._found: dict[tuple[str, Path, str], Fault] = {}

    def add(
        self, code: str, path: Path, problem: Text, remedy: Text, *, key: bool = False, severity: Severity = "error"
    ) -> None:
        """Note one fault."""
        if len(self._found) < MOST:
            fault = Fault(code, dotted(path), self._layered.at(*path, key=key), problem, remedy, severity)
            self._found.setdefault((code, path, problem.en), fault)

    def unknown(self, code: str, path: Path, what: Text, name: str, known: Iterable[str], *, key: bool = False) -> None:
        """Note a name that nothing has, with the one most likely meant."""
        if len(self._found) >= MOST:
            return  # because looking for what was meant costs more than anybody will read
        names = sorted(known)
        meant = nearest(name, names)
        listed = ", ".join(names[:40]) or "—"
        remedy = (
            Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?")
            if meant is not None
            else Text(f"可用：{listed}。", f"Known: {listed}.")
        )
        self.add(code, path, Text(f"{what.zh}“{name}”不存在。", f"There is no {what.en} '{name}'."), remedy, key=key)

    def all(self) -> tuple[Fault, ...]:
        """Every fault in the order of the files."""
        return tuple(sorted(self._found.values(), key=lambda one: (one.at.file, one.at.line, one.at.column)))
