# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of a front database into a hub, outcomes written back: ``python -m tests.benchmarks.front_db [ROWS]``.

A department has written completions into the national table; a hub takes them by its site's map, every hundredth is refused
for what it says, the others are accepted and delivered to a sink in the hub's own process. The clock stops when every row has
its flag. On PostgreSQL, then on MariaDB; each server, and the journal's, is a private one on this machine. Beside the wall
clock stands the processor time of the hub's process for each row, which other people's load does not change. Event loop and
collector are those of ``govhub run``.
"""

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import structlog
import uvloop

from connectors.front_db import CONNECTOR
from connectors.front_db.profiles import ddl
from connectors.sdk import Context
from connectors.sdk.session import open_session
from contracts.catalogue import builtin
from contracts.dialects.loading import Dialects, load_dialects
from hub.cli.serving import collect_seldom
from hub.inlet import Inlet
from hub.ports.clock import SystemClock
from tests.connectors.far_database import MariadbServer, PostgresServer, Server
from tests.connectors.front_db.conftest import statements
from tests.support.hubs import Destination, at_work, hub_on
from tests.support.mariadb import PrivateMariadb, find_mariadb
from tests.support.postgres import PrivatePostgres, find_postgres
from tests.support.sinks import ScriptedSink

TABLE = "up_pro_result_v4"
EVERY = 100
_MAP = Path(__file__).parents[2] / "examples/sites/river_city.yaml"
_CHUNK = 500


async def _written(server: Server, count: int) -> None:
    """As a department's program writes: many rows at a time."""
    make = "postgresql" if server.make == "postgresql" else "mysql"
    for statement in statements(ddl("national_v4", cast("Any", make))):
        await server.execute(statement)
    for begin in range(0, count, _CHUNK):
        rows = ", ".join(
            f"('{n:036}', 'I', '2026-03-05 10:00:05', '510500-{n:08}', '测试经办人', '2026-03-05 10:00:00', "
            f"'{'7' if n % EVERY == 0 else '1'}', '食品经营许可证', 'JY-{n}', '准予许可', '0')"
            for n in range(begin, min(begin + _CHUNK, count))
        )
        await server.execute(
            f"insert into {TABLE} (row_guid, cd_operation, cd_time, project_no, handle_user_name, result_date, result_type, "
            f"result_cetr_name, result_cetr_no, result_explain, is_delivery_results) values {rows}"
        )


async def _left(server: Server) -> int:
    (row,) = await server.fetch(f"select count(*) as n from {TABLE} where is_sync = '0'")
    return int(row["n"])


async def measure(journal: PrivatePostgres, server: Server, count: int) -> None:
    """One make, from the first claim to the last flag."""
    await _written(server, count)
    dialects = load_dialects({"river": _MAP}, builtin())
    assert isinstance(dialects, Dialects), dialects
    settings = {
        "url": f"{server.scheme}://127.0.0.1:{server.port}/{server.database}",
        "user": server.user,
        "password_secret": "front",
        "profile": "national_v4",
    }
    dsn = await journal.fresh_database()
    async with (
        open_session() as http,
        hub_on(
            dsn,
            {"housing": Destination(sink=ScriptedSink(), slots=256)},
            dialects={"portal": (dialects.by_name["river"],)},
            clock=cast("Any", SystemClock()),
        ) as rig,
    ):
        context = Context(
            destination="front",
            http=http,
            log=structlog.get_logger(),
            secret=lambda _: "made-up",
            monotonic=asyncio.get_running_loop().time,
        )
        async with CONNECTOR.source(CONNECTOR.source_config.model_validate(settings), context) as source:
            inlet = Inlet(name="front", system="portal", source=source, log=rig.hub.log, body_bytes=1024 * 1024)
            hub = replace(rig.hub, inlets={"front": inlet})
            began, used = time.perf_counter(), time.process_time()
            async with at_work(hub):
                while await _left(server):  # noqa: ASYNC110  # because a database tells nobody of a change
                    await asyncio.sleep(0.1)
                took, cpu = time.perf_counter() - began, time.process_time() - used
    rows = await server.fetch(f"select is_sync, count(*) as n from {TABLE} group by is_sync order by is_sync")
    fates = ", ".join(f"{row['is_sync']}: {row['n']}" for row in rows)
    sys.stdout.write(
        f"{server.make:12} {count / took:8.0f} rows/s   {cpu / count * 1e6:6.0f} us CPU of the hub per row   flags {fates}\n"
    )


async def main(count: int) -> None:
    """Both makes, one after the other."""
    program = find_mariadb()
    assert program is not None, "MariaDB is not installed"
    async with PrivatePostgres(find_postgres(15)) as journal:
        async with PrivatePostgres(find_postgres(15)) as front:
            postgres = PostgresServer(await front.fresh_database())
            await measure(journal, postgres, count)
            await postgres.close()
        async with PrivateMariadb(program) as maria:
            mariadb = MariadbServer(maria, await maria.fresh_database())
            await measure(journal, mariadb, count)
            await mariadb.close()


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
