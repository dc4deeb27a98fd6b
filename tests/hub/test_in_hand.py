# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from uuid import UUID

from hub.in_hand import InHand
from hub.ports.bus import QueueName

HERE, THERE = QueueName("default", 1), QueueName("default", 2)


def test_a_delivery_is_in_hand_once() -> None:
    hand = InHand()
    assert hand.take(UUID(int=1), HERE)
    assert not hand.take(UUID(int=1), HERE)
    hand.drop(UUID(int=1))
    assert hand.take(UUID(int=1), HERE)
    assert hand.deliveries == {UUID(int=1)}


async def test_whoever_waits_for_a_partition_waits_for_all_of_it_and_nothing_else() -> None:
    hand = InHand()
    await hand.until_none_of(HERE)
    for number, queue in ((1, HERE), (2, HERE), (3, THERE)):
        hand.take(UUID(int=number), queue)
    waiting = [asyncio.create_task(hand.until_none_of(HERE)) for _ in range(2)]
    await asyncio.sleep(0)
    hand.drop(UUID(int=1))
    done, _ = await asyncio.wait(waiting, timeout=0)
    assert not done
    hand.drop(UUID(int=2))
    await asyncio.gather(*waiting)
    assert hand.deliveries == {UUID(int=3)}
