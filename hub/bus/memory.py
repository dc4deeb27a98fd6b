# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The bus inside one process: for a hub that runs alone. What is lost with the process, the journal offers again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from hub.ports.bus import Arrived, BusDown, BusState, BusUp, Frame, Published, QueueName
from hub.ports.clock import Clock


class MemoryBus:
    """A bus of deques. Its identity should differ at every start of the process, since a new one remembers nothing."""

    def __init__(self, clock: Clock, identity: str) -> None:
        self._clock = clock
        self._identity = identity
        self._queues: dict[QueueName, _Queue] = {}
        self._state: BusState = BusDown("not opened", clock.monotonic())
        self._settled = asyncio.Event()

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        self._queues = {name: _Queue() for name in queues}
        self._state = BusUp(self._identity)
        self._settled.set()
        return self._state

    async def close(self) -> None:
        if isinstance(self._state, BusUp):
            self._state = BusDown("closed", self._clock.monotonic())
        self._settled.set()
        for queue in self._queues.values():
            for subscription in list(queue.subscribers):
                subscription.end()

    def state(self) -> BusState:
        return self._state

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        return [self._publish_one(frame) for frame in frames]

    def _publish_one(self, frame: Frame) -> Published:
        queue = self._queues.get(frame.queue)
        if queue is None or not isinstance(self._state, BusUp):
            return Published.UNCONFIRMED
        queue.ready.append(_Waiting(frame, seen=False))
        queue.stir()
        return Published.CONFIRMED

    @asynccontextmanager
    async def subscribe(self, queue: QueueName, prefetch: int) -> AsyncIterator["MemorySubscription"]:
        await self._settled.wait()
        subscription = MemorySubscription(self._queues.get(queue) or _Queue(), prefetch)
        if not isinstance(self._state, BusUp):
            subscription.end()
        try:
            yield subscription
        finally:
            subscription.end()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame on a queue; ``seen`` once it has been handed to anybody."""

    frame: Frame
    seen: bool


@dataclass(slots=True)
class _Queue:
    ready: deque[_Waiting] = field(default_factory=deque)
    subscribers: list["MemorySubscription"] = field(default_factory=list)
    """In the order they came; only the first is handed frames."""

    def stir(self) -> None:
        """Let the active subscriber look again."""
        if self.subscribers:
            self.subscribers[0].stirred.set()


class MemorySubscription:
    """One consumer of one in-process queue. One task may iterate it at a time."""

    def __init__(self, queue: _Queue, prefetch: int) -> None:
        self.stirred = asyncio.Event()
        self._queue = queue
        self._prefetch = prefetch
        self._held: dict[int, Frame] = {}
        self._tokens = count(1)
        self._ended = False
        queue.subscribers.append(self)

    def __aiter__(self) -> AsyncIterator[Arrived]:
        return self

    async def __anext__(self) -> Arrived:
        while not self._ended:
            if self._may_take():
                return self._take()
            self.stirred.clear()
            await self.stirred.wait()
        raise StopAsyncIteration

    def _may_take(self) -> bool:
        active = self._queue.subscribers[0] is self
        return active and bool(self._queue.ready) and len(self._held) < self._prefetch

    def _take(self) -> Arrived:
        waiting = self._queue.ready.popleft()
        token = next(self._tokens)
        self._held[token] = waiting.frame
        return Arrived(waiting.frame, token, redelivered=waiting.seen)

    async def acknowledge(self, tokens: Sequence[int]) -> None:
        for token in tokens:
            self._held.pop(token, None)
        self.stirred.set()

    async def give_back(self, tokens: Sequence[int]) -> None:
        self._return(sorted(set(tokens) & self._held.keys()))

    def end(self) -> None:
        """Hand everything back and let the next subscriber in line take over. Idempotent."""
        if self._ended:
            return
        self._ended = True
        self._queue.subscribers.remove(self)
        self._return(sorted(self._held))
        self.stirred.set()

    def _return(self, tokens: Sequence[int]) -> None:
        """Put frames back at the front, in the order they had."""
        frames = [self._held.pop(token) for token in tokens]
        self._queue.ready.extendleft(_Waiting(frame, seen=True) for frame in reversed(frames))
        self._queue.stir()
