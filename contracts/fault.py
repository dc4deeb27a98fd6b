# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a file that a person wrote: where, what, and how to mend it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.text import Text

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text file; line and column count characters from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file.

    ``path`` names the value from the document's root, such as ``routes[3].when.region``; empty for the whole document.
    A text never repeats a value of the file unless it is a name that the file gives to something: it may be a password.
    """

    code: str
    path: str
    at: Position
    problem: Text
    remedy: Text
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.at}: {self.code} {self.problem.zh}{self.remedy.zh}\n    {self.problem.en} {self.remedy.en}"


class UnsuitableError(ValueError):
    """Raised by a pydantic validator of ours to say in both languages what is wrong; ``build`` makes a Fault of it."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``routes[3].when.region``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def as_dict(fault: Fault) -> dict[str, object]:
    """The fault as JSON-serialisable values, for ``--json`` and the API."""
    return {
        "severity": fault.severity,
        "code": fault.code,
        "path": fault.path,
        "file": fault.at.file,
        "line": fault.at.line,
        "column": fault.at.column,
        "problem": fault.problem._asdict(),
        "remedy": fault.remedy._asdict(),
    }
