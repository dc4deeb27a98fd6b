# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hint that something emitted here has met its fate here: so a processor hears at once what it would otherwise find by looking.

Only a hint, which any hub may take: whoever settles a delivery of a contract that processors emit hears of it, though another hub
emitted it. What is forgotten here is found in the journal.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

_MOST = 50_000


@dataclass(slots=True)
class Hearing:
    """``bell`` rings when something was heard, or a process begun. ``emitted`` are the contracts that processors emit."""

    emitted: frozenset[str] = frozenset()
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    _awaited: OrderedDict[UUID, None] = field(default_factory=OrderedDict)
    _heard: set[UUID] = field(default_factory=set)

    def expect(self, message: UUID) -> None:
        """A processor of this hub has emitted this message."""
        self._awaited[message] = None
        if len(self._awaited) > _MOST:
            self._awaited.popitem(last=False)

    def hear(self, message: UUID, contract: str) -> None:
        """Something became of a delivery of this message."""
        if contract in self.emitted or message in self._awaited:
            self._heard.add(message)
            self.bell.set()

    def taken(self) -> frozenset[UUID]:
        """What was heard since this was last asked."""
        self.bell.clear()
        heard, self._heard = frozenset(self._heard), set()
        return heard
