# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be said of the topology without a broker of every version at hand."""

import pytest

from hub.bus.topology import QueueType, queue_arguments


def test_quorum_queues_never_drop_a_message_for_its_attempts() -> None:
    """Limits came with 4.0, as a default of 20; 3.x has none and does not know -1."""
    old = queue_arguments(QueueType.QUORUM, (3, 13, 7), single_consumer=True)
    new = queue_arguments(QueueType.QUORUM, (4, 0, 2), single_consumer=True)
    assert old == {"x-queue-type": "quorum", "x-single-active-consumer": True}
    assert new == old | {"x-delivery-limit": -1}


@pytest.mark.parametrize("server", [(3, 10, 8), (4, 1, 0)])
def test_classic_queues_know_no_limit(server: tuple[int, ...]) -> None:
    assert queue_arguments(QueueType.CLASSIC, server, single_consumer=False) == {"x-queue-type": "classic"}
