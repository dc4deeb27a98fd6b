# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the far sides' own ledgers: all of one, or what has been added since the last look."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import orjson

Entry: TypeAlias = Mapping[str, Any]
Books: TypeAlias = Mapping[str, Sequence[Entry]]
"""The entries of each system, in the order of its book."""

DAMAGED: Entry = {"kind": "damaged", "n": -1}
"""Stands for a line that cannot be read."""


def read_book(path: Path) -> list[Entry]:
    """Every whole line; a line that is no entry stands as :data:`DAMAGED`. No file: an empty book."""
    return list(Tail(path).added())


def read_books(folder: Path, systems: Sequence[str]) -> Books:
    """The books of all systems."""
    return {system: read_book(book_of(folder, system)) for system in systems}


def book_of(folder: Path, system: str) -> Path:
    """Where a system's book lies."""
    return folder / f"{system}.jsonl"


class Tail:
    """Reads on from where it stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def added(self) -> Iterator[Entry]:
        """The entries that are new; a line still being written waits for the next look."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._read += len(line)
                yield _entry(line)


def _entry(line: bytes) -> Entry:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return DAMAGED
    return entry if isinstance(entry, dict) and isinstance(entry.get("n"), int) and "kind" in entry else DAMAGED
