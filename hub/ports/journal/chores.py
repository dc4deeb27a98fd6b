# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Chores: work around the journal that one hub does at a time."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from hub.ports.journal.state import JournalDown


@dataclass(slots=True)
class Turn:
    """The right to do a chore, for the length of the block.

    ``reached`` is how far the chore had come last time, in the chore's own words; what stands in it at the end of the block
    is remembered. ``done`` False at the end: the turn does not count, and the next one may come at once.
    """

    reached: str
    done: bool = False


class Chores(Protocol):
    """Whose turn it is."""

    def turn(self, name: str, every: float) -> AbstractAsyncContextManager[Turn | JournalDown | None]:
        """A turn at a chore that is done at most every so many seconds; None: another hub is at it, or did it lately.

        The right ends with the block or the process. A hub that is cut off from the journal may still be at it when the next
        one begins: a chore must bear two at a time, each of its steps being safe by itself.
        """
        ...

    async def reached(self, name: str) -> str | JournalDown:
        """How far a chore had come at the end of its last turn, whoever is at it now; empty where nobody has begun it."""
        ...
