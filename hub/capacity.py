# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How much this hub takes on at a time: it slows down, and then says that it is busy, before anything breaks. 承接能力"""

import resource
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from contracts.refusal import Refusal
from contracts.text import Text
from hub.config.deployment import Limits

_SLOWER_FROM = 0.8  # of the backlog that is allowed
_SLOWEST = 1.0  # seconds that a sender is kept waiting then
_SOON, _LATER = 1.0, 30.0
_FILES_KEPT = 400

_CROWDED = Refusal(
    "E_BUSY",
    Text("本实例正在处理的请求已达上限。", "This hub has as many requests under way as it takes."),
    retry_after=_SOON,
)
_OVERCROWDED = Refusal(
    "E_BUSY", Text("本实例的连接数已达上限。", "This hub has as many connections as it takes."), retry_after=_LATER
)
_BEHIND = Refusal(
    "E_BUSY",
    Text("尚未投递的消息已达上限，暂停接收。", "As many deliveries are waiting as are allowed; nothing is taken now."),
    retry_after=_LATER,
)


@dataclass(slots=True)
class Capacity:
    """``requests`` and ``body_bytes`` bound what is under way here, ``backlog`` the deliveries that wait in the journal.

    ``waiting`` is how many those were when they were last counted. ``connections`` bounds the open ones, so that file
    descriptors are left for everything else, ``peer_connections`` those of one network address, so that nobody alone takes
    them all.
    """

    requests: int = 1000
    body_bytes: int = 64 * 1024 * 1024
    backlog: int = 3_000_000
    connections: int = 50_000
    peer_connections: int = 1000
    connected: int = 0
    peers: Counter[str] = field(default_factory=Counter)
    """Open connections by the network address they come from."""
    waiting: int = 0
    under_way: int = 0
    bytes_under_way: int = 0
    bytes_of: Counter[str] = field(default_factory=Counter)
    """Of those, by the system that sends them."""

    @property
    def pause(self) -> float:
        """Seconds by which a sender is slowed down."""
        share = self.waiting / self.backlog
        return _SLOWEST * min(1.0, max(0.0, share - _SLOWER_FROM) / (1 - _SLOWER_FROM))

    def refusal(self) -> Refusal | None:
        """Why nothing is taken, whoever asks."""
        return _BEHIND if self.waiting >= self.backlog else None

    def overcrowded(self) -> Refusal | None:
        """Why a request on a connection beyond the bound is not heard; its connection is closed."""
        return _OVERCROWDED if self.connected > self.connections else None

    def enters(self, peer: str) -> bool:
        """One more connection from there; False: it is one too many. Either way :meth:`leaves` is due when it ends."""
        self.peers[peer] += 1
        return self.peers[peer] <= self.peer_connections

    def leaves(self, peer: str) -> None:
        """One less."""
        self.peers[peer] -= 1
        if self.peers[peer] <= 0:
            del self.peers[peer]

    @contextmanager
    def admitted(self, size: int, system: str) -> Iterator[Refusal | None]:
        """Room for one request of this system with a body of so many bytes, for the length of the block; a refusal: there is
        none.

        A body that alone is larger than all the room is let in when nothing else is under way. A system is given room as long
        as it has less than is left: so one that announces much and sends slowly leaves room for others, however many come
        (the dynamic thresholds of shared buffers, Choudhury and Hahne 1998).
        """
        left = self.body_bytes - self.bytes_under_way
        crowded = self.under_way >= self.requests or (self.under_way and (size > left or self.bytes_of[system] >= left))
        if refusal := self.refusal() or (_CROWDED if crowded else None):
            yield refusal
            return
        self.under_way += 1
        self.bytes_under_way += size
        self.bytes_of[system] += size
        try:
            yield None
        finally:
            self.under_way -= 1
            self.bytes_under_way -= size
            self.bytes_of[system] -= size
            if self.bytes_of[system] <= 0:
                del self.bytes_of[system]


def most_connections() -> int:
    """What the limit of file descriptors leaves, beside the database, the broker, the destinations and files."""
    return max(_FILES_KEPT, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _FILES_KEPT)


def capacity_of(limits: Limits) -> Capacity:
    """What a deployment allows, on this machine."""
    return Capacity(
        requests=limits.requests,
        body_bytes=limits.under_way_bytes,
        backlog=limits.backlog,
        connections=most_connections(),
        peer_connections=limits.peer_connections,
    )
