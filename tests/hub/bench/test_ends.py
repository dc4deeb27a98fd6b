# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's own ends count what happens: every answer, every arrival, every repeat."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import orjson

from hub.bench.load import Sender
from hub.bench.payload import Payload
from hub.bench.plain_http import Callee, Respond, header
from hub.bench.sink import Tally


@asynccontextmanager
async def _serving(respond: Respond) -> AsyncIterator[str]:
    callees: list[Callee] = []

    def called() -> Callee:
        callees.append(Callee(respond))
        return callees[-1]

    async with await asyncio.get_running_loop().create_server(called, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for callee in callees:
        await callee.ended.wait()


def _hub(status: Callable[[dict[str, str]], int], events: list[dict[str, str]]) -> Respond:
    def respond(method: str, path: str, head: bytes, body: bytes) -> tuple[int, bytes]:
        assert (method, path) == ("POST", "/v1/messages")
        assert header(head, b"authorization") == "Bearer secret"
        read = orjson.loads(body)
        batch = header(head, b"content-type") == "application/cloudevents-batch+json"
        events.extend(read if batch else [read])
        if batch:
            return 200, orjson.dumps([{"status": status(event)} for event in read]).replace(b"}", b',"receipt":{}}')
        return status(read), b"{}"

    return respond


async def test_a_full_load_counts_answers_and_sends_no_id_twice() -> None:
    events: list[dict[str, str]] = []
    async with _serving(_hub(lambda event: 503 if event["subject"] == "bench-1" else 202, events)) as url:
        sender = Sender({"url": url, "key": "secret", "first": 0, "cases": 3})
        result = await sender.closed(0.2, 4)
    refused = sum(event["subject"] == "bench-1" for event in events)
    assert result.refused == {"503": refused}
    assert (result.sent, result.accepted) == (len(events), len(events) - refused)
    assert len(result.latencies) == result.accepted > 4
    assert len({event["id"] for event in events}) == len(events)


async def test_an_open_loop_keeps_its_rate_on_connections_that_are_kept() -> None:
    events: list[dict[str, str]] = []
    async with _serving(_hub(lambda _: 202, events)) as url:
        result = await Sender({"url": url, "key": "secret", "first": 0, "cases": 3}).open(0.2, 200)
    assert (result.sent, result.accepted, result.late) == (40, 40, 0)
    assert min(result.latencies) > 0


async def test_a_batch_counts_each_of_its_events() -> None:
    events: list[dict[str, str]] = []
    async with _serving(_hub(lambda event: 400 if event["subject"] == "bench-1" else 202, events)) as url:
        sender = Sender({"url": url, "key": "secret", "first": 0, "cases": 3, "batch": 6})
        result = await sender.closed(0.1, 2)
    assert result.sent * 6 == len(events)
    assert result.accepted == sum(event["subject"] != "bench-1" for event in events)
    assert result.refused == {"200": result.sent}


async def test_a_hub_that_hangs_up_is_counted_and_called_again() -> None:
    calls = 0

    def respond(_method: str, _path: str, _head: bytes, _body: bytes) -> tuple[int, bytes]:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise ValueError("hang up")
        return 202, b"{}"

    async with _serving(respond) as url:
        result = await Sender({"url": url, "key": "secret", "first": 0, "cases": 3}).closed(0.2, 2)
    assert result.sent == calls
    assert result.accepted + sum(result.refused.values()) == calls
    assert set(result.refused) == {"ServerDisconnected"}


async def test_the_far_side_counts_effects_repeats_and_what_it_does_not_take() -> None:
    tally = Tally()
    async with _serving(tally.respond) as url, aiohttp.ClientSession() as session:

        async def arrives(destination: str, event: str, case: int) -> int:
            headers = {"ce-id": f"{event}@1.5", "CE-Subject": f"bench-{case}"}
            async with session.post(f"{url}/in/{destination}", data=b"x" * 3000, headers=headers) as answer:
                return answer.status

        assert [await arrives("a", "1", 7), await arrives("b", "1", 7), await arrives("a", "1", 7)] == [204] * 3
        async with session.post(f"{url}/poison", json=5) as answer:
            assert answer.status == 204
        assert [await arrives("a", "2", 4), await arrives("a", "3", 5)] == [503, 204]
        async with session.get(f"{url}/tally") as answer:
            told = await answer.json()
        assert (told["effects"], told["repeats"]) == (3, 1)
        async with session.post(f"{url}/latencies") as answer:
            assert len(await answer.json()) == 3
        async with session.post(f"{url}/latencies") as answer:
            assert await answer.json() == []
        async with session.get(f"{url}/elsewhere") as answer:
            assert answer.status == 404


def test_bodies_differ_only_in_id_and_case() -> None:
    payload = Payload(10)
    first, second = (orjson.loads(payload.body(number, 2.5)) for number in (3, 4))
    assert (first.pop("id"), second.pop("id")) == ("3@2.500000", "4@2.500000")
    assert first["subject"] == first["data"]["case_no"] == payload.event(3).subject
    assert first["data"] == payload.event(3).data
    for one in (first, second):
        del one["subject"], one["data"]["case_no"]
    assert first == second
