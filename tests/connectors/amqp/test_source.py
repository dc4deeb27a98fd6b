# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Consuming from a real broker, whatever it hands over and whatever happens to it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aio_pika
import pamqp.frame
import pytest
from pamqp.commands import Basic
from pamqp.header import ContentHeader
from pydantic import ValidationError

from connectors.amqp.config import SourceConfig
from connectors.amqp.source import AmqpSource
from connectors.amqp.wire import Arrival, Wire
from connectors.sdk import Context, Item, Refused, Source, Taken
from connectors.sdk.feed import Lying
from tests.connectors.far_amqp import AmqpFeed
from tests.support.rabbitmq import RabbitNode

NO = Refused("E_CONTENT_TYPE", b"{}")


@pytest.fixture
async def feed(rabbitmq: str) -> AsyncIterator[AmqpFeed]:
    async with AmqpFeed(rabbitmq) as far_side:
        yield far_side


def source(feed: AmqpFeed, context: Context, **changes: object) -> AmqpSource:
    settings = {name: value for name, value in {**feed.settings, **changes}.items() if value is not None}
    return AmqpSource(SourceConfig.model_validate(settings), context)


def numbered(count: int) -> list[Lying]:
    return [Lying(content_type="text/plain", body=b"%d" % n) for n in range(count)]


async def taken(source: Source, count: int) -> Sequence[Item]:
    items: list[Item] = []
    async with asyncio.timeout(30):
        while len(items) < count:
            items += await source.take()
    return items


async def test_what_is_settled_out_of_order_leaves_the_rest_in_hand(feed: AmqpFeed, context: Context) -> None:
    await feed.put(numbered(6))
    async with source(feed, context) as into:
        items = await taken(into, 6)
        await into.settle([(items[n].token, Taken()) for n in (4, 1, 0)])
        await into.settle([(items[4].token, Taken()), (12345, Taken())])  # twice, and one that nobody knows
    await feed.until_left(3)
    assert [one.body for one in await feed.lying(feed.queue)] == [b"2", b"3", b"5"]


async def test_a_refused_message_keeps_its_own_properties(feed: AmqpFeed, context: Context) -> None:
    message = aio_pika.Message(b"x", content_type="text/plain", headers={"a": 1}, message_id="m1", correlation_id="c1")
    await feed.channel.default_exchange.publish(message, feed.queue)
    async with source(feed, context) as into:
        [item] = await taken(into, 1)
        await into.settle([(item.token, NO)])
        await feed.until_left_in(feed.refused, 1)
    [aside] = await feed.lying(feed.refused)
    assert (aside.message_id, aside.correlation_id, aside.content_type) == ("m1", "c1", "text/plain")
    assert {"a": 1, "govhub-code": "E_CONTENT_TYPE", "govhub-problem": "{}"}.items() <= aside.headers.items()


async def test_properties_that_do_not_decode_come_in_bare_and_can_be_set_aside(
    feed: AmqpFeed, context: Context
) -> None:
    await _publish_garbage(feed)
    await feed.put(numbered(1))
    async with source(feed, context) as into:
        garbage, sound = await taken(into, 2)
        assert (garbage.content_type, garbage.headers, garbage.body) == (None, {}, b"garbage")
        await into.settle([(garbage.token, NO), (sound.token, Taken())])
        await feed.until_left_in(feed.refused, 1)
    await feed.until_left(0)


async def test_without_a_place_for_refused_messages_they_stay(feed: AmqpFeed, context: Context) -> None:
    await feed.put(numbered(3))
    async with source(feed, context, refused_queue="nobody.made.this") as into:
        items = await taken(into, 3)
        await into.settle([(items[0].token, NO), (items[1].token, Taken()), (items[2].token, Taken())])
        await feed.put(numbered(1))
        [more] = await taken(into, 1)
        await into.settle([(more.token, Taken())])
    await feed.until_left(1)
    assert [one.body for one in await feed.lying(feed.queue)] == [b"0"]


async def test_the_broker_dead_letters_what_is_rejected(feed: AmqpFeed, context: Context) -> None:
    queue = f"{feed.queue}.with-dlx"
    arguments: dict[str, Any] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": feed.refused}
    await feed.channel.declare_queue(queue, exclusive=False, auto_delete=True, arguments=arguments)
    await feed.channel.default_exchange.publish(aio_pika.Message(b"x"), queue)
    async with source(feed, context, queue=queue, refused_queue=None, dead_letter=True) as into:
        [item] = await taken(into, 1)
        await into.settle([(item.token, NO)])
        await feed.until_left_in(feed.refused, 1)


async def test_large_bodies_stop_the_reading_until_they_are_settled(feed: AmqpFeed, context: Context) -> None:
    await feed.put([Lying(content_type="text/plain", body=b"x" * 600_000) for _ in range(15)])
    async with source(feed, context, held_bytes=1_000_000) as into:
        items = list(await taken(into, 2))
        waiting = asyncio.ensure_future(taken(into, 13))
        await asyncio.wait({waiting}, timeout=1.0)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting})
        await into.settle([(item.token, Taken()) for item in items])
        async with asyncio.timeout(30):
            while len(items) < 15:
                more = await into.take()
                items += more
                await into.settle([(item.token, Taken()) for item in more])
    await feed.until_left(0)


async def test_a_killed_broker_brings_again_what_was_not_settled(rabbit_node: RabbitNode, context: Context) -> None:
    async with AmqpFeed(rabbit_node.url) as feed:
        await feed.put(numbered(10))
        async with source(feed, context) as into:
            items = await taken(into, 10)
            await into.settle([(item.token, Taken()) for item in items[:4]])
            await feed.until_left_in(feed.queue, 0)
            await rabbit_node.kill()
            waiting = asyncio.ensure_future(taken(into, 6))
            await into.settle([(items[4].token, Taken())])  # nobody hears it
            await rabbit_node.start()
            again = await waiting
            await into.settle([(item.token, Taken()) for item in again])
        await feed.reconnect()
        await feed.until_left(0)
    bodies = {item.body for item in again}
    assert {b"4", b"5", b"6", b"7", b"8", b"9"} <= bodies


async def test_a_queue_that_is_deleted_is_waited_for(feed: AmqpFeed, context: Context) -> None:
    queue = f"{feed.queue}.brief"
    await feed.channel.declare_queue(queue)
    async with source(feed, context, queue=queue) as into:
        waiting = asyncio.ensure_future(taken(into, 1))
        await feed.until_consumed(queue)
        await feed.channel.queue_delete(queue)
        await feed.channel.declare_queue(queue)
        await feed.channel.default_exchange.publish(aio_pika.Message(b"x"), queue)
        [item] = await waiting
        await into.settle([(item.token, Taken())])
    await feed.channel.queue_delete(queue)
    assert item.body == b"x"


@pytest.mark.parametrize(
    "wrong",
    [
        {"refused_queue": None},
        {"dead_letter": True},
        {"refused_queue": "q"},
        {"url": "http://host/"},
        {"url": "amqp://user:word@host/"},
        {"prefetch": 0},
    ],
)
def test_settings_that_would_lose_or_leak_are_refused(wrong: dict[str, object]) -> None:
    sound: dict[str, object] = {"url": "amqp://host/", "queue": "q", "refused_queue": "r"}
    SourceConfig.model_validate(sound)
    with pytest.raises(ValidationError):
        SourceConfig.model_validate({**sound, **wrong})


async def test_a_broker_that_talks_nonsense_ends_the_connection_and_nothing_else() -> None:
    arrived: list[Arrival] = []
    for nonsense in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\1\0\0\0\0\0\4\xff\xff\xff\xff\xce", b"\1\0\0\0\0\0\1xy"):
        wire = Wire(arrived.append)
        wire.data_received(nonsense)
        assert wire.lost is not None
    assert arrived == []


async def _publish_garbage(feed: AmqpFeed) -> None:
    """A message whose content type is not UTF-8, which no Python client would send."""
    properties = pamqp.frame.marshal(ContentHeader(body_size=7, properties=Basic.Properties(content_type="AAAA")), 1)
    broken = properties.replace(b"AAAA", b"\xff\xfe\xff\xfe")
    await feed.raw_publish(pamqp.frame.marshal(Basic.Publish(routing_key=feed.queue), 1) + broken, b"garbage")
