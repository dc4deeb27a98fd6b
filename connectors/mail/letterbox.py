# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where notifications come: a port, and the maildir."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LARGEST = 4 * 2**20
"""Octets of a mail that are read."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was not looked at before. ``name`` is the letterbox's own."""

    name: str
    content: bytes


class Letterbox(Protocol):
    """For one reader at a time here; others may read the same elsewhere. Raises ``OSError`` when it is away."""

    async def unread(self, most: int) -> Sequence[Letter]:
        """So many at most, the oldest first as far as that can be told."""
        ...

    async def file_away(self, settled: Sequence[Letter], strangers: Sequence[Letter]) -> None:
        """Mark those that were answered, and flag for people those that are none of ours. What is gone by now is passed over."""
        ...


class Maildir:
    """A folder of this machine, as mail servers write it."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    async def unread(self, most: int) -> Sequence[Letter]:
        """As the port says."""
        return await asyncio.to_thread(lambda: list(self._read(most)))

    async def file_away(self, settled: Sequence[Letter], strangers: Sequence[Letter]) -> None:
        """As the port says."""
        await asyncio.to_thread(self._move, [*((one, "S") for one in settled), *((one, "F") for one in strangers)])

    def _read(self, most: int) -> Iterator[Letter]:
        names = sorted(file.name for file in (self._folder / "new").iterdir() if not file.name.startswith("."))
        for name in names[:most]:
            with (
                suppress(FileNotFoundError),
                (self._folder / "new" / name).open("rb") as opened,
            ):  # else another hub has it
                yield Letter(name, opened.read(LARGEST))

    def _move(self, letters: Sequence[tuple[Letter, str]]) -> None:
        for letter, flags in letters:
            plain = letter.name.partition(":")[0]
            with suppress(FileNotFoundError):  # another hub was as fast
                (self._folder / "new" / letter.name).rename(self._folder / "cur" / f"{plain}:2,{flags}")
