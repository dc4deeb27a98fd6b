# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The private servers do what the tests rely on."""

import asyncpg

from tests.support.postgres import PrivatePostgres


async def test_each_test_gets_an_empty_database(dsn: str, postgres: PrivatePostgres) -> None:
    other = await postgres.fresh_database()
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table mark()")
    tables = await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'")
    await connection.close()
    connection = await asyncpg.connect(other)
    others = await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'")
    await connection.close()
    await postgres.drop_database(other)

    assert (tables, others) == (1, 0)


async def test_what_was_committed_survives_a_kill(dsn: str, postgres: PrivatePostgres) -> None:
    connection = await asyncpg.connect(dsn)
    version = await connection.fetchval("show server_version_num")
    await connection.execute("create table kept(number int); insert into kept values (1)")
    await postgres.kill()
    connection.terminate()
    await postgres.ensure_running()
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetchval("select count(*) from kept")
    await postgres.restart()
    connection.terminate()

    assert rows == 1
    assert int(version) // 10_000 == postgres.major
