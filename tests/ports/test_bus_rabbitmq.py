# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the RabbitMQ bus does when the broker is killed, wiped, blocked, frozen, or holds what is not ours."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import aiormq
import pamqp.body
import pamqp.commands
import pamqp.frame
import pamqp.header
import pytest
from aiormq.abc import AbstractChannel, AbstractConnection, ChannelFrame
from pamqp.common import FieldTable
from structlog.testing import capture_logs
from yarl import URL

from hub.bus.amqp_link import Link
from hub.bus.frame_codec import MEDIA_TYPE, encode
from hub.bus.rabbitmq import RabbitBus
from hub.bus.rabbitmq_supervisor import Supervisor
from hub.bus.topology import ASIDE, QueueType, Topology
from hub.ports.bus import BusDown, BusUp, Frame, Published, QueueName, Subscription
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from tests.faults.proxy import Proxy, Weather
from tests.support.rabbitmq import RabbitNode, free_ports

CLOCK = SystemClock()
IDS = TimeOrderedIds(CLOCK)
QUORUM_FOR_ONE: FieldTable = {"x-queue-type": "quorum", "x-single-active-consumer": True}


@pytest.fixture
def queue() -> QueueName:
    return QueueName(f"t{IDS.new().hex}", 0)


@asynccontextmanager
async def opened(
    url: str, *queues: QueueName, deaf_seconds: float = 20.0, on_foreign: Callable[[], None] = lambda: None
) -> AsyncIterator[RabbitBus]:
    bus = RabbitBus(url, CLOCK, IDS, lambda: 0.0, deaf_seconds=deaf_seconds, on_foreign=on_foreign)
    try:
        await bus.open(queues)
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def stranger(url: str) -> AsyncIterator[tuple[AbstractConnection, AbstractChannel]]:
    """Somebody else at the same broker."""
    async with aiormq.connect(url) as connection:
        yield connection, await connection.channel()


def frames(queue: QueueName, number: int) -> list[Frame]:
    return [Frame(IDS.new(), queue, ()) for _ in range(number)]


async def take(subscription: Subscription, number: int) -> list[UUID]:
    arrivals = aiter(subscription)
    async with asyncio.timeout(10):
        return [(await anext(arrivals)).frame.id for _ in range(number)]


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """The port has no signal for a change of state; this is the wait for one."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # because the state is looked at, not signalled
            await asyncio.sleep(0.02)


def identity(bus: RabbitBus) -> str:
    state = bus.state()
    assert isinstance(state, BusUp), state
    return state.identity


def is_up(bus: RabbitBus) -> Callable[[], bool]:
    return lambda: isinstance(bus.state(), BusUp)


def is_down(bus: RabbitBus) -> Callable[[], bool]:
    return lambda: isinstance(bus.state(), BusDown)


async def test_a_killed_broker_costs_no_confirmed_frame(rabbit_node: RabbitNode, queue: QueueName) -> None:
    async with opened(rabbit_node.url, QueueName(queue.group, 1)):
        """From here on the queue of the test is the newest, and the one in danger."""
    async with opened(rabbit_node.url, queue) as bus:
        before = identity(bus)
        kept = frames(queue, 20)
        assert set(await bus.publish(kept)) == {Published.CONFIRMED}
        await rabbit_node.kill()
        async with asyncio.timeout(5.5):
            assert set(await bus.publish(frames(queue, 3))) == {Published.UNCONFIRMED}
        await until(is_down(bus), 5)
        await rabbit_node.start()
        await until(is_up(bus))
        assert identity(bus) == before
        async with bus.subscribe(queue, 100) as subscription:
            assert await take(subscription, 20) == [one.id for one in kept]


async def test_a_queue_that_exists_but_never_answers_is_made_anew(rabbit_node: RabbitNode, queue: QueueName) -> None:
    async with opened(rabbit_node.url, queue) as bus:
        before = identity(bus)
    await rabbit_node.control("eval", f"ra:stop_server(quorum_queues, {{'%2F_{queue}', node()}}).")
    async with opened(rabbit_node.url, queue, deaf_seconds=0.0) as bus:
        state = bus.state()
        assert isinstance(state, BusDown)
        assert str(queue) in state.reason
        async with bus.subscribe(queue, 100) as subscription:
            assert identity(bus) != before
            sent = frames(queue, 1)
            assert await bus.publish(sent) == [Published.CONFIRMED]
            assert await take(subscription, 1) == [sent[0].id]


async def test_a_wiped_broker_has_a_new_identity_for_every_hub(rabbit_node: RabbitNode, queue: QueueName) -> None:
    async with opened(rabbit_node.url, queue) as one, opened(rabbit_node.url, queue) as two:
        before = identity(one)
        assert identity(two) == before
        await rabbit_node.wipe()
        await until(lambda: is_up(one)() and is_up(two)())
        assert identity(one) == identity(two) != before
        [sent] = frames(queue, 1)
        assert await one.publish([sent]) == [Published.CONFIRMED]
        async with two.subscribe(queue, 1) as subscription:
            assert await take(subscription, 1) == [sent.id]


@pytest.mark.parametrize("attempt", range(5))
async def test_hubs_that_open_at_once_agree(rabbitmq: str, queue: QueueName, attempt: int) -> None:
    buses = [RabbitBus(rabbitmq, CLOCK, IDS, lambda: 0.0) for _ in range(4)]
    states = await asyncio.gather(*(bus.open([queue]) for bus in buses))
    await asyncio.gather(*(bus.close() for bus in buses))
    assert all(isinstance(state, BusUp) for state in states)
    assert len(set(states)) == 1


async def test_a_memory_alarm_blocks_and_unblocks(rabbit_node: RabbitNode, queue: QueueName) -> None:
    async with opened(rabbit_node.url, queue) as bus:
        before = identity(bus)
        await rabbit_node.control("set_vm_memory_high_watermark", "0.0001")
        try:
            async with asyncio.timeout(5):
                assert await bus.publish(frames(queue, 3)) == [Published.UNCONFIRMED] * 3
            state = bus.state()
            assert isinstance(state, BusDown)
            assert state.reason.startswith("blocked")
            async with asyncio.timeout(0.1):
                assert await bus.publish(frames(queue, 1)) == [Published.UNCONFIRMED]
        finally:
            await rabbit_node.control("set_vm_memory_high_watermark", "absolute", "1GB")
        await until(is_up(bus), 10)
        assert identity(bus) == before
        assert await bus.publish(frames(queue, 1)) == [Published.CONFIRMED]


async def test_a_frozen_broker_is_noticed(rabbit_node: RabbitNode, queue: QueueName) -> None:
    async with opened(rabbit_node.url, queue) as bus:
        rabbit_node.freeze()
        try:
            async with asyncio.timeout(5.5):
                assert await bus.publish(frames(queue, 1)) == [Published.UNCONFIRMED]
            await until(is_down(bus), 8)
        finally:
            rabbit_node.thaw()
        await until(is_up(bus))
        assert await bus.publish(frames(queue, 1)) == [Published.CONFIRMED]


async def test_a_cut_connection_ends_the_iteration_and_brings_everything_again(
    rabbit_node: RabbitNode, queue: QueueName
) -> None:
    async with opened(rabbit_node.url, queue) as bus:
        sent = frames(queue, 3)
        await bus.publish(sent)
        async with bus.subscribe(queue, 10) as subscription:
            arrivals = aiter(subscription)
            arrived = [await anext(arrivals) for _ in sent]
            await rabbit_node.control("close_all_connections", "for the test")
            async with asyncio.timeout(10):
                assert [one async for one in subscription] == []
            await subscription.acknowledge([one.token for one in arrived])
            await subscription.give_back([one.token for one in arrived])
        async with asyncio.timeout(10), bus.subscribe(queue, 10) as subscription:
            assert await take(subscription, 3) == [one.id for one in sent]


async def test_a_subscription_on_a_silent_network_ends_with_its_link_and_holds_nobody_up(
    rabbitmq: str, queue: QueueName
) -> None:
    url = URL(rabbitmq)
    async with Proxy(url.port or 0) as line, opened(str(url.with_host("127.0.0.1").with_port(line.port)), queue) as bus:
        async with bus.subscribe(queue, 10) as subscription:
            ended = asyncio.create_task(anext(aiter(subscription), None))
            line.change(Weather(held=True))
            assert await bus.publish(frames(queue, 1)) == [Published.UNCONFIRMED]
            await until(is_down(bus), 8)
            async with asyncio.timeout(1):
                assert await ended is None
            closing = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - closing < 1, "nobody answers, so nobody is asked"
        line.clear()
        await until(is_up(bus))
        sent = frames(queue, 1)
        assert await bus.publish(sent) == [Published.CONFIRMED]
        async with asyncio.timeout(10), bus.subscribe(queue, 10) as subscription:
            assert sent[0].id in await take(subscription, 2), "the one that was held up comes too"


async def test_a_deleted_queue_comes_back_under_a_new_identity(rabbitmq: str, queue: QueueName) -> None:
    async with opened(rabbitmq, queue) as bus:
        before = identity(bus)
        async with bus.subscribe(queue, 10) as subscription, stranger(rabbitmq) as (_, channel):
            await channel.queue_delete(str(queue))
            async with asyncio.timeout(10):
                assert [one async for one in subscription] == []
        await until(lambda: is_up(bus)() and identity(bus) != before, 10)
        assert await bus.publish(frames(queue, 1)) == [Published.CONFIRMED]


async def test_a_queue_with_other_arguments_is_named(rabbitmq: str, queue: QueueName) -> None:
    async with stranger(rabbitmq) as (_, channel):
        await channel.queue_declare(str(queue), durable=True, arguments={**QUORUM_FOR_ONE, "x-max-length": 7})
        async with opened(rabbitmq, queue) as bus:
            state = bus.state()
            assert isinstance(state, BusDown)
            assert str(queue) in state.reason
            assert "x-max-length" in state.reason
            await channel.queue_delete(str(queue))
            await until(is_up(bus), 10)


async def test_a_broker_that_is_away_is_said_so_at_once(queue: QueueName) -> None:
    [port] = free_ports(1)
    async with asyncio.timeout(5), opened(f"amqp://hub:secret@127.0.0.1:{port}/", queue) as bus:
        state = bus.state()
        assert isinstance(state, BusDown)
        assert str(port) in state.reason
        assert "secret" not in state.reason
        assert await bus.publish(frames(queue, 1)) == [Published.UNCONFIRMED]


async def test_a_refused_login_is_said_so(rabbitmq: str, queue: QueueName) -> None:
    async with opened(rabbitmq.replace("hub:hub@", "hub:wrong@"), queue) as bus:
        state = bus.state()
        assert isinstance(state, BusDown)
        assert "ACCESS_REFUSED" in state.reason


async def put(url: str, queue: QueueName, body: bytes, media_type: str) -> None:
    async with stranger(url) as (_, channel):
        await channel.basic_publish(
            body,
            routing_key=str(queue),
            properties=aiormq.spec.Basic.Properties(content_type=media_type, delivery_mode=2),
        )


async def put_undecodable_properties(url: str, queue: QueueName) -> None:
    """A message whose media type is not UTF-8, which no Python client would send."""
    async with stranger(url) as (connection, channel):
        properties = aiormq.spec.Basic.Properties(content_type="AAAA", delivery_mode=2)
        parts = (
            pamqp.commands.Basic.Publish(routing_key=str(queue)),
            pamqp.header.ContentHeader(body_size=1, properties=properties),
            pamqp.body.ContentBody(b"?"),
        )
        payload = b"".join(pamqp.frame.marshal(part, channel.number) for part in parts)
        raw = ChannelFrame(payload=payload.replace(b"AAAA", b"\xff\xfe\xff\xfe"), should_close=False)
        await connection.write_queue.put(raw)
        await channel.queue_declare(str(queue), passive=True)


async def set_aside(url: str, queue: QueueName) -> aiormq.abc.DeliveredMessage:
    """The message that was moved away from that queue; others' are left alone."""
    found: asyncio.Queue[aiormq.abc.DeliveredMessage] = asyncio.Queue()

    async def look(message: aiormq.abc.DeliveredMessage) -> None:
        if (message.header.properties.headers or {}).get("govhub-queue") == str(queue):
            await found.put(message)

    async with stranger(url) as (_, channel), asyncio.timeout(10):
        await channel.basic_consume(ASIDE, look)
        message = await found.get()
        await channel.basic_ack(message.delivery_tag or 0)
        return message


@pytest.mark.parametrize("kind", ["media type", "not JSON", "another queue's", "undecodable properties"])
async def test_a_foreign_message_is_set_aside(rabbitmq: str, queue: QueueName, kind: str) -> None:
    met: list[str] = []
    async with opened(rabbitmq, queue, on_foreign=lambda: met.append(kind)) as bus:
        match kind:
            case "media type":
                await put(rabbitmq, queue, b"<xml/>", "text/xml")
            case "not JSON":
                await put(rabbitmq, queue, b"{", MEDIA_TYPE)
            case "another queue's":
                await put(rabbitmq, queue, encode(Frame(IDS.new(), QueueName("other", 3), ())), MEDIA_TYPE)
            case _:
                await put_undecodable_properties(rabbitmq, queue)
        [ours] = frames(queue, 1)
        assert await bus.publish([ours]) == [Published.CONFIRMED]
        with capture_logs() as logs:
            async with bus.subscribe(queue, 2) as subscription:
                arrived = await anext(aiter(subscription))
                assert arrived.frame == ours
                moved = await set_aside(rabbitmq, queue)
                await subscription.acknowledge([arrived.token])
        assert (moved.header.properties.headers or {})["govhub-reason"]
        assert met == [kind]
        assert [one["event"] for one in logs if one["log_level"] == "warning"] == ["bus.foreign_message"]
        async with stranger(rabbitmq) as (_, channel), asyncio.timeout(10):
            # The broker takes acknowledgements in its own time, and says nothing of it.
            while (await channel.queue_declare(str(queue), passive=True)).message_count:
                continue


async def test_foreign_messages_without_a_place_hold_nobody_up_and_none_is_lost(
    rabbitmq: str, queue: QueueName
) -> None:
    met: list[int] = []
    bodies = {b"%d" % number for number in range(40)}
    async with opened(rabbitmq, queue, on_foreign=lambda: met.append(1)) as bus:
        async with stranger(rabbitmq) as (_, channel):
            await channel.queue_delete(ASIDE)
        for body in sorted(bodies):
            await put(rabbitmq, queue, body, "text/plain")
        [ours] = frames(queue, 1)
        assert await bus.publish([ours]) == [Published.CONFIRMED]
        async with bus.subscribe(queue, 4) as subscription, asyncio.timeout(30):
            arrived = await anext(aiter(subscription))
            assert arrived.frame == ours
            await subscription.acknowledge([arrived.token])
            async with opened(rabbitmq, queue):  # which makes the place anew
                found = {(await set_aside(rabbitmq, queue)).body for _ in bodies}
    assert found == bodies
    assert len(met) == 40, "each is counted once"


async def test_a_bug_costs_the_link_and_not_the_supervisor(rabbitmq: str, queue: QueueName) -> None:
    class Buggy(Topology):
        attempts = 0

        async def settle(self, link: Link) -> str:
            self.attempts += 1
            if self.attempts == 1:
                raise ZeroDivisionError
            return await super().settle(link)

    class Hasty(SystemClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(min(seconds, 0.2))

    topology = Buggy([queue], QueueType.QUORUM, CLOCK, IDS)
    supervisor = Supervisor(rabbitmq, topology, Hasty(), lambda: 0.0)
    with capture_logs() as logs:
        supervisor.start()
        await until(lambda: isinstance(supervisor.state, BusUp), 15)
        await supervisor.stop()
    assert [one for one in logs if one["event"] == "bus.supervisor_failed"]
