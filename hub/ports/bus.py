# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The bus port: how frames travel between hub processes.

The bus is transport; the journal is the truth. A bus may lose, repeat or reorder frames and nothing is lost, repeated or
reordered outside: the claim in the journal decides. It should do so rarely.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias
from uuid import UUID


class QueueName(NamedTuple):
    """The queue ``deliver.<group>.<partition>``: one partition of one group of destinations."""

    group: str
    partition: int

    def __str__(self) -> str:
        return f"deliver.{self.group}.{self.partition}"


class Offer(NamedTuple):
    """One delivery that is due at the head of its lane, where it goes, and its partition."""

    delivery: UUID
    destination: str
    partition: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Deliveries of one group that one commit offered. Bodies stay in the journal.

    They are of the queue's own partition; or of several, when the publisher owns them all and so will get the frame itself.
    A frame without offers is a marker: once it arrives, whatever was published to that queue long before it has too.
    """

    id: UUID
    queue: QueueName
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A frame handed to a consumer. ``token`` names this hand-over on its subscription, for :meth:`Subscription.acknowledge`.

    ``redelivered`` False proves that nobody was handed it before; True proves nothing.
    """

    frame: Frame
    token: int
    redelivered: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something on our queue that is not a frame of ours. Set aside by the adapter (logged, counted), then acknowledged."""

    reason: str


class Published(StrEnum):
    """What became of one publish."""

    CONFIRMED = "confirmed"
    """The bus holds it durably (as durably as this bus can)."""
    UNCONFIRMED = "unconfirmed"
    """Refused, returned, timed out or cut: it may or may not be there. The journal offers the deliveries again."""


@dataclass(frozen=True, slots=True)
class BusUp:
    """The bus takes frames. ``identity`` changes when it is known to have forgotten frames, all or those of a queue."""

    identity: str


@dataclass(frozen=True, slots=True)
class BusDown:
    """The bus takes nothing now; ``reason`` is for the operator. ``since`` is on the monotonic clock.

    ``blocked``: it is there, and takes nothing because it is short of memory or disk.
    """

    reason: str
    since: float
    blocked: bool = False


BusState: TypeAlias = BusUp | BusDown


class Subscription(Protocol):
    """One consumer of one queue. Iterating yields frames until the subscription is closed or cut.

    When the connection is cut, iteration simply ends (no exception); the caller subscribes again. Never more than
    ``prefetch`` frames are handed out and unacknowledged. What was not acknowledged at the end comes back to the queue.
    """

    def __aiter__(self) -> AsyncIterator[Arrived]: ...

    async def acknowledge(self, tokens: Sequence[int]) -> None:
        """Done with these frames. Unknown tokens, or tokens of a cut connection, are ignored: the frame will come again."""
        ...

    async def give_back(self, tokens: Sequence[int]) -> None:
        """Put these frames back on the queue, for whoever consumes it next."""
        ...


class Bus(Protocol):
    """Safe for concurrent use from one event loop. Methods never raise for what a broker or network can do."""

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        """Connect, declare the queues and verify their arguments; start reconnecting by itself from here on.

        Returns within a few seconds, ``BusDown`` when the bus is away (it keeps trying). Call once.
        A queue that exists with other arguments is an error of configuration: ``BusDown`` whose reason names both.
        """
        ...

    async def close(self) -> None:
        """Stop consuming, wait for confirms under way (at most 5 s), disconnect. Idempotent."""
        ...

    def state(self) -> BusState:
        """The present state, without I/O."""
        ...

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        """Publish all, windowed, and wait for the confirms (at most 5 s). One answer per frame, in order.

        Cancellation: frames may or may not have been published. Not idempotent; repeating is harmless to the hub.
        """
        ...

    def subscribe(self, queue: QueueName, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        """Consume a queue. Entering waits until the bus can be consumed; one consumer per queue is active at a time.

        On a bus that is closed the subscription is over at once.
        """
        ...
