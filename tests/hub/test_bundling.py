# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
from uuid import UUID

from hub.ports.bus import Frame, Offer, QueueName
from hub.ports.clock import SystemClock
from hub.running import Leases
from hub.workers.bundling import MOST, Bundles

COMMIT = UUID(int=1)


def queue(partition: int, group: str = "default") -> QueueName:
    return QueueName(group, partition)


def frame(partition: int, group: str = "default", size: int = 1) -> Frame:
    offers = tuple(Offer(UUID(int=partition * 1000 + n), "housing", partition) for n in range(size))
    return Frame(COMMIT, queue(partition, group), offers)


def bundles(*own: QueueName, leaving: tuple[QueueName, ...] = ()) -> Bundles:
    return Bundles(Leases(SystemClock(), dict.fromkeys(own, (1, 0.0)), set(leaving)))


def test_what_a_commit_offered_in_our_partitions_goes_together() -> None:
    made = bundles(queue(1), queue(2)).of([frame(1), frame(2, size=2)])
    assert made == [Frame(COMMIT, queue(1), frame(1).offers + frame(2, size=2).offers)]


def test_partitions_of_others_groups_of_their_own_and_what_we_are_leaving_go_by_themselves() -> None:
    ours = bundles(queue(1), queue(2), queue(3), queue(1, "seals"), leaving=(queue(3),))
    frames = [frame(1), frame(2), frame(3), frame(4), frame(1, "seals")]
    assert sorted(one.queue for one in ours.of(frames)) == [queue(1), queue(3), queue(4), queue(1, "seals")]


def test_a_bundle_has_a_limit() -> None:
    made = bundles(*(queue(n) for n in range(4))).of([frame(n, size=MOST // 2) for n in range(4)])
    assert [len(one.offers) for one in made] == [MOST, MOST]


def test_a_frame_is_looked_for_where_it_went_until_it_arrives_or_is_given_up() -> None:
    ours = bundles(queue(1), queue(2), queue(3))
    (bundle,) = ours.of([frame(1), frame(2), frame(3)])
    assert [ours.carrier(COMMIT, queue(n)) for n in (1, 2, 3)] == [queue(1)] * 3
    ours.forget([COMMIT], queue(2))
    assert ours.carrier(COMMIT, queue(2)) == queue(2)
    ours.arrived(bundle)
    assert ours.carrier(COMMIT, queue(3)) == queue(3)
