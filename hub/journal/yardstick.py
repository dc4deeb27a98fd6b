# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL takes from a bare asyncpg, and a journal without its evidence log: benchmarks hold the journal against them."""

import time

import asyncpg

_ROW = b"x" * 2048


async def bare_inserts(dsn: str, seconds: float = 2.0, rows: int = 200) -> float:
    """Rows of 2 KB per second, durable, so many to a transaction, into a table with nothing but a primary key."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("create table if not exists yardstick_log (id bigint primary key, body bytea)")
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            await connection.execute(
                "insert into yardstick_log select * from unnest($1::bigint[], $2::bytea[])",
                list(range(count, count + rows)),
                [_ROW] * rows,
            )
            count += rows
        return count / (time.perf_counter() - begun)
    finally:
        await connection.execute("drop table if exists yardstick_log")
        await connection.close()


async def queue_no_leaves(dsn: str) -> None:
    """From now on no leaf of this journal gets a place in the log, as if there were none. For a journal that is thrown away."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("alter table leaf disable trigger leaf_queued")
    finally:
        await connection.close()
