# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""B.2 of the fault catalogue: lines that are cut, hold back, trickle, or lose the answer."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.faults.client import application, client
from tests.faults.proxy import CLEAR, Proxy, Weather
from tests.faults.row import Row, p99
from tests.faults.sizes import chosen
from tests.faults.stand import ILL, Stand

SIZE = chosen()
DETECTION = 20.0
"""Two heartbeats."""
HUNG = 10.0
"""No request to a hub may wait longer for its answer, whatever is away."""
RESTORED = 30.0
BREAKER = 5
"""Failures one after the other that open a breaker, as deployments have it unless they say otherwise."""
pytestmark = pytest.mark.timeout(SIZE.row_seconds)


async def test_n1_hubs_and_broker_are_parted(stand: Stand, repetition: int, seed: int) -> None:
    lines = list(stand.to_broker.values())
    async with Row(stand, "N1", SIZE, repetition, seed) as row:
        pids = {name: hub.pid for name, hub in stand.hubs.items()}
        for length in SIZE.partitions:
            await row.flowing(10)
            begun = hold(lines)
            await row.accepted(10)
            if length >= 10:
                await row.blocked("bus", begun, most=DETECTION)
            await asyncio.sleep(max(0.0, begun + length - time.monotonic()))
            for line in lines:
                line.clear(half_open=row.draw(0, 1, "half-open", length, line.port) < 0.5)
            healed = time.monotonic()
            await row.ready(healed, most=RESTORED)
            await row.drained(healed, 2 * length + 30)
            await row.flowing(10)
        row.check({name: hub.pid for name, hub in stand.hubs.items()} == pids, "a hub was restarted")


async def test_n2_hubs_and_postgresql_are_parted(stand: Stand, repetition: int, seed: int) -> None:
    lines = list(stand.to_journal.values())
    async with Row(stand, "N2", SIZE, repetition, seed) as row:
        pids = {name: hub.pid for name, hub in stand.hubs.items()}
        for length in SIZE.partitions:
            await row.flowing(10)
            begun = hold(lines)
            if length >= 10:
                await row.blocked("journal", begun)
            await asyncio.sleep(max(0.0, begun + length - time.monotonic()))
            refused = row.answers(begun + 0.5, time.monotonic())
            for line in lines:
                line.clear(half_open=row.draw(0, 1, "half-open", length, line.port) < 0.5)
            healed = time.monotonic()
            row.check(
                all(one["status"] == 503 and one["retry_after"] for one in refused),
                "not every answer was a 503 with Retry-After",
            )
            await row.accepted(1)
            row.within("accepts again", time.monotonic() - healed, RESTORED)
            await row.ready(healed, most=RESTORED)
            await row.drained(healed, 2 * length + 30)
            waited = max(one["seconds"] for one in row.answers(begun, time.monotonic()))
            row.within("longest wait for an answer", waited, HUNG)
        row.check({name: hub.pid for name, hub in stand.hubs.items()} == pids, "a hub was restarted")


def hold(lines: Sequence[Proxy]) -> float:
    """Part them; the moment."""
    for line in lines:
        line.change(Weather(held=True))
    return time.monotonic()


async def test_n4_ill_recipients_keep_their_illness_to_themselves(stand: Stand, repetition: int, seed: int) -> None:
    lines = {place.name: stand.recipients[place.name].proxy for place in ILL}
    illness = {
        "hole": Weather(held=True), "cut": Weather(refusing=True), "late": Weather(delay=30), "trickle": Weather(pace=1),
        "stall": Weather(mute=True),
    }  # fmt: skip
    async with Row(stand, "N4", SIZE, repetition, seed) as row, client("ill") as ill:
        await row.flowing(int(SIZE.rate * SIZE.unaffected))
        fallen = time.monotonic()
        for name, line in lines.items():
            line.change(illness[name])
        url = stand.urls["hub-1"]
        one = await ill.post(url, application("ill", f"ill-{row.prefix}-0", f"ill-{row.prefix}-0"))
        row.check(one.status == 202, "a message for ill recipients was not accepted")
        await row.flowing(int(SIZE.rate * SIZE.unaffected))
        left_alone = await until_left_alone(stand, list(lines), row.prefix)
        row.check(not (lines.keys() - left_alone), f"closed after 90 s: {sorted(lines.keys() - left_alone)}")
        for name, failures in left_alone.items():
            row.check(failures <= BREAKER, f"{name}: the breaker opened after {failures} failures")
        healed = time.monotonic()
        for line in lines.values():
            line.change(CLEAR)
            line.reset()
        await row.rest()
        await row.quiet()
        delays = list(row.delays("housing").values())
        before = p99([delay for accepted, delay, _ in delays if accepted < fallen])
        meanwhile = p99([delay for accepted, delay, _ in delays if fallen <= accepted <= healed])
        row.figures["p99 of others before"] = round(before, 3)
        row.within("p99 of others meanwhile", meanwhile, before * 1.2 + SIZE.noise)
        for name, seconds in (await durations(stand, row.prefix)).items():
            row.within(f"longest send, {name}", seconds, 2.0 * 1.1 + SIZE.noise)


async def until_left_alone(stand: Stand, places: Sequence[str], prefix: str) -> dict[str, int]:
    """Wait until the breakers of all these are open, or for 90 s; how many attempts each had whose breaker is."""
    connection = await stand.connect()
    until = time.monotonic() + 90
    try:
        while True:
            rows = await connection.fetch(
                """select g.destination, (
                       select count(*) from attempt a join message m on m.id = a.message_id
                       where a.destination = g.destination and m.case_no like $1 and a.ended_at <= g.since)::int as n
                   from destination_gate g where g.destination = any($2::text[]) and g.breaker <> 'closed'""",
                f"ill-{prefix}-%", places,
            )  # fmt: skip
            if len(rows) == len(places) or time.monotonic() > until:
                return {row["destination"]: row["n"] for row in rows}
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def durations(stand: Stand, prefix: str) -> dict[str, float]:
    """The longest attempt at every ill recipient, in seconds."""
    connection = await stand.connect()
    try:
        rows = await connection.fetch(
            """select a.destination, max(extract(epoch from a.ended_at - a.started_at))::float8 as seconds
               from attempt a join message m on m.id = a.message_id
               where m.case_no like $1 and a.state <> 'delivered' group by 1""", f"ill-{prefix}-%",
        )  # fmt: skip
        return {row["destination"]: row["seconds"] for row in rows}
    finally:
        await connection.close()


async def test_n5_the_reply_is_lost_after_the_recipient_acted(stand: Stand, repetition: int, seed: int) -> None:
    housing, seals = stand.recipients["housing"], stand.recipients["seals"]
    async with Row(stand, "N5", SIZE, repetition, seed) as row:
        await row.flowing(10)
        for recipient in (housing, seals):
            recipient.proxy.swallowed.clear()
            recipient.proxy.change(Weather(mute=True))
        await asyncio.wait_for(asyncio.gather(housing.proxy.swallowed.wait(), seals.proxy.swallowed.wait()), 30)
        await asyncio.sleep(row.draw(0.2, 1, "length"))
        for recipient in (housing, seals):
            recipient.proxy.clear(half_open=True)
        await row.rest()
        await row.quiet()
        journal = await row.journal()
        doubtful = [place for place, one in journal.open.items() if one.state == "in_doubt"]
        row.figures["in doubt"] = len(doubtful)
        row.check(bool(doubtful), "nothing at the blind recipient is in doubt")
        row.check(all(at == "seals" for _, at in doubtful), "something that could be repeated is in doubt")
        row.check(all(len(journal.attempts[place]) == 1 for place in doubtful), "what is in doubt was sent again")


async def test_n5_a_recipient_that_can_be_asked(stand: Stand, repetition: int, seed: int) -> None:
    """It keeps no key, so nothing is repeated to it; what became of a lost reply is asked, and nobody waits for a person."""
    async with Row(stand, "N5 asked", SIZE, repetition, seed, source="asked") as row:
        registry = stand.recipients["registry"].proxy
        await row.flowing(10)
        registry.swallowed.clear()
        registry.change(Weather(mute=True))
        await asyncio.wait_for(registry.swallowed.wait(), 30)
        await asyncio.sleep(row.draw(0.2, 1, "length"))
        registry.clear(half_open=True)
        await row.rest()
        await row.quiet()
        journal = await row.journal()
        asked = [attempts for attempts in journal.attempts.values() if ("in_doubt", "IN_DOUBT") in attempts]
        row.figures["asked about"] = len(asked)
        row.check(bool(asked), "no reply was lost")
        row.check(
            all(attempts[-1][0] == "delivered" for attempts in asked), f"what was asked about ended as {asked[:5]}"
        )
        row.check(not journal.open, f"{len(journal.open)} deliveries are not finished")


async def test_a_recipient_is_away(stand: Stand, repetition: int, seed: int) -> None:
    """Nothing is listening there for a while: it gets everything afterwards, and the others never notice."""
    async with Row(stand, "recipient away", SIZE, repetition, seed) as row:
        housing = stand.recipients["housing"].proxy
        await row.flowing(10)
        housing.change(Weather(refusing=True))
        housing.reset()
        away = time.monotonic()
        await row.flowing_at("seals", int(SIZE.rate * 2))
        await asyncio.sleep(max(0.0, away + max(SIZE.outages) - time.monotonic()))
        housing.clear()
        back = time.monotonic()
        await row.drained(back, 2 * (back - away) + 30)
        delays = [delay for accepted, delay, _ in row.delays("seals").values() if away <= accepted <= back]
        row.within("p99 of the other meanwhile", p99(delays), SIZE.calm)
