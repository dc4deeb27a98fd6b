# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""B.1 of the fault catalogue: processes and machines that die, or stand still."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import pytest

from hub.demo.far.chance import pick
from tests.faults.affected import Owners
from tests.faults.row import Row, p99
from tests.faults.sizes import chosen
from tests.faults.stand import Stand

SIZE = chosen()
RECOVERY = 30.0
pytestmark = pytest.mark.timeout(SIZE.row_seconds)


async def claimed_by(stand: Stand, hub: str) -> Sequence[UUID]:
    """What that hub is sending at this moment."""
    connection = await stand.connect()
    try:
        rows = await connection.fetch(
            """select o.id from delivery_open o join hub_instance h on h.incarnation = o.holder
               where h.name = $1 and o.state = 'sending'""", hub,
        )  # fmt: skip
        return [row["id"] for row in rows]
    finally:
        await connection.close()


async def taken_back(stand: Stand, claimed: Sequence[UUID], incarnations: Sequence[UUID]) -> float:
    """Wait until nobody who is dead holds any of them; how long that took."""
    begun = time.monotonic()
    connection = await stand.connect()
    try:
        async with asyncio.timeout(120):
            while await connection.fetchval(
                "select count(*) from delivery_open where id = any($1::uuid[]) and state = 'sending' "
                "and holder = any($2::uuid[])", claimed, incarnations,
            ):  # fmt: skip
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return time.monotonic() - begun


async def incarnation_of(stand: Stand, hub: str) -> Sequence[UUID]:
    connection = await stand.connect()
    try:
        return [row[0] for row in await connection.fetch("select incarnation from hub_instance where name = $1", hub)]
    finally:
        await connection.close()


async def test_f1_hubs_are_killed_one_after_the_other(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "F1", SIZE, repetition, seed) as row:
        await row.flowing()
        recoveries: list[float] = []

        serving = set(stand.hubs)

        async def begin_again(name: str, claimed: Sequence[UUID], dead: Sequence[UUID]) -> None:
            await stand.start(name)
            serving.add(name)
            recoveries.append(await taken_back(stand, claimed, dead))

        async with Owners(row) as owners, asyncio.TaskGroup() as restarts:
            end, kill = time.monotonic() + SIZE.kills, 0
            while time.monotonic() < end:
                await asyncio.sleep(row.draw(1, 5, "pause", kill))
                kill += 1
                if not serving:
                    continue
                victim = pick(sorted(serving), seed, "victim", kill)
                serving.discard(victim)
                claimed, dead = await claimed_by(stand, victim), await incarnation_of(stand, victim)
                await stand.hubs[victim].kill()
                owners.deaths.append((time.monotonic(), victim))
                restarts.create_task(begin_again(victim, claimed, dead))
        await row.watch.until_ready(stand.hubs)
        await row.rest()
        await row.quiet()
        unaffected = owners.unaffected("housing")
        row.figures["kills"] = len(owners.deaths)
        row.figures["unaffected messages"] = len(unaffected)
        row.within("p99 of the unaffected", p99(unaffected), SIZE.calm)
        row.within("claims taken back", max(recoveries), RECOVERY)


async def test_f3_the_broker_is_killed(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "F3", SIZE, repetition, seed) as row:
        for kill in range(SIZE.broker_kills):
            outage = SIZE.outages[kill % len(SIZE.outages)]
            await row.flowing(10)
            await asyncio.sleep(row.draw(0, 1, "phase", kill))
            await stand.servers.broker.kill()
            killed = time.monotonic()
            await row.blocked("bus", killed, most=5.0)
            await row.accepted(10)
            await asyncio.sleep(max(0.0, killed + outage - time.monotonic()))
            await stand.servers.broker.start()
            healed = time.monotonic()
            await row.ready(healed, most=30.0)
            await row.drained(healed, 2 * (healed - killed) + 30)


async def test_f4_the_broker_comes_back_empty(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "F4", SIZE, repetition, seed) as row:
        await row.flowing(10)
        for recipient in stand.recipients.values():
            await recipient.tell("slow 3")  # so that frames are on the bus, and claims in the hubs
        await row.accepted(30)
        await stand.servers.broker.wipe()
        await stand.make_virtual_host()
        back = time.monotonic()
        for recipient in stand.recipients.values():
            await recipient.tell("well")
        await row.ready(back, most=30.0)
        await row.drained(back, 60.0)
        await row.flowing(10)


async def test_f5_postgresql_is_killed(stand: Stand, repetition: int, seed: int) -> None:
    postgres = stand.servers.postgres
    async with Row(stand, "F5", SIZE, repetition, seed) as row:
        await row.flowing(10)
        await asyncio.sleep(row.draw(0, 1, "phase"))
        connection = await stand.connect()
        backends = await connection.fetch(
            "select pid from pg_stat_activity where application_name = 'govhub' order by pid"
        )
        await connection.close()
        os.kill(pick(backends, seed, "backend")["pid"], signal.SIGKILL)
        killed = time.monotonic()
        await row.accepted(5)
        row.within("accepts again after a backend's death", time.monotonic() - killed, RECOVERY)
        await row.flowing(5)
        for outage in SIZE.outages:
            await postgres.kill()
            killed = time.monotonic()
            await row.blocked("journal", killed)
            await asyncio.sleep(max(0.0, killed + outage - time.monotonic()))
            refused = row.answers(killed + 1, time.monotonic())
            row.check(bool(refused), "nothing was asked while PostgreSQL was away")
            row.check(
                all(one["status"] == 503 and one["retry_after"] for one in refused),
                "not every answer was a 503 with Retry-After",
            )
            await postgres.start()
            back = time.monotonic()
            await row.accepted(1)
            row.within("accepts again", time.monotonic() - back, RECOVERY)
            await row.ready(back)
            await row.drained(back, 2 * outage + 30)


async def test_f6_everything_is_killed_at_once(stand: Stand, repetition: int, seed: int) -> None:
    servers = stand.servers
    async with Row(stand, "F6", SIZE, repetition, seed) as row:
        await row.flowing(10)
        await asyncio.sleep(row.draw(0, 1, "phase"))
        killed = time.monotonic()
        await asyncio.gather(
            *(hub.kill() for hub in stand.hubs.values()), servers.broker.kill(), servers.postgres.kill()
        )
        await asyncio.gather(servers.postgres.start(), servers.broker.start())
        await asyncio.gather(*(stand.start(name) for name in stand.hubs))
        back = time.monotonic()
        await row.accepted(1)
        row.within("accepts again", time.monotonic() - back, RECOVERY)
        await row.ready(back, most=30.0)
        await row.drained(back, 2 * (back - killed) + 30)


async def test_f8_a_hub_that_stood_still_is_fenced_off(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "F8", SIZE, repetition, seed) as row:
        await row.flowing(10)
        for recipient in stand.recipients.values():
            await recipient.tell("slow 0.7")
        await row.flowing(10)
        zombie = pick(sorted(stand.hubs), seed, "zombie")
        (other,) = set(stand.hubs) - {zombie}
        async with asyncio.timeout(30):
            while not await claimed_by(stand, zombie):
                await asyncio.sleep(0.01)
        before = len(stand.log_of(zombie))
        stand.hubs[zombie].freeze()
        frozen = time.monotonic()
        await stand.until_shared([other], 60)
        row.within("partitions taken over", time.monotonic() - frozen, 15.0)
        await asyncio.sleep(max(0.0, frozen + SIZE.stop - time.monotonic()))
        stand.hubs[zombie].thaw()
        thawed = time.monotonic()
        await stand.until_shared(sorted(stand.hubs), 60)
        row.within("shared again", time.monotonic() - thawed, 15.0)
        for recipient in stand.recipients.values():
            await recipient.tell("well")
        await row.rest()
        await row.quiet()
        fenced = [
            line
            for line in stand.log_of(zombie)[before:]
            if line["event"] == "settled" and (line["stale"] in {True, "True"} or line["code"] == "LEASE_LOST")
        ]
        row.figures["writes refused"] = len(fenced)
        row.check(bool(fenced), "no write of the stale hub was refused")


async def test_a_queue_younger_than_its_brokers_death_comes_back(
    stand: Stand, repetition: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """RabbitMQ 3.10 does not bring back a quorum queue declared less than two seconds before its only node is killed."""
    broker = stand.servers.broker
    folder = tmp_path_factory.mktemp("young")
    async with Stand(stand.servers, folder, f"young-{repetition}", hubs=1, started=False) as young:
        starting = asyncio.create_task(young.start("hub-1"))
        await asyncio.wait_for(young.to_broker["hub-1"].met.wait(), 60)
        await asyncio.sleep(0.3 + seed * 0.37 % 2.0)
        await broker.kill()
        killed = time.monotonic()
        await broker.start()
        back = time.monotonic()
        await starting
        async with Row(young, "young queue", SIZE, repetition, seed) as row:
            row.figures["broker was away"] = back - killed
            await row.ready(back, most=60.0)
            await row.flowing(20)
    with suppress(RuntimeError):
        await broker.control("delete_vhost", f"faults-young-{repetition}")
