# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One frame for everything that a commit offered in the partitions of this hub.

A frame costs the broker and its client the same whatever it holds, and what a commit offers is spread over all
partitions. A frame for partitions that are ours comes back to us, so it may travel by the queue of any of them.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from hub.ports.bus import Frame, QueueName
from hub.running import Leases

MOST = 500
"""Offers in one frame."""


class Bundles:
    """Makes them, and remembers by which queue each frame went until it has arrived."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._carriers: dict[tuple[UUID, QueueName], QueueName] = {}

    def of(self, frames: Sequence[Frame]) -> list[Frame]:
        """The frames of one commit, those of our own partitions together."""
        own: dict[str, list[Frame]] = {}
        made = []
        for frame in frames:
            if frame.queue in self._leases.held and frame.queue not in self._leases.leaving:
                own.setdefault(frame.queue.group, []).append(frame)
            else:
                made.append(frame)
        for together in own.values():
            made.extend(self._bundle(part) for part in _parted(together))
        return made

    def carrier(self, frame: UUID, queue: QueueName) -> QueueName:
        """The queue by which the offers of this partition in that frame went."""
        return self._carriers.get((frame, queue), queue)

    def arrived(self, frame: Frame) -> None:
        """It is not under way any more."""
        for partition in {offer.partition for offer in frame.offers}:
            self._carriers.pop((frame.id, QueueName(frame.queue.group, partition)), None)

    def forget(self, lost: Sequence[UUID], queue: QueueName) -> None:
        """These frames did not arrive and are waited for no longer."""
        for frame in lost:
            self._carriers.pop((frame, queue), None)

    def _bundle(self, frames: Sequence[Frame]) -> Frame:
        first = frames[0]
        if len(frames) == 1:
            return first
        self._carriers |= {(frame.id, frame.queue): first.queue for frame in frames[1:]}
        return Frame(first.id, first.queue, tuple(offer for frame in frames for offer in frame.offers))


def _parted(frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
    """In parts that are not too large, unless one frame alone is."""
    part: list[Frame] = []
    for frame in frames:
        if part and sum(len(one.offers) for one in part) + len(frame.offers) > MOST:
            yield part
            part = []
        part.append(frame)
    if part:
        yield part
