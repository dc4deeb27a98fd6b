# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sources wait for what they brought to be delivered, and for nobody that does not keep up."""

import asyncio

from hub.headway import AGAIN, MOST, PATIENCE, SLOW, Headway
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import PlannedDelivery

IDS = TimeOrderedIds(SystemClock())


class Monotonic(SystemClock):
    """Seconds that a test moves."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def deliveries(count: int, destination: str = "housing") -> list[PlannedDelivery]:
    return [
        PlannedDelivery(IDS.new(), destination, QueueName("default", 0), ordered=True, priority=5) for _ in range(count)
    ]


async def test_there_is_room_until_too_many_are_under_way_and_again_when_enough_have_ended() -> None:
    headway, clock, many = Headway(), Monotonic(), deliveries(MOST)
    headway.begin(many[:-1], clock.monotonic())
    await headway.room(clock)
    headway.begin(many[-1:], clock.monotonic())
    waiting = asyncio.create_task(headway.room(clock))
    await asyncio.sleep(0)
    for one in many[: MOST - AGAIN - 1]:
        headway.end(one.id)
    await asyncio.sleep(0)
    assert not waiting.done()
    headway.end(many[-1].id)
    async with asyncio.timeout(10):
        await waiting


async def test_a_destination_that_does_not_keep_up_is_waited_for_once() -> None:
    headway, clock = Headway(), Monotonic()
    headway.begin(deliveries(MOST), clock.monotonic())
    waiting = asyncio.create_task(headway.room(clock))
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.seconds += PATIENCE
    async with asyncio.timeout(10):
        await waiting
    headway.begin(deliveries(10 * MOST), clock.monotonic())
    await headway.room(clock)
    clock.seconds += SLOW
    headway.begin(deliveries(MOST), clock.monotonic())
    waiting = asyncio.create_task(headway.room(clock))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_destination_that_keeps_up_again_is_waited_for_again() -> None:
    headway, clock = Headway(), Monotonic()
    headway.begin(deliveries(MOST), clock.monotonic())
    clock.seconds += PATIENCE
    await headway.room(clock)
    late, prompt = deliveries(2)
    headway.begin([late], clock.monotonic())
    clock.seconds += PATIENCE
    headway.begin([prompt], clock.monotonic())
    headway.end(late.id)
    assert headway.is_ahead
    headway.end(prompt.id)
    assert not headway.is_ahead


async def test_what_was_never_begun_ends_without_a_trace() -> None:
    headway = Headway()
    headway.end(IDS.new())
    await headway.room(Monotonic())


async def test_a_sender_that_waits_for_its_answer_is_held_up_for_a_moment_only() -> None:
    headway, clock = Headway(), Monotonic()
    headway.begin(deliveries(MOST), clock.monotonic())
    async with asyncio.timeout(10):
        await headway.room_soon(clock, 0.01)
    assert headway.is_full(clock.monotonic())
