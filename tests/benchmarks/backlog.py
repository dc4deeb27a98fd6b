# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A million deliveries wait for one destination: what it costs everybody else, and how they drain afterwards.

    python -m tests.benchmarks.backlog --count 1000000 --cases 10000 --seconds 30

A real hub with an embedded PostgreSQL and two destinations. The steady rate is measured first. Then one destination is paused
and its backlog made by the server, every row a copy of a message that was really accepted. While it waits, both are sent to at
half the steady rate; when it drains, an urgent delivery is planted every second.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import orjson

from hub.bench.database import database
from hub.bench.rig import Rig, Scene, rig
from hub.bench.run import count, number, percentile, quiet

_PLANTED_LATELY = 1e6  # seconds: the backlog says of itself that it is a thousand million old
_LONGEST_WAIT = 15.0
_PAUSE = """
insert into destination_gate (destination, since, paused_at, paused_by, paused_reason)
values ('sink-1', now(), now(), 'bench', 'a backlog') on conflict (destination) do update set paused_at = now()
"""
_SEED = """
create temporary table template as select * from message order by id limit 1;
create temporary table made as
select n, 'old-' || n % $CASES as case_no, n / $CASES + 1 as position, now() - interval '1 hour' as at,
       ('01960000-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-'
        || lpad(to_hex(n), 12, '0'))::uuid as id
from generate_series(0, $COUNT - 1) n;
insert into message (id, system, sender_id, contract, version, case_no, accepted_at, content_type, codec, raw, canonical,
                     attributes, digest, table_version, receipt)
select m.id, t.system, 'old-' || m.n, t.contract, t.version, m.case_no, m.at, t.content_type, t.codec, t.raw, t.canonical,
       convert_to(jsonb_set(jsonb_set(convert_from(t.attributes, 'UTF8')::jsonb, '{id}', to_jsonb('old-' || m.n || '@-1e9')),
                            '{subject}', to_jsonb(m.case_no))::text, 'UTF8'),
       t.digest, t.table_version, t.receipt
from made m, template t;
insert into acceptance (system, sender_id, digest, message_id, accepted_at) select 'bench', 'old-' || n, '', id, at from made;
insert into case_message (case_no, message_id) select case_no, id from made;
insert into lane (destination, case_no, last_position) select 'sink-1', case_no, max(position) from made group by case_no;
insert into delivery (message_id, destination, delivery_id, case_no, position)
select id, 'sink-1', id, case_no, position from made;
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank, held, state,
                           due_at, accepted_at)
select id, id, 'sink-1', case_no, position, true, 'default', n % $CASES % 16, 5, at + interval '30 hours', position > 1,
       'waiting', at, at
from made;
"""
_URGENT = """
with planted as (
    insert into message (id, system, sender_id, contract, version, case_no, accepted_at, content_type, codec, raw, canonical,
                         attributes, digest, table_version, receipt)
    select $1, system, $2, contract, version, $2, now(), content_type, codec, raw, canonical,
           convert_to(jsonb_set(jsonb_set(convert_from(attributes, 'UTF8')::jsonb, '{id}', to_jsonb($3::text)),
                                '{subject}', to_jsonb($2::text))::text, 'UTF8'),
           digest, table_version, receipt
    from message where id = (select id from message order by id desc limit 1)
    returning id, case_no, accepted_at
),
laned as (insert into lane (destination, case_no, last_position) values ('sink-1', $2, 1))
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank, state,
                           due_at, accepted_at)
select id, id, 'sink-1', case_no, 1, true, 'default', $4, 0, accepted_at, 'waiting', accepted_at, accepted_at from planted
"""


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """One run, from an empty journal."""
    directory = Path(tempfile.mkdtemp(prefix="govhub-backlog-"))
    try:
        async with (
            database(None, directory) as base,
            rig(directory, base.dsn, "memory", Scene(http=2), {"database": lambda: base.pid}) as hub,
        ):
            connection = await asyncpg.connect(base.dsn)
            try:
                return await _measured(hub, connection, options)
            finally:
                await connection.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _measured(hub: Rig, connection: asyncpg.Connection, options: argparse.Namespace) -> dict[str, object]:
    order: dict[str, object] = {"cases": 10_000, "in_flight": 64, "seconds": options.seconds}
    before = (await hub.tally())["effects"]
    full = await hub.send({**order, "first": 0})
    steady = ((await hub.tally())["effects"] - before) / number(full, "seconds")
    effects = count(full, "accepted") * 2
    await quiet(hub, effects)

    await connection.execute(_PAUSE)
    began = time.monotonic()
    await connection.execute(
        _SEED.replace("$COUNT", str(options.count)).replace("$CASES", str(min(options.cases, options.count)))
    )
    await connection.execute("vacuum analyze delivery_open")
    seeded = time.monotonic() - began
    await hub.latencies()
    calm = await hub.send({**order, "first": 10**8, "rate": steady / 4})
    await quiet(hub, effects + count(calm, "accepted"))
    beside = sorted(await hub.latencies())
    answers = sorted(orjson.loads(orjson.dumps(calm["latencies"])))

    await connection.execute("update destination_gate set paused_at = null")
    before, began = (await hub.tally())["effects"], time.monotonic()
    urgent = await _plant(connection, options.seconds)
    drained = ((await hub.tally())["effects"] - before) / (time.monotonic() - began)
    waits = await _urgent_waits(hub, urgent)
    return {
        "backlog": options.count,
        "cases": options.cases,
        "seeded_s": seeded,
        "steady_deliveries_per_s": steady,
        "beside_accept_p99_ms": percentile(answers, 99),
        "beside_delivered_p99_ms": percentile(beside, 99),
        "drained_per_s": drained,
        "drained_of_steady": drained / steady,
        "urgent_planted": urgent,
        "urgent_delivered": len(waits),
        "urgent_longest_s": max(waits, default=None),
        "hub_rss_mib": hub.memory(),
    }


async def _plant(connection: asyncpg.Connection, seconds: float) -> int:
    """An urgent delivery each second, ready at the head of its lane. How many."""
    planted, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        await connection.execute(
            _URGENT,
            await connection.fetchval("select gen_random_uuid()"),
            f"urgent-{planted}",
            f"urgent-{planted}@{time.monotonic():.6f}",
            planted % 16,
        )
        planted += 1
        await asyncio.sleep(1.0)
    return planted


async def _urgent_waits(hub: Rig, planted: int) -> list[float]:
    """How long each was under way, in seconds; those that take longer than this waits are not among them."""
    waits: list[float] = []
    end = time.monotonic() + _LONGEST_WAIT
    while len(waits) < planted and time.monotonic() < end:
        await asyncio.sleep(0.5)
        waits += [value for value in await hub.latencies() if value < _PLANTED_LATELY]
    return waits


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20)
    found = asyncio.run(measure(parser.parse_args()))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
