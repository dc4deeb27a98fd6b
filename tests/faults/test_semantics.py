# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""B.5 of the fault catalogue: repeats, other content under the same id, order, and what the broker swallows."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import aiormq
import orjson
import pytest

from hub.bus.topology import ASIDE
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.stages.plan import partition_of
from tests.faults.client import Client, application, client
from tests.faults.row import Row
from tests.faults.sizes import chosen
from tests.faults.stand import PARTITIONS, Stand

SIZE = chosen()
pytestmark = pytest.mark.timeout(SIZE.row_seconds)


async def test_d1_d2_d3_repeats(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "D1 D2 D3", SIZE, repetition, seed) as row, client("load") as sender:
        await row.flowing(5)
        urls = list(stand.urls.values())
        one = application("load", f"again-{row.prefix}", f"again-{row.prefix}")

        await stand.recipients["housing"].tell("slow 2")
        begun = time.monotonic()
        answers = await asyncio.gather(*(sender.post(urls[n % len(urls)], one) for n in range(SIZE.duplicates)))
        row.figures["duplicates per s"] = round(SIZE.duplicates / (time.monotonic() - begun))
        row.check({answer.status for answer in answers} == {202}, "D1: a repeat was not answered as the first")
        row.check(len({answer.body for answer in answers}) == 1, "D1: receipts differ")

        during = await sender.post(urls[0], one)  # D3: while the first is in progress
        row.check(during.body == answers[0].body, "D3: a repeat in progress was given another receipt")
        await stand.recipients["housing"].tell("well")

        other = application("load", f"again-{row.prefix}", f"again-{row.prefix}", summary="其他内容")
        refused = await sender.post(urls[-1], other)
        row.check((refused.status, refused.said.get("code")) == (409, "E_ID_REUSE"), f"D2: {refused.status}")
        view = await delivered(sender, urls[0], answers[0].said["message"])
        row.check({one["state"] for one in view["deliveries"]} == {"delivered"}, "D1: the first was not delivered")
        after = await sender.post(urls[0], one)
        row.check(after.body == answers[0].body, "D2: the first's receipt is another now")

        connection = await stand.connect()
        accepted = await connection.fetchval("select count(*) from message where sender_id = $1", f"again-{row.prefix}")
        journaled = await connection.fetchval(
            "select count(*) from refusal where sender_id = $1 and code = 'E_ID_REUSE'", f"again-{row.prefix}"
        )
        row.check(accepted == 1, f"D1: {accepted} acceptances")
        row.check(journaled == 1, f"D2: {journaled} refusals in the journal")
        for place in ("housing", "seals"):
            effects = [one for one in everything(stand, place) if one["id"] == f"again-{row.prefix}"]
            row.check(len(effects) == 1, f"D1: {len(effects)} effects at {place}")

        await repeat_of_a_failed_one(row, stand, sender)

        # D3: after the record of the id is gone, an old message is refused as too old, and not executed.
        old = (SystemClock().now() - timedelta(days=40)).isoformat()
        ancient = orjson.dumps(
            {**orjson.loads(application("load", f"old-{row.prefix}", f"old-{row.prefix}")), "time": old}
        )
        too_old = await sender.post(urls[0], ancient)
        row.check(
            (too_old.status, too_old.said.get("code")) == (422, "E_TOO_OLD"), f"D3: {too_old.status} {too_old.said}"
        )
        await connection.close()


async def repeat_of_a_failed_one(row: Row, stand: Stand, sender: Client) -> None:
    """D3: it gets the same receipt, which says that the message was accepted and nothing of its delivery; nothing is tried
    again, and who looks is told of the failure as before.
    """
    id_, url = f"failed-{row.prefix}", stand.urls["hub-1"]
    await stand.recipients["housing"].tell(f"reject {id_}")
    one = application("load", id_, id_)
    first = await sender.post(url, one)
    await delivered(sender, url, first.said["message"])
    before = await delivered(
        sender, url, first.said["message"]
    )  # the one before may have been read while it was written
    await stand.recipients["housing"].tell("well")
    for again in [await sender.post(address, one) for address in stand.urls.values()]:
        row.check((again.status, again.body) == (202, first.body), "D3: a repeat of a failed one has another receipt")
    after = await delivered(sender, url, first.said["message"])
    row.check(after == before, "D3: a repeat of a failed one changed what is told of it")
    states = {one["destination"]: one["state"] for one in after["deliveries"]}
    row.check(states == {"housing": "dead", "seals": "delivered"}, f"D3: {states}")
    row.check(first.said["type"] == "accepted", f"D3: the receipt says {first.said['type']}")
    row.check(not [one for one in everything(stand, "housing") if one["id"] == id_], "D3: what was refused took effect")


def everything(stand: Stand, place: str) -> list[Mapping[str, Any]]:
    lines = stand.recipients[place].book.read_bytes().splitlines()
    return [one for one in map(orjson.loads, lines) if one["kind"] == "effect"]


async def delivered(sender: Client, url: str, message: str) -> dict[str, Any]:
    """Wait until nothing of a message is under way any more; its view."""
    async with asyncio.timeout(60):
        while True:
            view = (await sender.get(url, f"/v1/messages/{message}")).said
            if all(one["state"] in {"delivered", "dead", "in_doubt"} for one in view["deliveries"]):
                return view
            await asyncio.sleep(0.1)


async def test_d4_the_records_of_many_cases_interleave(stand: Stand, repetition: int, seed: int) -> None:
    """Through both hubs at once. What is out of order by the lifecycle is the business of the lifecycle's own tests."""
    most = SIZE.cases * 4
    async with Row(stand, "D4", SIZE, repetition, seed, cases=SIZE.cases, rate=SIZE.rate * 5, most=most) as row:
        await row.all_sent()
        row.figures["cases"] = SIZE.cases


async def test_d6_the_place_for_strange_messages_is_missing_or_full(stand: Stand, repetition: int, seed: int) -> None:
    """Dead letters are rows of the journal; the one thing that is moved inside the broker are messages not ours."""
    broker, host = stand.servers.broker, f"faults-{stand.name}"
    url = await stand.make_virtual_host()
    queue = str(QueueName("default", 3))
    async with Row(stand, "D6", SIZE, repetition, seed) as row, stranger(url) as connection:
        await (await connection.channel()).queue_delete(ASIDE)
        await strange(connection, queue, b"missing")
        row.check(await until_aside(url) == b"missing", "what came while the place was missing is not there")
        await broker.control(
            "set_policy", "--vhost", host, "full", f"^{ASIDE}$", '{"max-length":4,"overflow":"reject-publish"}'
        )
        # RabbitMQ 3.10 refuses softly, once it has noticed that the queue is too long; so there are some on every queue.
        bodies = {b"%d" % n for n in range(PARTITIONS * 3)}
        try:
            for n, body in enumerate(sorted(bodies)):
                await strange(connection, str(QueueName("default", n % PARTITIONS)), body)
            await row.flowing(20)  # what cannot be set aside is in nobody's way
            held = await (await connection.channel()).queue_declare(ASIDE, passive=True)
            row.figures["refused and held back"] = len(bodies) - (held.message_count or 0)
            row.check((held.message_count or 0) < len(bodies), "the place was never full")
        finally:
            await broker.control("clear_policy", "--vhost", host, "full")
        found = [await until_aside(url) for _ in bodies]
        row.check(sorted(found) == sorted(bodies), f"found {sorted(found)}")
        row.check(
            any(line["event"] == "bus.foreign_message" for hub in stand.hubs for line in stand.log_of(hub)),
            "no word in the log",
        )


@asynccontextmanager
async def stranger(url: str) -> AsyncIterator[aiormq.abc.AbstractConnection]:
    """Somebody else's connection to the same broker."""
    connection = await aiormq.connect(url)
    try:
        yield connection
    finally:
        with suppress(Exception):
            await connection.close()


async def strange(connection: aiormq.abc.AbstractConnection, queue: str, body: bytes) -> None:
    channel = await connection.channel()
    properties = aiormq.spec.Basic.Properties(content_type="text/plain", delivery_mode=2)
    await channel.basic_publish(body, routing_key=queue, properties=properties)
    await channel.close()


async def until_aside(url: str) -> bytes:
    """Wait for a message in the place for strange ones, and take it. Of a queue that is being made anew the broker may say that
    it is not there, or that it has no process for it yet, and then it ends the whole connection.
    """
    async with asyncio.timeout(60):
        while True:
            async with stranger(url) as connection:
                channel = await connection.channel()
                with suppress(aiormq.exceptions.ChannelNotFoundEntity, aiormq.exceptions.ConnectionInternalError):
                    message = await channel.basic_get(ASIDE, no_ack=True)
                    if isinstance(message.delivery, aiormq.spec.Basic.GetOk):
                        return bytes(message.body)
            await asyncio.sleep(0.2)


async def test_d9_the_broker_swallows_what_it_has_confirmed(stand: Stand, repetition: int, seed: int) -> None:
    """More cases of one partition than a hub takes in hand, then the queue is emptied by hand."""
    host = f"faults-{stand.name}"
    partition = seed % PARTITIONS
    async with Row(stand, "D9", SIZE, repetition, seed) as row, client("load") as sender:
        names = (f"swallowed-{row.prefix}-{n}" for n in range(100_000))
        cases = [case for case, _ in zip(of_partition(names, partition), range(90), strict=False)]
        for recipient in stand.recipients.values():
            await recipient.tell("slow 4")
        url = stand.urls["hub-1"]
        for case in cases:  # one after the other: a frame each
            answer = await sender.post(url, application("load", case, case))
            row.check(answer.status == 202, f"not accepted: {answer.status}")
        purged = await stand.servers.broker.control(
            "purge_queue", "--vhost", host, str(QueueName("default", partition))
        )
        swallowed = time.monotonic()
        for recipient in stand.recipients.values():
            await recipient.tell("well")
        row.figures["purged"] = purged.strip().splitlines()[-1][:60]
        await until_finished(stand, f"swallowed-{row.prefix}-")
        row.within("found and driven again", time.monotonic() - swallowed, 300.0)
        for place in ("housing", "seals"):
            ids = [one["id"] for one in everything(stand, place) if one["id"] in set(cases)]
            row.check(sorted(ids) == sorted(cases), f"{len(ids)} effects of {len(cases)} messages at {place}")
        offered = [line for hub in stand.hubs for line in stand.log_of(hub) if line["event"] == "offered again"]
        row.check(bool(offered), "nothing was offered again, so nothing was swallowed")


def of_partition(cases: Any, partition: int) -> Any:
    return (case for case in cases if partition_of(case, PARTITIONS) == partition)


async def until_finished(stand: Stand, prefix: str) -> None:
    connection = await stand.connect()
    try:
        async with asyncio.timeout(330):
            while await connection.fetchval("select count(*) from delivery_open where case_no like $1", f"{prefix}%"):
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
