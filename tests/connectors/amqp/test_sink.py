# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Publishing to a real broker, and what its every answer means."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aio_pika
import pytest

from connectors.amqp.config import SinkConfig
from connectors.amqp.sink import AmqpSink
from connectors.sdk import Context, Delivered, InDoubt, Parcel, Rejected, Unavailable
from connectors.sdk.far_side import Behaviour
from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent
from tests.connectors.far_amqp import AmqpFarSide
from tests.support.rabbitmq import RabbitNode

Make = Callable[..., Parcel]


@pytest.fixture
async def far(rabbitmq: str) -> AsyncIterator[AmqpFarSide]:
    async with AmqpFarSide(rabbitmq) as far_side:
        yield far_side


def sink(far: AmqpFarSide, context: Context, **changes: object) -> AmqpSink:
    return AmqpSink(SinkConfig.model_validate({**far.settings, **changes}), context)


async def test_a_message_is_a_persistent_cloudevent_under_its_key(
    far: AmqpFarSide, context: Context, parcel: Make
) -> None:
    async with sink(far, context) as out:
        assert await out.send(parcel()) == Delivered()
    [message] = await far.lying(far.queue)
    event = amqp.read(message.content_type, message.headers, message.body)
    assert isinstance(event, CloudEvent)
    assert (event.id, event.data) == ("key-1", {"caseNumber": "办件-1"})
    assert (message.message_id, message.delivery_mode) == ("key-1", aio_pika.DeliveryMode.PERSISTENT)


async def test_plain_is_the_body_alone(far: AmqpFarSide, context: Context, parcel: Make) -> None:
    async with sink(far, context, mode="plain") as out:
        await out.send(parcel(content_type="application/xml", body=b"<a/>"))
    [message] = await far.lying(far.queue)
    assert (message.body, message.content_type) == (b"<a/>", "application/xml")
    assert not [name for name in message.headers if "cloudEvents" in name]


@pytest.mark.parametrize("mode", ["binary", "structured", "plain"])
async def test_the_trace_of_the_hop_is_a_header_of_its_own(
    far: AmqpFarSide, context: Context, parcel: Make, mode: str
) -> None:
    hop = f"00-{'1' * 32}-{'3' * 16}-01"
    async with sink(far, context, mode=mode) as out:
        await out.send(parcel(traceparent=hop))
    [message] = await far.lying(far.queue)
    assert message.headers["traceparent"] == hop


async def test_many_are_under_way_at_a_time(far: AmqpFarSide, context: Context, parcel: Make) -> None:
    async with sink(far, context) as out:
        outcomes = await asyncio.gather(*(out.send(parcel(f"key-{n}")) for n in range(500)))
    assert set(outcomes) == {Delivered()}
    assert [one.message_id for one in await far.lying(far.queue)] == [f"key-{n}" for n in range(500)]


async def test_no_queue_is_told_and_costs_the_neighbours_nothing(
    far: AmqpFarSide, context: Context, parcel: Make
) -> None:
    async with sink(far, context, routing_key="nobody.listens") as out:
        outcomes = await asyncio.gather(*(out.send(parcel(f"key-{n}")) for n in range(3)))
    assert all(isinstance(one, Unavailable) and one.reason.startswith("NO_ROUTE") for one in outcomes)


@pytest.mark.parametrize(("idempotency", "outcome"), [("native", Unavailable), ("none", InDoubt)])
async def test_a_full_queue_is_a_nack(
    far: AmqpFarSide, context: Context, parcel: Make, idempotency: str, outcome: type
) -> None:
    full = f"{far.queue}.full"
    await far.channel.declare_queue(full, exclusive=True, arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    async with sink(far, context, routing_key=full, idempotency=idempotency) as out:
        answer = await out.send(parcel())
    assert isinstance(answer, Unavailable | InDoubt)
    assert type(answer) is outcome
    assert answer.reason.startswith("NACKED")


async def test_a_missing_exchange_leaves_the_outcome_open_and_says_so(
    far: AmqpFarSide, context: Context, parcel: Make
) -> None:
    async with sink(far, context, exchange="no.such.exchange") as out:
        answer = await out.send(parcel())
    assert isinstance(answer, InDoubt)
    assert "no.such.exchange" in answer.reason


async def test_a_wrong_password_is_unavailable(far: AmqpFarSide, context: Context, parcel: Make) -> None:
    async with sink(far, context, password_secret="token") as out:
        answer = await out.send(parcel())
        checked = await out.check()
    assert isinstance(answer, Unavailable)
    assert answer.reason.startswith("NO_CONNECTION: 403")
    assert isinstance(checked, Unavailable)


async def test_a_name_nobody_can_resolve_is_unavailable(far: AmqpFarSide, context: Context, parcel: Make) -> None:
    async with sink(far, context, url="amqp://no-such-host.invalid/") as out:
        assert isinstance(await out.send(parcel()), Unavailable)


async def test_too_large_is_told_apart_from_its_neighbours(far: AmqpFarSide, context: Context, parcel: Make) -> None:
    await far.behave(Behaviour.REFUSE)
    async with sink(far, context) as out:
        assert isinstance(await out.send(parcel()), Rejected)
        await far.behave(Behaviour.ACCEPT)
        assert await out.send(parcel("key-2")) == Delivered()


async def test_a_killed_broker_leaves_what_was_under_way_in_doubt_and_is_found_again(
    rabbit_node: RabbitNode, context: Context, parcel: Make
) -> None:
    async with AmqpFarSide(rabbit_node.url) as far:
        async with sink(far, context) as out:
            assert await out.send(parcel("before")) == Delivered()
            await far.behave(Behaviour.HANG)
            under_way = [asyncio.create_task(out.send(parcel(f"key-{n}", timeout=60))) for n in range(5)]
            await far.until_arrived(6)
            await rabbit_node.kill()
            ends = await asyncio.gather(*under_way)
            during = await out.send(parcel("during"))
            await rabbit_node.start()
            await far.behave(Behaviour.ACCEPT)
            after = await out.send(parcel("after"))
        assert all(isinstance(end, InDoubt) and end.reason.startswith("CUT") for end in ends)
        assert isinstance(during, Unavailable)
        assert after == Delivered()
        await far.reconnect()
        keys = [message.message_id for message in await far.lying(far.queue)]
    assert {"before", "after"} <= set(keys)


async def test_a_blocked_broker_gets_nothing(rabbit_node: RabbitNode, context: Context, parcel: Make) -> None:
    async with AmqpFarSide(rabbit_node.url) as far, sink(far, context) as out:
        assert await out.send(parcel("before")) == Delivered()
        await rabbit_node.control("set_vm_memory_high_watermark", "0.0000001")
        try:
            # The broker tells a connection that it is blocked once that has published: the first ends in doubt.
            first = await out.send(parcel("first", timeout=2.0))
            second = await out.send(parcel("second", timeout=0.3))
        finally:
            await rabbit_node.control("set_vm_memory_high_watermark", "0.4")
        after = await out.send(parcel("after"))
    assert isinstance(first, InDoubt)
    assert isinstance(second, Unavailable)
    assert second.reason.startswith("TIMED_OUT")
    assert after == Delivered()
