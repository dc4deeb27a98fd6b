# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deliveries that this process is working on."""

import asyncio
from collections import Counter
from collections.abc import Set
from uuid import UUID

from hub.ports.bus import QueueName


class InHand:
    """Each delivery once, with its partition."""

    def __init__(self) -> None:
        self._queues: dict[UUID, QueueName] = {}
        self._number: Counter[QueueName] = Counter()
        self._emptied: dict[QueueName, asyncio.Event] = {}

    @property
    def deliveries(self) -> Set[UUID]:
        """All of them, as they come and go."""
        return self._queues.keys()

    def take(self, delivery: UUID, queue: QueueName) -> bool:
        """Take a delivery in hand; False when it is there already."""
        if delivery in self._queues:
            return False
        self._queues[delivery] = queue
        self._number[queue] += 1
        return True

    def drop(self, delivery: UUID) -> None:
        """Nothing more is done about it here."""
        queue = self._queues.pop(delivery)
        self._number[queue] -= 1
        if not self._number[queue] and queue in self._emptied:
            self._emptied.pop(queue).set()

    async def until_none_of(self, queue: QueueName) -> None:
        """Return when no delivery of this partition is in hand."""
        while self._number[queue]:
            await self._emptied.setdefault(queue, asyncio.Event()).wait()
