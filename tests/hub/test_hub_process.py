# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub as operators run it: started, stopped with work in hand, refused, doubled, and with a connector in a child process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest

from certs.api_key import digest_of
from hub.bench.payload import CONTRACT, Payload
from hub.journal.embedded import erase
from hub.ports.clock import SystemClock
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.rabbitmq import RabbitNode

KEY = "ghk_test"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents+json"}

wheel = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@pytest.fixture
async def far_side() -> AsyncIterator[IdempotentFarSide]:
    async with idempotent_far_side() as opened:
        yield opened


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def deployment(
    directory: Path, dsn: str, far_side: IdempotentFarSide, *, name: str = "hub-1", bus: str = "memory",
    isolation: str = "hub", more: Mapping[str, object] | None = None,
) -> Path:  # fmt: skip
    """A deployment file with one sender and one REST destination."""
    directory.mkdir(exist_ok=True)
    return write_deployment(
        directory,
        {
            "hub": {"name": name, "listen": "127.0.0.1:0"},
            "journal": dsn,
            "bus": bus,
            "systems": {"bench": {"keys": [digest_of(KEY)], "sends": ["*"], "any_case": True}, "far": {}},
            "destinations": {
                "far": {
                    "system": "far",
                    "connector": "rest",
                    "isolation": isolation,
                    "settings": {"url": far_side.url, "mode": "binary"},
                }
            },
            **(more or {}),
        },
        [{"name": "all", "when": {"contract": CONTRACT}, "to": ["far"]}],
    )


async def send(http: aiohttp.ClientSession, hub: HubProcess, body: bytes) -> Mapping[str, str]:
    """Send one message; the receipt."""
    async with http.post(f"{hub.url}/v1/messages", data=body, headers=HEADERS) as answer:
        receipt: Mapping[str, str] = await answer.json(content_type=None)
        assert answer.status == 202, receipt
        return receipt


@wheel
async def test_a_third_party_isolation_carries_messages_from_a_child_process(
    journal_dsn: str, far_side: IdempotentFarSide, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    hub = HubProcess(deployment(tmp_path, journal_dsn, far_side, isolation="process"))
    await hub.start()
    receipt = await send(http, hub, Payload(3).body(1, 0.0))
    await far_side.until(1, 30)
    assert await hub.stop() == 0, hub.log()

    assert far_side.effects == [(receipt["case"], receipt["id"])]


@wheel
async def test_a_stop_finishes_what_is_in_hand_and_leaves_nothing_to_repeat(
    journal_dsn: str, far_side: IdempotentFarSide, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    config = deployment(tmp_path, journal_dsn, far_side)
    hub = HubProcess(config)
    await hub.start()
    with far_side.holding():
        await send(http, hub, Payload(3).body(1, 0.0))
        await asyncio.wait_for(far_side.asked.wait(), 30)
        stopping = asyncio.create_task(hub.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
    assert await stopping == 0, hub.log()

    await hub.start()
    await send(http, hub, Payload(3).body(1, 1.0))
    await far_side.until(2, 30)
    assert await hub.stop() == 0
    assert far_side.repeats == 0, "the first was settled before the hub stopped"


async def test_a_killed_hub_finds_its_own_database_and_finishes(
    far_side: IdempotentFarSide, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    hub = HubProcess(deployment(tmp_path, "embedded", far_side))
    try:
        await hub.start()
        with far_side.holding():
            receipts = [await send(http, hub, Payload(2).body(number, 0.0)) for number in range(6)]
            await asyncio.wait_for(far_side.asked.wait(), 30)
            await hub.kill()
        await hub.start()  # its PostgreSQL lived on, and is adopted
        again = await send(http, hub, Payload(2).body(0, 0.0))
        await far_side.until(6, 60)
        assert await hub.stop() == 0, hub.log()
    finally:
        assert await erase(tmp_path / "var" / "postgres", clock=SystemClock()) is None

    assert again == receipts[0], "the stored receipt"
    for case in {r["case"] for r in receipts}:
        assert [e for c, e in far_side.effects if c == case] == [r["id"] for r in receipts if r["case"] == case]


@wheel
async def test_a_name_or_a_number_of_partitions_that_does_not_fit_is_refused_with_its_remedy(
    journal_dsn: str, far_side: IdempotentFarSide, tmp_path: Path
) -> None:
    hub = HubProcess(deployment(tmp_path / "one", journal_dsn, far_side))
    await hub.start()
    twin = HubProcess(deployment(tmp_path / "two", journal_dsn, far_side))
    assert await twin.refused() == 2
    assert "名为 hub-1 的实例正在运行" in twin.log()
    other = HubProcess(deployment(tmp_path / "three", journal_dsn, far_side, name="hub-3", more={"partitions": 4}))
    assert await other.refused() == 2
    assert "partitions: 16" in other.log()
    assert await hub.stop() == 0


@wheel
async def test_two_hubs_with_a_third_of_their_input_in_common_share_the_work(
    journal_dsn: str, far_side: IdempotentFarSide, http: aiohttp.ClientSession, rabbit_node: RabbitNode, tmp_path: Path
) -> None:
    bus = await rabbit_node.virtual_host("two-hubs")
    hubs = [
        HubProcess(deployment(tmp_path / name, journal_dsn, far_side, name=name, bus=bus))
        for name in ("hub-1", "hub-2")
    ]
    await asyncio.gather(*(hub.start() for hub in hubs))
    payload = Payload(12)
    bodies = [payload.body(number, 0.0) for number in range(150)]

    async def feed(hub: HubProcess, mine: list[bytes]) -> list[Mapping[str, str]]:
        answers: list[Mapping[str, str]] = []
        for start in range(0, len(mine), 10):
            answers += await asyncio.gather(*(send(http, hub, body) for body in mine[start : start + 10]))
        return answers

    ours, theirs = await asyncio.gather(feed(hubs[0], bodies[:100]), feed(hubs[1], bodies[:49:-1]))
    await far_side.until(150, 60)
    assert [await hub.stop() for hub in hubs] == [0, 0], hubs[0].log() + hubs[1].log()

    receipts = {r["id"]: r["message"] for r in ours}
    both = [r for r in theirs if r["id"] in receipts]
    assert len(both) == 50
    assert all(r["message"] == receipts[r["id"]] for r in both), "one acceptance each, whichever hub was asked"
    assert len({event for _, event in far_side.effects}) == len(far_side.effects) == 150


@wheel
async def test_the_work_of_a_killed_hub_is_finished_by_the_other(
    journal_dsn: str, far_side: IdempotentFarSide, http: aiohttp.ClientSession, rabbit_node: RabbitNode, tmp_path: Path
) -> None:
    bus = await rabbit_node.virtual_host("killed-hub")
    hubs = [
        HubProcess(deployment(tmp_path / name, journal_dsn, far_side, name=name, bus=bus))
        for name in ("hub-1", "hub-2")
    ]
    await hubs[0].start()
    payload = Payload(8)
    with far_side.holding():
        receipts = [await send(http, hubs[0], payload.body(number, 0.0)) for number in range(24)]
        await asyncio.wait_for(far_side.asked.wait(), 30)
        await hubs[1].start()
        await hubs[0].kill()
    await far_side.until(24, 60)
    assert await hubs[1].stop() == 0, hubs[1].log()

    by_case: dict[str, list[str]] = {}
    for receipt in receipts:
        by_case.setdefault(receipt["case"], []).append(receipt["id"])
    effects: dict[str, list[str]] = {}
    for case, event in far_side.effects:
        effects.setdefault(case, []).append(event)
    assert effects == by_case, "each once, each case in its order"
