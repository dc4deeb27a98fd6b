# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every bus promises, run on every adapter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from uuid import UUID

import pytest

from hub.bus.memory import MemoryBus
from hub.bus.rabbitmq import RabbitBus
from hub.bus.topology import QueueType
from hub.ports.bus import Arrived, Bus, BusDown, BusUp, Frame, Offer, Published, QueueName, Subscription
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from tests.support.rabbitmq import RabbitNode

CLOCK = SystemClock()
IDS = TimeOrderedIds(CLOCK)
WITHIN = 10.0


def rabbit_bus(url: str, queue_type: QueueType = QueueType.QUORUM) -> RabbitBus:
    return RabbitBus(url, CLOCK, IDS, lambda: 0.5, queue_type=queue_type)


def frame(queue: QueueName, size: int = 1) -> Frame:
    return Frame(IDS.new(), queue, tuple(Offer(IDS.new(), "住建局", queue.partition) for _ in range(size)))


async def take(subscription: Subscription, number: int) -> list[Arrived]:
    """So many frames, or a failure when they do not come."""
    arrivals = aiter(subscription)
    async with asyncio.timeout(WITHIN):
        return [await anext(arrivals) for _ in range(number)]


def ids(arrived: Sequence[Arrived]) -> list[UUID]:
    return [one.frame.id for one in arrived]


@pytest.fixture(scope="module")
async def classic_host(private_rabbitmq: RabbitNode) -> str:
    """Where the classic queues live: a virtual host has one kind of queue, since it has one identity."""
    await private_rabbitmq.ensure_running()
    return await private_rabbitmq.virtual_host("classic")


class TestEveryBus:
    @pytest.fixture
    def group(self) -> str:
        return f"t{IDS.new().hex}"

    @pytest.fixture
    def queues(self, group: str) -> list[QueueName]:
        return [QueueName(group, partition) for partition in range(3)]

    @pytest.fixture
    def queue(self, queues: list[QueueName]) -> QueueName:
        return queues[0]

    @pytest.fixture(params=["memory", "quorum", "classic"])
    def made(self, request: pytest.FixtureRequest) -> Bus:
        """The adapter under test, not yet opened."""
        match request.param:
            case "memory":
                return MemoryBus(CLOCK, identity="one")
            case "quorum":
                return rabbit_bus(request.getfixturevalue("rabbitmq"), QueueType.QUORUM)
            case _:
                return rabbit_bus(request.getfixturevalue("classic_host"), QueueType.CLASSIC)

    @pytest.fixture
    async def bus(self, made: Bus, queues: list[QueueName]) -> AsyncIterator[Bus]:
        assert isinstance(await made.open(queues), BusUp), made.state()
        yield made
        await made.close()

    async def test_a_published_frame_arrives_whole(self, bus: Bus, queue: QueueName) -> None:
        sent = frame(queue, size=3)
        assert await bus.publish([sent]) == [Published.CONFIRMED]
        async with bus.subscribe(queue, 10) as subscription:
            [arrived] = await take(subscription, 1)
        assert arrived.frame == sent
        assert not arrived.redelivered

    async def test_frames_of_a_queue_keep_their_order(self, bus: Bus, queue: QueueName) -> None:
        sent = [frame(queue) for _ in range(50)]
        assert set(await bus.publish(sent)) == {Published.CONFIRMED}
        async with bus.subscribe(queue, 100) as subscription:
            assert ids(await take(subscription, 50)) == [one.id for one in sent]

    async def test_one_publish_reaches_many_queues(self, bus: Bus, queues: list[QueueName]) -> None:
        sent = [frame(queue) for queue in queues for _ in range(4)]
        assert await bus.publish(sent) == [Published.CONFIRMED] * len(sent)
        for queue in queues:
            async with bus.subscribe(queue, 10) as subscription:
                arrived = await take(subscription, 4)
            assert ids(arrived) == [one.id for one in sent if one.queue == queue]

    async def test_publishing_nothing_is_answered_with_nothing(self, bus: Bus) -> None:
        assert await bus.publish([]) == []

    async def test_a_frame_nobody_can_receive_is_not_confirmed(self, bus: Bus, queue: QueueName, group: str) -> None:
        lost = frame(QueueName(group, 99))
        kept = frame(queue)
        assert await bus.publish([kept, lost, kept]) == [
            Published.CONFIRMED,
            Published.UNCONFIRMED,
            Published.CONFIRMED,
        ]

    async def test_a_big_frame_travels(self, bus: Bus, queue: QueueName) -> None:
        sent = frame(queue, size=500)
        assert await bus.publish([sent]) == [Published.CONFIRMED]
        async with bus.subscribe(queue, 1) as subscription:
            [arrived] = await take(subscription, 1)
        assert arrived.frame == sent

    async def test_a_cancelled_publish_leaves_the_bus_usable(self, bus: Bus, queue: QueueName) -> None:
        for seconds in (0, 0.001, 0.003, 0.01):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await bus.publish([frame(queue) for _ in range(200)])
        last = frame(queue)
        assert await bus.publish([last]) == [Published.CONFIRMED]
        async with bus.subscribe(queue, 2000) as subscription:
            async with asyncio.timeout(WITHIN):
                async for arrived in subscription:
                    if arrived.frame == last:
                        break

    async def test_an_acknowledged_frame_never_comes_back(self, bus: Bus, queue: QueueName) -> None:
        sent = [frame(queue) for _ in range(5)]
        await bus.publish(sent)
        async with bus.subscribe(queue, 10) as subscription:
            arrived = await take(subscription, 5)
            await subscription.acknowledge([one.token for one in arrived if one.frame != sent[3]])
        async with bus.subscribe(queue, 10) as subscription:
            assert ids(await take(subscription, 1)) == [sent[3].id]

    async def test_what_was_not_acknowledged_comes_back_marked(self, bus: Bus, queue: QueueName) -> None:
        sent = [frame(queue) for _ in range(6)]
        await bus.publish(sent)
        async with bus.subscribe(queue, 3) as subscription:
            assert not any(one.redelivered for one in await take(subscription, 3))
        async with bus.subscribe(queue, 10) as subscription:
            arrived = await take(subscription, 6)
        assert sorted(ids(arrived)) == sorted(one.id for one in sent)
        assert {one.frame.id for one in arrived if one.redelivered} >= {one.id for one in sent[:3]}

    async def test_frames_given_back_come_again(self, bus: Bus, queue: QueueName) -> None:
        sent = [frame(queue) for _ in range(3)]
        await bus.publish(sent)
        async with bus.subscribe(queue, 10) as subscription:
            arrived = await take(subscription, 3)
            await subscription.give_back([arrived[0].token, arrived[2].token])
            again = await take(subscription, 2)
            assert sorted(ids(again)) == sorted([sent[0].id, sent[2].id])
            assert all(one.redelivered for one in again)
            await subscription.acknowledge([one.token for one in [arrived[1], *again]])
        await bus.publish([last := frame(queue)])
        async with bus.subscribe(queue, 10) as subscription:
            assert ids(await take(subscription, 1)) == [last.id]

    async def test_tokens_nobody_knows_are_ignored(self, bus: Bus, queue: QueueName) -> None:
        await bus.publish([frame(queue)])
        async with bus.subscribe(queue, 10) as subscription:
            [arrived] = await take(subscription, 1)
            await subscription.acknowledge([arrived.token + 7, arrived.token, arrived.token])
            await subscription.give_back([arrived.token, arrived.token + 7])
            await bus.publish([after := frame(queue)])
            assert ids(await take(subscription, 1)) == [after.id]
        await subscription.acknowledge([arrived.token])

    async def test_prefetch_is_never_exceeded(self, bus: Bus, queue: QueueName) -> None:
        await bus.publish([frame(queue) for _ in range(9)])
        async with bus.subscribe(queue, 3) as subscription:
            first = await take(subscription, 3)
            fourth = asyncio.create_task(take(subscription, 1))
            await asyncio.wait({fourth}, timeout=0.3)
            assert not fourth.done()
            await subscription.acknowledge([first[0].token])
            await fourth
            fifth = asyncio.create_task(take(subscription, 1))
            await asyncio.wait({fifth}, timeout=0.3)
            assert not fifth.done()
            await subscription.acknowledge([one.token for one in first[1:]])
            await fifth

    async def test_an_abandoned_wait_loses_no_frame(self, bus: Bus, queue: QueueName) -> None:
        async with bus.subscribe(queue, 10) as subscription:
            waiting = asyncio.create_task(take(subscription, 1))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await bus.publish([sent := frame(queue)])
            assert ids(await take(subscription, 1)) == [sent.id]

    async def test_one_subscriber_is_active_and_the_next_takes_over(self, bus: Bus, queue: QueueName) -> None:
        async with AsyncExitStack() as first_scope, AsyncExitStack() as second_scope:
            first = await first_scope.enter_async_context(bus.subscribe(queue, 10))
            second = await second_scope.enter_async_context(bus.subscribe(queue, 10))
            sent = [frame(queue) for _ in range(4)]
            await bus.publish(sent)
            idle = asyncio.create_task(take(second, 4))
            arrived = await take(first, 4)
            assert ids(arrived) == [one.id for one in sent]
            assert not idle.done()
            await first.acknowledge([arrived[0].token])
            await bus.publish([late := frame(queue)])
            await first_scope.aclose()
            taken_over = await idle
            assert sorted(ids(taken_over)) == sorted([*(one.id for one in sent[1:]), late.id])

    async def test_closing_ends_subscriptions_and_publishing(self, bus: Bus, queue: QueueName) -> None:
        async with bus.subscribe(queue, 10) as subscription:
            await bus.close()
            async with asyncio.timeout(WITHIN):
                assert [one async for one in subscription] == []
            await subscription.acknowledge([1])
            await subscription.give_back([1])
        assert isinstance(bus.state(), BusDown)
        assert await bus.publish([frame(queue)]) == [Published.UNCONFIRMED]
        async with asyncio.timeout(WITHIN), bus.subscribe(queue, 10) as late:
            assert [one async for one in late] == []

    async def test_closing_twice_is_closing_once(self, bus: Bus) -> None:
        await asyncio.gather(bus.close(), bus.close())
        await bus.close()
        assert isinstance(bus.state(), BusDown)

    async def test_an_open_bus_knows_its_identity(self, bus: Bus) -> None:
        match bus.state():
            case BusUp(identity):
                assert identity
            case BusDown(reason):
                pytest.fail(reason)
