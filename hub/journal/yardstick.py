# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL takes from a bare asyncpg: the journal is held against it in benchmarks."""

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
