# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Deliveries in doubt whose far side can be asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from hub.ports.journal.delivering import Claim
from hub.ports.journal.state import JournalDown


class Doubts(Protocol):
    """What is in doubt, and when to ask. Settled like any claim, by :meth:`hub.ports.journal.Deliveries.settle`."""

    async def take(self, destinations: Sequence[str], limit: int, until: datetime) -> Sequence[Claim] | JournalDown:
        """Up to ``limit`` doubts of these destinations, in partitions of this hub, whose time to be asked about has come.

        Nobody else is given them until that moment; then, if no settlement was written, whoever owns the partition is. A
        destination that is shut is not asked. Each :class:`Claim` is an attempt of its own.
        """
        ...
