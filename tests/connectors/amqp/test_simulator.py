# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated department that has message queues does as its script says at a real broker, and the connector copes."""

import asyncio
import json
import secrets as chance
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import orjson
import pytest
from yarl import URL

from connectors.amqp.config import SinkConfig, SourceConfig
from connectors.amqp.connector import CONNECTOR
from connectors.amqp.simulated_line import Trouble
from connectors.amqp.simulator import SIMULATOR, WorkingDepartment
from connectors.amqp.simulator_words import ON_THE_LINE, PUTS, AmqpOptions, Step
from connectors.sdk import Context, Delivered, Item, Parcel, Refused, Taken, Unavailable
from hub.bench.broker import free_ports

WITHIN = 30.0
LINE = {
    Trouble.PASS: ("Delivered", True),
    Trouble.LATE: ("Delivered", True),
    Trouble.CUT: ("InDoubt", True),
    Trouble.LOST: ("InDoubt", False),
    Trouble.HANG: ("InDoubt", True),
    Trouble.RESTART: ("InDoubt", False),
}
PUT = {Step.GOOD: 1, Step.TWICE: 2, Step.CHANGED: 2, Step.GARBAGE: 1, Step.BARE: 1, Step.LARGE: 1}
DONE = {Step.OK, Step.SLOW, Step.FORGET, Step.REJECT, Step.STALL, Step.GONE}


def test_the_tables_are_whole() -> None:
    assert LINE.keys() == set(Trouble)
    assert PUT.keys() == PUTS
    assert set(Step) == DONE | PUTS | ON_THE_LINE


def queues() -> dict[str, str]:
    name = f"simulated-{chance.token_hex(6)}"
    return {"inside": f"{name}.in", "outside": f"{name}.out", "refused": f"{name}.refused"}


@asynccontextmanager
async def department(broker: str, script: Sequence[Step] = (), **options: Any) -> AsyncIterator[WorkingDepartment]:
    """One with queues of its own, which are gone afterwards."""
    url = URL(broker)
    chosen = {
        "url": str(url.with_user(None)), "user": url.user or "guest", "every_seconds": 0.02, "slow_seconds": 0.2,
        "away_seconds": 0.5, **queues(), **options,
    }  # fmt: skip
    try:
        async with WorkingDepartment(script, "127.0.0.1", 0, AmqpOptions.model_validate(chosen)) as running:
            yield running
    finally:
        connection = await aio_pika.connect(broker)
        async with connection:
            channel = await connection.channel()
            for name in ("inside", "outside", "refused"):
                await channel.queue_delete(chosen[name])


@pytest.fixture(autouse=True)
def password(rabbitmq: str, monkeypatch: pytest.MonkeyPatch, secrets: dict[str, str]) -> str:
    secrets["mq"] = URL(rabbitmq).password or "guest"
    monkeypatch.setenv("AMQP_PASSWORD", secrets["mq"])
    return secrets["mq"]


def sink_config(running: WorkingDepartment, broker: str, **changes: Any) -> SinkConfig:
    settings = {
        "url": running.address, "user": URL(broker).user or "guest", "password_secret": "mq",
        "routing_key": running.options.inside, "idempotency": "none",
    }  # fmt: skip
    return SinkConfig.model_validate(settings | changes)


def source_config(running: WorkingDepartment, broker: str) -> SourceConfig:
    options = running.options
    settings = {
        "url": running.address, "user": URL(broker).user or "guest", "password_secret": "mq",
        "queue": options.outside, "refused_queue": options.refused,
    }  # fmt: skip
    return SourceConfig.model_validate(settings)


async def until(running: WorkingDepartment, found: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN), running.programme.changed:
        await running.programme.changed.wait_for(found)


@pytest.mark.parametrize("trouble", Trouble)
async def test_the_line_is_troubled_as_its_script_says(
    rabbitmq: str, context: Context, parcel: Callable[..., Parcel], trouble: Trouble
) -> None:
    async with (
        department(rabbitmq, [Step(str(trouble))]) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq), context) as sink,
    ):
        async with running.restarts:
            outcome = await sink.send(parcel(timeout=2.0))
            if trouble is Trouble.RESTART:
                async with asyncio.timeout(WITHIN):
                    await running.restarts.wait()
        after = await sink.send(parcel("key-2"))
        await until(running, lambda: "key-2" in running.programme.taken)
    expected, there = LINE[trouble]
    assert (type(outcome).__name__, "key-1" in running.programme.taken) == (expected, there)
    assert after == Delivered()


async def test_what_is_not_acknowledged_comes_again_and_is_known(
    rabbitmq: str, context: Context, parcel: Callable[..., Parcel]
) -> None:
    async with (
        department(rabbitmq, [Step.FORGET, Step.SLOW]) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq), context) as sink,
    ):
        for key in ("key-1", "key-2"):
            await sink.send(parcel(key))
        await until(running, lambda: len(running.programme.taken) == 2)
    assert running.programme.taken == ["key-1", "key-2"]
    assert running.programme.repeated == ["key-1"]


async def test_what_it_rejects_it_does_not_see_again(
    rabbitmq: str, context: Context, parcel: Callable[..., Parcel]
) -> None:
    async with (
        department(rabbitmq, [Step.REJECT]) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq), context) as sink,
    ):
        for key in ("key-1", "key-2"):
            await sink.send(parcel(key))
        await until(running, lambda: running.programme.taken)
    assert (running.programme.rejected, running.programme.taken) == (["key-1"], ["key-2"])


async def test_who_stands_still_has_a_full_queue(
    rabbitmq: str, context: Context, parcel: Callable[..., Parcel]
) -> None:
    async with (
        department(rabbitmq, [Step.STALL], max_length=2, away_seconds=60) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq, idempotency="native"), context) as sink,
    ):
        outcomes = [await sink.send(parcel(f"key-{n}")) for n in range(6)]
    nacked = [one for one in outcomes if isinstance(one, Unavailable)]
    assert Delivered() in outcomes
    assert nacked
    assert all(one.reason.startswith("NACKED") for one in nacked)


async def test_a_queue_that_is_gone_is_told_and_comes_back(
    rabbitmq: str, context: Context, parcel: Callable[..., Parcel]
) -> None:
    async with (
        department(rabbitmq, [Step.GONE], away_seconds=1.0) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq), context) as sink,
    ):
        async with asyncio.timeout(WITHIN), running.programme.gone, asyncio.TaskGroup() as group:
            group.create_task(sink.send(parcel("key-1")))  # once somebody waits, so that nothing is told to nobody
            await running.programme.gone.wait()
        missing = await sink.send(parcel("key-2"))
        await until(running, lambda: running.programme.connected == 2)
        after = await sink.send(parcel("key-3"))
    assert isinstance(missing, Unavailable)
    assert missing.reason.startswith("NO_ROUTE")
    assert after == Delivered()


@pytest.mark.parametrize("step", PUT)
async def test_it_puts_messages_as_its_script_says(rabbitmq: str, context: Context, step: Step) -> None:
    async with (
        department(rabbitmq, [step, Step.GOOD], large_bytes=200_000) as running,
        CONNECTOR.source(source_config(running, rabbitmq), context) as source,
    ):
        items: list[Item] = []
        async with asyncio.timeout(WITHIN):
            while len(items) <= PUT[step]:
                more = await source.take()
                items += more
                await source.settle([(one.token, Taken()) for one in more])
    *first, last = items
    assert orjson.loads(last.body)["subject"] == "510500-20260302-000002"
    ids = Counter(_id(one) for one in first)
    bodies = {one.body for one in first}
    match step:
        case Step.GOOD:
            assert ids == {"510500-20260302-000001-sim-1": 1}
        case Step.TWICE:
            assert (set(ids.values()), len(bodies)) == ({2}, 1)
        case Step.CHANGED:
            assert (set(ids.values()), len(bodies)) == ({2}, 2)
        case Step.LARGE:
            assert [len(one.body) for one in first] == [200_000]
        case _:
            assert set(ids) == {""}


def _id(item: Item) -> str:
    try:
        return str(orjson.loads(item.body).get("id", ""))
    except orjson.JSONDecodeError:
        return ""


async def test_it_sees_what_was_refused_and_why(rabbitmq: str, context: Context) -> None:
    async with (
        department(rabbitmq, [Step.GARBAGE]) as running,
        CONNECTOR.source(source_config(running, rabbitmq), context) as source,
    ):
        async with asyncio.timeout(WITHIN):
            [item] = await source.take()
        await source.settle([(item.token, Refused("E_CONTENT_TYPE", b'{"code":"E_CONTENT_TYPE"}'))])
        await until(running, lambda: running.programme.refused)
    assert running.programme.refused == [("510500-20260302-000001-sim-1", "E_CONTENT_TYPE")]


async def test_what_it_handles_it_replies_to(rabbitmq: str, context: Context, parcel: Callable[..., Parcel]) -> None:
    event = {"specversion": "1.0", "subject": "办件-7"}
    async with (
        department(rabbitmq, [Step.OK], reply=True) as running,
        CONNECTOR.sink(sink_config(running, rabbitmq, mode="plain"), context) as sink,
        CONNECTOR.source(source_config(running, rabbitmq), context) as source,
    ):
        assert await sink.send(parcel(body=orjson.dumps(event))) == Delivered()
        async with asyncio.timeout(WITHIN):
            [item] = await source.take()
        await source.settle([(item.token, Taken())])
    assert orjson.loads(item.body)["subject"] == "办件-7"


async def test_a_broker_that_is_not_there_is_told() -> None:
    [port] = free_ports(1)
    options = AmqpOptions(url=f"amqp://127.0.0.1:{port}/")
    with pytest.raises(OSError, match=str(port)):
        async with SIMULATOR.start([], "127.0.0.1", 0, options):
            pass


async def test_the_command_starts_it(rabbitmq: str, context: Context, parcel: Callable[..., Parcel]) -> None:
    url, names = URL(rabbitmq), queues()
    options = {"url": str(url.with_user(None)), "user": url.user or "guest", "every_seconds": "0.05", **names}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "amqp", "--script", "lost,pass,ok", "--json",
        *[word for name, value in options.items() for word in ("--option", f"{name}={value}")],
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), WITHIN))
        settings = {
            "url": told["address"], "user": options["user"], "password_secret": "mq", "routing_key": names["inside"],
        }  # fmt: skip
        async with CONNECTOR.sink(SinkConfig.model_validate(settings), context) as sink:
            outcomes = [await sink.send(parcel()), await sink.send(parcel())]
        process.send_signal(signal.SIGINT)
        ended = await asyncio.wait_for(process.wait(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert [type(one).__name__ for one in outcomes] == ["InDoubt", "Delivered"]
    assert (told["kind"], ended) == ("amqp", 0)
