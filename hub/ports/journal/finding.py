# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Finding cases by the numbers of persons and bodies, of which the journal holds keyed hashes only."""

from collections.abc import Sequence
from typing import Protocol

from contracts.person_keys import NumberKind
from hub.ports.journal.state import JournalDown


class Persons(Protocol):
    """The index of persons. What is asked for is never logged."""

    async def cases(self, kind: NumberKind, number: str, after: str, limit: int) -> Sequence[str] | JournalDown | None:
        """The cases that name this number, in the order of their numbers, behind ``after``; it is normalised here. None: this hub
        does not seal, and so keeps no index.
        """
        ...
