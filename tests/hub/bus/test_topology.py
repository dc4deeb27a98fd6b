# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be said of the topology without a broker of every version at hand."""

from datetime import UTC, datetime

import pytest

from hub.bus.topology import QueueType, Topology, queue_arguments
from hub.ports.ids import TimeOrderedIds


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_quorum_queues_never_drop_a_message_for_its_attempts() -> None:
    """Limits came with 4.0, as a default of 20; 3.x has none and does not know -1."""
    old = queue_arguments(QueueType.QUORUM, (3, 13, 7), single_consumer=True)
    new = queue_arguments(QueueType.QUORUM, (4, 0, 2), single_consumer=True)
    assert old == {"x-queue-type": "quorum", "x-single-active-consumer": True}
    assert new == old | {"x-delivery-limit": -1}


@pytest.mark.parametrize("server", [(3, 10, 8), (4, 1, 0)])
def test_classic_queues_know_no_limit(server: tuple[int, ...]) -> None:
    assert queue_arguments(QueueType.CLASSIC, server, single_consumer=False) == {"x-queue-type": "classic"}


@pytest.mark.parametrize(
    ("silences", "condemned"),
    [
        ([0], False),
        ([0, 12, 19.9], False),
        ([0, 12, 20], True),
        ([0, 3600], False),  # the broker was away for an hour: no silence of the queue
        ([0, 3600, 3612, 3620], True),
    ],
)
def test_a_queue_is_given_up_only_after_a_spell_of_silence(silences: list[float], condemned: bool) -> None:  # noqa: FBT001  # because parametrisation passes by position
    clock = HandClock()
    topology = Topology([], QueueType.QUORUM, clock, TimeOrderedIds(clock), deaf_seconds=20.0)
    for moment in silences:
        clock.seconds = moment
        topology._count_silence("q")
    assert ("q" in topology._condemned) == condemned
