# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A million records reconciled: how long each side takes to count, and how long it takes to find what differs.

``python -m tests.benchmarks.reconcile [ROWS]`` makes a journal and a far side's table in a PostgreSQL of its own, drops, alters
and doubles 0.1 % of the rows, and reconciles. Our side counts from the journal, theirs with ``examples/reconciliation``.
"""

import asyncio
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import asyncpg

from hub.ports.clock import SystemClock
from hub.ports.journal.reconciling import Reconciliation
from hub.reconcile.agreement import Agreements
from hub.reconcile.opening import reconciling_of
from tests.hub.reconcile.test_damage import AGREEMENT, BEGIN, DAY, FarSide, until_known
from tests.support.exchanged import DESTINATION, FAR_TABLE, Exchange, record, write_far
from tests.support.hubs import Destination, hub_on
from tests.support.postgres import PrivatePostgres, find_postgres
from tests.support.sinks import ScriptedSink

_ROWS = 1_000_000


async def main(rows: int) -> None:
    """Prepare, count on both sides, compare."""
    clock = SystemClock()
    exchange = Exchange(BEGIN, rows)
    portion = max(rows // 1000, 1)
    chosen = [exchange.case(n * 7919 % rows) for n in range(3 * portion)]
    async with PrivatePostgres(find_postgres(18)) as postgres:
        dsn = await postgres.fresh_database()
        async with hub_on(dsn, {DESTINATION: Destination(sink=ScriptedSink())}) as rig:
            connection = await asyncpg.connect(dsn)
            began = clock.monotonic()
            await record(connection, exchange)
            await connection.execute(FAR_TABLE)
            await write_far(connection, exchange)
            one_of = "project_no = any($1::text[])"
            await connection.execute("create index on up_pro_accept (project_no)")
            await connection.execute(f"delete from up_pro_accept where {one_of}", chosen[:portion])
            await connection.execute(
                f"update up_pro_accept set org_code = 'X' where {one_of}", chosen[portion : 2 * portion]
            )
            await connection.execute(
                f"insert into up_pro_accept select * from up_pro_accept where {one_of}", chosen[2 * portion :]
            )
            await connection.execute("analyze")
            print(f"prepared {rows} rows in {clock.monotonic() - began:.1f} s")
            desk = reconciling_of(replace(rig.hub, agreements=Agreements(all={AGREEMENT.name: AGREEMENT})))
            with tempfile.TemporaryDirectory() as folder:
                far = FarSide(Path(folder))
                began = clock.monotonic()
                await far.count(connection)
                print(f"their side counted in {clock.monotonic() - began:.1f} s")
                began = clock.monotonic()
                counted = await desk.run(AGREEMENT.name, DAY, "benchmark")
                assert isinstance(counted, Reconciliation), counted
                print(f"our side counted in {clock.monotonic() - began:.1f} s")
                began = clock.monotonic()
                compared = await until_known(desk, far)
                print(f"compared in {clock.monotonic() - began:.1f} s, {far.exchanged / 1e6:.1f} MB exchanged")
            await connection.close()
    print(f"{compared.verdict}: {compared.differences}")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROWS))
