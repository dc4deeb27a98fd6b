# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a mailbox has lent out from this hub: whoever fetches and never acknowledges is given no more. 取件的反压"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Lending:
    """Deliveries by lease, until they are acknowledged or the lease runs out. Times are those of the monotonic clock."""

    _out: dict[UUID, tuple[float, set[int]]] = field(default_factory=dict)

    def count(self, now: float) -> int:
        """How many are lent now."""
        self._out = {lease: (until, lent) for lease, (until, lent) in self._out.items() if until > now and lent}
        return sum(len(lent) for _, lent in self._out.values())

    def lend(self, lease: UUID, until: float, deliveries: Iterable[UUID]) -> None:
        """These are lent under this lease until then."""
        _, lent = self._out.setdefault(lease, (until, set()))
        lent.update(delivery.int for delivery in deliveries)

    def take_back(self, lease: UUID, deliveries: Iterable[UUID]) -> None:
        """These were acknowledged."""
        if (found := self._out.get(lease)) is not None:
            found[1].difference_update(delivery.int for delivery in deliveries)

    def free_in(self, now: float) -> float:
        """Seconds until the next lease runs out, at the latest."""
        return min((until - now for until, lent in self._out.values() if lent), default=0.0)
